import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromPm2 } from "../../../src/integrations/pm2-dump.ts";
import { importSource, places, said } from "../../support/import-source.ts";

/* dump.pm2 and jlist.json are what pm2 7.0.4 wrote for the same processes; names of the machine are changed. */

const dump = readFileSync("test/fixtures/pm2/dump.pm2", "utf8");
const jlist = readFileSync("test/fixtures/pm2/jlist.json", "utf8");
const file = "/home/deploy/.pm2/dump.pm2";
const imported = fromPm2(importSource(file, dump));
const common = { cwd: "/srv/app", autorestart: true, kill_signal: "SIGINT" };

/** As the ecosystem file said it with which each was started, and pm2's own defaults where TSM's differ. */
const expected: Readonly<Record<string, Record<string, unknown>>> = {
  api: {
    ...common,
    namespace: "web",
    script: "/srv/app/server.js",
    interpreter: "node",
    node_args: ["--max-old-space-size=128"],
    env: { PORT: "41310", NODE_ENV: "development", DB_PASSWORD: "s3cret" },
    environments: { production: { NODE_ENV: "production", PORT: "41410" } },
    instances: 2,
    increment_var: "PORT",
    merge_logs: true,
    max_memory_restart: "200M",
    kill_timeout: 3000,
    listen_timeout: 5000,
  },
  py: {
    ...common,
    script: "/srv/app/job.py",
    interpreter: "python3",
    args: ["--msg", "two words", "it's"],
    env: { PYTHONUNBUFFERED: "1" },
    restart_delay: 500,
    max_restarts: 5,
    min_uptime: 2000,
  },
  cron: {
    ...common,
    script: "/srv/app/run.sh",
    interpreter: "bash",
    autostart: false,
    autorestart: false,
    cron_restart: "0 3 * * *",
    out_file: "/srv/app/cron.out.log",
    error_file: "/dev/null",
    log_date_format: "YYYY-MM-DD HH:mm:ss",
  },
  watcher: {
    ...common,
    script: "/srv/app/worker.js",
    interpreter: "node",
    args: ["a", "b c", "d"],
    filter_env: ["SECRET_"],
    watch: ["src", "lib"],
    ignore_watch: ["node_modules", "*.tmp"],
    exp_backoff_restart_delay: 100,
    stop_exit_codes: [0, 3],
    time: true,
  },
  shellcmd: {
    ...common,
    script: "echo hi && sleep 100000",
    log_file: "/srv/app/comb.log",
    exp_backoff_restart_delay: 200,
    treekill: false,
  },
  bin: { ...common, script: "/bin/sleep", args: ["100000"], interpreter: "none" },
  forks: {
    ...common,
    script: "/srv/app/worker.js",
    interpreter: "node",
    env: { API_TOKEN: "tok-123" },
    instances: 2,
    instance_var: "INSTANCE_ID",
    log_type: "json",
  },
  single: { ...common, script: "/srv/app/server.js", interpreter: "node", args: ["--flag", "x y"] },
  web8: { ...common, script: "python3 -m http.server 41555" },
  envport: { ...common, script: "/srv/app/server.js", interpreter: "node", env: { PORT: "41600" } },
  fromshell: {
    ...common,
    script: "/srv/app/worker.js",
    interpreter: "node",
    env: { NODE_ENV: "production" },
    instances: 2,
    autorestart: false,
    watch: true,
    max_memory_restart: "1G",
    kill_timeout: 4000,
  },
  ready: {
    ...common,
    script: "/srv/app/server.js",
    interpreter: "node",
    env: { PORT: "41700", NODE_ENV: "staging" },
    instances: 3,
    increment_var: "PORT",
    kill_timeout: 1600,
    listen_timeout: 2500,
    watch_delay: 300,
    watch_options: { followSymlinks: false },
    pid_file: "/srv/app/ready.pid",
    disable_logs: true,
  },
};

test("every process of pm2 is an app, its instances together", () => {
  expect(imported.apps.map(({ name }) => name)).toEqual(Object.keys(expected));
});

test.for(Object.entries(expected))("%s is what it was, field by field", ([name, fields]) => {
  expect(said(imported.apps.find((app) => app.name === name))).toEqual({ name, ...fields });
});

test("what jlist prints says the same as what save writes", () => {
  expect(fromPm2(importSource("/tmp/jlist.json", jlist))).toEqual(imported);
});

describe("the environment of the shell", () => {
  test("is left behind, and named", () => {
    const text = JSON.stringify(imported.apps);
    expect(text).not.toContain("AKIA-not-a-real-key");
    expect(text).not.toContain('"PATH"');
    const lost = imported.remarks.filter(({ attribute }) => attribute === "env");
    expect(lost.find(({ app }) => app === "fromshell")?.what).toContain("DATABASE_URL");
    expect(lost.map(({ what }) => what).join()).not.toMatch(/\b(?:PATH|HOME|SHLVL|PM2_HOME)\b|postgres:/);
  });

  test("is carried where somebody asks for it", () => {
    const { apps } = fromPm2(importSource(file, dump, { keepEnv: ["DATABASE_URL"] }));
    const [kept] = apps.filter(({ name }) => name === "fromshell");
    expect(kept?.env).toEqual({ DATABASE_URL: "postgres://u:pw@db/x", NODE_ENV: "production" });
    expect(apps.find(({ name }) => name === "single")?.env).toBeUndefined();
  });

  test("an older pm2 that set no marks gives what the shell cannot have given", () => {
    const env = { PATH: "/bin", PORT: "3000", SECRET: "x", RETRIES: 3, old: "{}" };
    const text = JSON.stringify([{ name: "old", pm_exec_path: "/a.js", env }]);
    expect(fromPm2(importSource(file, text)).apps[0]?.env).toEqual({ PORT: "3000", RETRIES: "3" });
  });
});

test("what cannot be carried is told of each", () => {
  const lost = places(imported.remarks, "lost").filter((place) => !place.endsWith(" env"));
  expect(lost).toEqual(["bin kill_retry_time", "forks source_map_support"]);
  expect(places(imported.remarks, "changed")).toEqual([
    "api exec_mode",
    "cron status",
    "watcher exec_mode",
    "fromshell exec_mode",
    "ready exec_mode",
  ]);
});

test.for([
  { text: "", because: "it is empty" },
  { text: "{}", because: "no array" },
  { text: "[1]", because: "not a process" },
  { text: `${dump.slice(0, 4000)}`, because: "not JSON" },
])("a list that breaks off is refused, and nothing of it is quoted: $because", ({ text, because }) => {
  const refused = () => fromPm2(importSource(file, text));
  expect(refused).toThrow(because);
  expect(refused).not.toThrow("s3cret");
});

test("a pm2 that lives elsewhere has chosen its logs and pid files itself all the same", () => {
  const of = (values: object) =>
    fromPm2(
      importSource(
        file,
        JSON.stringify([
          { name: "a", pm_exec_path: "/srv/a.js", pm_pid_path: "/var/pm2-prod/pids/a-0.pid", ...values },
        ]),
      ),
    );
  const [out, err] = ["/var/pm2-prod/logs/a-out.log", "/srv/err.log"];
  for (const home of [{ PM2_HOME: "/var/pm2-prod" }, { env: { PM2_HOME: "/var/pm2-prod" } }]) {
    const { apps } = of({ ...home, pm_out_log_path: out, pm_err_log_path: err });
    expect(apps[0]).toMatchObject({ out_file: undefined, error_file: err, pid_file: undefined });
  }
  expect(of({ pm_out_log_path: out }).apps[0]).toMatchObject({ out_file: out });
});

test("what pm2 takes for no is no", () => {
  const app = { name: "a", pm_exec_path: "/srv/a.js", autorestart: "false", cron_restart: "0" };
  const { apps } = fromPm2(importSource(file, JSON.stringify([app])));
  expect(apps[0]).toMatchObject({ autorestart: false, cron_restart: undefined });
});

test("names that no process may have, and two that are the same, are told apart", () => {
  const one = { pm_exec_path: "/a.js", pm_cwd: "/", env: {} };
  const text = JSON.stringify([
    { ...one, name: "a/b" },
    { ...one, name: "all" },
    { ...one, name: "x" },
    { ...one, name: "x", args: ["2"] },
    { ...one, name: "x\u001b[2J" },
    { ...one, name: 7 },
    { ...one, name: "" },
    { name: "no script" },
  ]);
  const { apps, remarks } = fromPm2(importSource(file, text));
  expect(apps.map(({ name }) => name)).toEqual(["a-b", "app-all", "x", "x-2", "x-[2J", "7", "a"]);
  expect(places(remarks, "lost")).toEqual(["no script pm_exec_path"]);
});

test("a variable called __proto__ or with a NUL is none", () => {
  const env = '{"PM2_USAGE":"CLI","__proto__":"x","OK":"1","NUL":"a\\u0000b","a b":"2"}';
  const text = `[{"name":"x","pm_exec_path":"/a.js","env":${env}}]`;
  expect(fromPm2(importSource(file, text)).apps[0]?.env).toEqual({ OK: "1" });
});
