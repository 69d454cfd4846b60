import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { logOf } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { definitionOf, tetraOf } from "../support/services.ts";
import { type RunOptions, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const compose = `services:
  db:
    image: postgres:16
  api:
    command: sh -c 'echo $$GREETING; exec sleep 600'
    environment: {GREETING: hello, API_TOKEN: t0p-secret}
    depends_on: [db, cache]
    networks: [x]
  cache:
    image: redis
    command: [sleep, "600"]
    restart: always
`;

function write(home: Home, name: string, text: string | Uint8Array): string {
  const file = join(home.folder, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Elsewhere pm2's home would be that of whoever runs the test. */
function own(home: Home): RunOptions {
  return { env: { HOME: home.folder, PM2_HOME: "" } };
}

/** What node makes of a file, in a copy that nobody has loaded yet. */
function loaded(file: string): { apps: Record<string, unknown>[] } {
  return createRequire(import.meta.url)(file);
}

describe("an ecosystem file", () => {
  test("is written, says what it lacks, and how it is started", async () => {
    const home = makeHome();
    write(home, "docker-compose.yml", compose);
    const { code, stdout, stderr } = await tsm(home, ["import", "docker-compose.yml"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("2 apps in ");
    expect(stdout).toContain("Not carried:\n  image of db (line 3): ");
    expect(stdout).toContain("  networks of api (line 8): ");
    expect(stdout).toContain("Start it with: tsm start ecosystem.config.cjs\n");
    expect(stdout).not.toContain("t0p-secret");
    const file = join(home.folder, "ecosystem.config.cjs");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(loaded(file).apps).toMatchObject([
      { name: "api", env: { GREETING: "hello", API_TOKEN: "t0p-secret" }, depends_on: ["cache"] },
      { name: "cache", script: "sleep", args: ["600"], autorestart: true },
    ]);
  });

  test("replaces no other one unless it is told to", async () => {
    const home = makeHome();
    write(home, "Procfile", "web: node web.js\n");
    const file = write(home, "ecosystem.config.cjs", "// mine\n");
    const refused = await tsm(home, ["import", "Procfile"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(`${file} is there already\n  --force replaces it`);
    expect(readFileSync(file, "utf8")).toBe("// mine\n");
    expect(await tsm(home, ["import", "Procfile", "--force"])).toMatchObject({ code: 0 });
    // The same once more is nothing new.
    expect(await tsm(home, ["import", "Procfile"])).toMatchObject({ code: 0 });
    expect(loaded(file).apps).toMatchObject([{ name: "web", script: "node web.js" }]);
  });

  test("is shown and not written by --print and --dry-run, its secrets masked", async () => {
    const home = makeHome();
    write(home, "docker-compose.yml", compose);
    const printed = await tsm(home, ["import", "docker-compose.yml", "--print"]);
    expect(printed).toMatchObject({ code: 0 });
    expect(printed.stdout).toContain("module.exports = {");
    expect(printed.stdout).toContain('API_TOKEN: "***MASKED***"');
    expect(printed.stderr).toContain("secrets are masked here; the file");
    const dry = await tsm(home, ["import", "docker-compose.yml", "--dry-run"]);
    expect(dry.stdout).toContain("Would write: ");
    const json = JSON.stringify(await tsmJson(home, ["import", "docker-compose.yml", "--dry-run"]));
    for (const text of [printed.stdout, dry.stdout, json]) expect(text).not.toContain("t0p-secret");
    expect(existsSync(join(home.folder, "ecosystem.config.cjs"))).toBe(false);
  });

  test("goes where --output says, in the form of its name", async () => {
    const home = makeHome();
    write(home, "Procfile", "web: node web.js\n");
    for (const name of ["x.json", "x.yaml", "x.config.mjs"])
      expect(await tsm(home, ["import", "Procfile", "-o", name])).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(join(home.folder, "x.json"), "utf8"))).toMatchObject({ apps: [{ name: "web" }] });
    const linked = join(home.folder, "link.json");
    symlinkSync(join(home.folder, "x.json"), linked);
    await tsm(home, ["import", "Procfile", "-o", "link.json", "--force"]);
    expect(statSync(linked).isFile()).toBe(true);
    for (const [name, because] of [
      ["x.js", "not a name for an ecosystem file"],
      ["nowhere/x.json", "there is no folder"],
      [".", "is a folder"],
      ["/dev/null", "is not a file"],
    ] as const) {
      const refused = await tsm(home, ["import", "Procfile", "--output", name, "--force"]);
      expect(refused.stderr).toContain(because);
      expect([64, 66]).toContain(refused.code);
    }
  });

  test("has only what --only names, and needs nothing else", async () => {
    const home = makeHome();
    write(home, "docker-compose.yml", compose);
    const { stdout } = await tsm(home, ["import", "docker-compose.yml", "--only", "api"]);
    expect(stdout).toContain("depends_on of api: 'cache' was not asked for");
    expect(loaded(join(home.folder, "ecosystem.config.cjs")).apps).toHaveLength(1);
    const wrong = await tsm(home, ["import", "docker-compose.yml", "--only", "nobody"]);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).toContain("there is no 'nobody' in it\n  There are api, cache");
  });
});

describe("what is imported", () => {
  test("is found in the folder when nothing is said, and asked for when there are several", async () => {
    const home = makeHome();
    const nothing = await tsm(home, ["import"]);
    expect(nothing).toMatchObject({ code: 66 });
    write(home, "Procfile", "web: node web.js\n");
    expect((await tsm(home, ["import", "--dry-run"])).stdout).toContain("(Procfile)");
    write(home, "package.json", '{"scripts": {"start": "node x"}}');
    const several = await tsm(home, ["import"]);
    expect(several).toMatchObject({ code: 64 });
    expect(several.stderr).toContain("there are several: Procfile, package.json");
    expect((await tsm(home, ["import", "package.json", "--dry-run"])).stdout).toContain("npm run start");
  });

  test("may be called anything when its kind is said", async () => {
    const home = makeHome();
    write(home, "odd.txt", "web: node web.js # really?\nhttp://no: x\n");
    expect(await tsm(home, ["import", "odd.txt"])).toMatchObject({ code: 65 });
    expect(await tsm(home, ["import", "procfile", "odd.txt"])).toMatchObject({ code: 0 });
    const unknown = await tsm(home, ["import", "systemd", "odd.txt"]);
    expect(unknown).toMatchObject({ code: 64 });
    expect(unknown.stderr).toContain("The kinds are pm2, procfile");
  });

  test("is never run", async () => {
    const home = makeHome();
    const pwned = join(home.folder, "pwned");
    const evil = `$(touch ${pwned})`;
    write(home, "Procfile", `web: ${evil} \`touch ${pwned}\`\n`);
    write(home, ".env", `A=${evil}\n`);
    write(home, "compose.yml", `services: {a: {command: "${evil}", environment: {X: "\${NO:-${evil}}"}}}\n`);
    write(home, "supervisord.conf", `[program:x]\ncommand=${evil}\nenvironment=A="${evil}"\n`);
    write(home, "package.json", `{"scripts": {"start": "touch ${pwned}", "prestart": "touch ${pwned}"}}`);
    for (const file of ["Procfile", "compose.yml", "supervisord.conf", "package.json"])
      expect(await tsm(home, ["import", file, "--force"])).toMatchObject({ code: 0 });
    expect(existsSync(pwned)).toBe(false);
  });

  test.for([
    { name: "empty", file: "Procfile", text: "", code: 65 },
    { name: "binary", file: "Procfile", text: new Uint8Array([0, 1, 2, 255]), code: 65 },
    { name: "not UTF-8", file: "Procfile", text: new Uint8Array([0x77, 0xff, 0xfe]), code: 65 },
    { name: "cut off", file: "dump.pm2", text: '[{"name": "x", "pm_exec', code: 65 },
    { name: "huge", file: "dump.pm2", text: " ".repeat(17 * 1024 * 1024), code: 65 },
    { name: "deep", file: "dump.pm2", text: "[".repeat(300_000), code: 65 },
    { name: "deep", file: "compose.yml", text: `services: ${"{a: ".repeat(20_000)}`, code: 65 },
    { name: "images alone", file: "compose.yml", text: "services: {db: {image: postgres}}\n", code: 65 },
    { name: "circle", file: "compose.yml", text: "services: &s {a: *s}\n", code: 65 },
  ])("is refused in words when it is $name: $file", async ({ file, text, code }) => {
    const home = makeHome();
    write(home, file, text);
    const refused = await tsm(home, ["import", file]);
    expect(refused).toMatchObject({ code, stdout: "" });
    expect(refused.stderr).toMatch(/^tsm: \S/);
    expect(refused.stderr).not.toContain("bug of tsm");
    expect(existsSync(join(home.folder, "ecosystem.config.cjs"))).toBe(false);
  });

  test("is no folder, no device and nothing that is not there", async () => {
    const home = makeHome();
    for (const path of ["nothing", "/dev/zero", "pm2"]) {
      const refused = await tsm(home, ["import", path], own(home));
      expect(refused).toMatchObject({ code: 66, stdout: "" });
    }
    mkdirSync(join(home.folder, "empty"));
    expect((await tsm(home, ["import", "empty"])).stderr).toContain("nothing to import in 'empty'");
  });

  test("has names that cannot move the cursor", async () => {
    const home = makeHome();
    write(home, "compose.yml", 'services: {"a\\e[2J/b": {command: "run \\e[31m"}}\n');
    const { code, stdout } = await tsm(home, ["import", "compose.yml"]);
    expect(code).toBe(0);
    expect(stdout).not.toContain("\u001b");
    expect(loaded(join(home.folder, "ecosystem.config.cjs")).apps).toMatchObject([{ name: "a-[2J-b" }]);
  });
});

describe("pm2", () => {
  test("its saved list is found in PM2_HOME, else in ~/.pm2", async () => {
    const home = makeHome();
    for (const folder of [".pm2", "elsewhere"]) {
      mkdirSync(join(home.folder, folder));
      copyFileSync("test/fixtures/pm2/dump.pm2", join(home.folder, folder, "dump.pm2"));
    }
    const asked = async (env: Record<string, string>) =>
      (await tsm(home, ["import", "pm2", "--dry-run"], { env: { HOME: home.folder, ...env } })).stdout;
    expect(await asked({ PM2_HOME: "" })).toContain(`12 apps in ${home.folder}/.pm2/dump.pm2`);
    expect(await asked({ PM2_HOME: join(home.folder, "elsewhere") })).toContain("elsewhere/dump.pm2");
  });

  test("without a list it is said where one would be, and that there is an older one", async () => {
    const home = makeHome();
    const none = await tsm(home, ["import", "pm2"], own(home));
    expect(none).toMatchObject({ code: 66 });
    expect(none.stderr).toContain("/.pm2/dump.pm2\n  pm2 save writes it");
    write(home, ".pm2/dump.pm2.bak", "[]");
    const older = await tsm(home, ["import", "pm2"], own(home));
    expect(older.stderr).toContain("There is an older one: tsm import pm2 ");
  });

  test("what it still runs is told, and what to do", async () => {
    const home = makeHome();
    copyFileSync("test/fixtures/pm2/dump.pm2", write(home, ".pm2/dump.pm2", ""));
    const quiet = await tsm(home, ["import", "pm2", "--dry-run"], own(home));
    expect(quiet.stderr).toBe("");
    // A daemon is a process that calls itself PM2.
    await tsm(home, ["start", "--name", "daemon", "--settle", "0", "bash", "-c", "sleep 600; : PM2 v7.0.4"]);
    const { pid } = (await tsmJson(home, ["info", "daemon"])) as { pid: number };
    write(home, ".pm2/pm2.pid", `${pid}`);
    write(home, ".pm2/pids/api-0.pid", `${pid}`);
    write(home, ".pm2/pids/gone-1.pid", "999999999");
    write(home, ".pm2/pids/odd-2.pid", "no pid");
    const told = await tsm(home, ["import", "pm2", "--dry-run"], own(home));
    expect(told).toMatchObject({ code: 0 });
    expect(told.stderr).toMatch(/^tsm: pm2 still runs api: .*pm2 kill/);
  });
});

describe("services", () => {
  test("are written to an org, and run as the file says", async () => {
    const home = makeHome();
    write(home, "docker-compose.yml", compose);
    const { code, stdout } = await tsm(home, ["import", "docker-compose.yml", "--services", "acme"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`✅ Written: ${definitionOf(home, "acme/api")}\n`);
    expect(stdout).toContain("Start it with: tsm enable acme/api acme/cache && tsm startup\n");
    const env = join(tetraOf(home), "orgs/acme/tsm/env/api.env");
    expect(statSync(env).mode & 0o777).toBe(0o600);
    expect(readFileSync(env, "utf8")).toBe("GREETING=hello\nAPI_TOKEN=t0p-secret\n");
    expect(readFileSync(definitionOf(home, "acme/api"), "utf8")).toContain("TSM_DEPENDS=acme/cache\n");
    const started = await tsm(home, ["start", "acme/api"]);
    expect(started).toMatchObject({ code: 0 });
    await until("it has spoken", () => logOf(home, "api-auto") === "hello\n");
    expect(await tsmJson(home, ["services"])).toMatchObject([
      { ref: "acme/api", status: "online", problems: [] },
      { ref: "acme/cache", status: "online", problems: [] },
    ]);
  });

  test("instances are services of their own, with ports of their own", async () => {
    const home = makeHome();
    copyFileSync("test/fixtures/pm2/dump.pm2", join(home.folder, "dump.pm2"));
    const { code, stdout } = await tsm(home, ["import", "dump.pm2", "--services", "acme", "--only", "api,py"]);
    expect(code).toBe(0);
    expect(stdout).toContain("a service file has no word for it");
    expect(await tsmJson(home, ["services"])).toMatchObject([
      { ref: "acme/api-0", port: 41310, command: "node --max-old-space-size=128 /srv/app/server.js", problems: [] },
      { ref: "acme/api-1", port: 41311 },
      { ref: "acme/py", command: "python3 /srv/app/job.py --msg 'two words' 'it'\\''s'" },
    ]);
  });

  test("the command that starts them is one that can be pasted, whatever they are called", async () => {
    const home = makeHome();
    const list = ["two words", "$(touch it)"].map((name) => ({ name, pm_exec_path: "/bin/sleep", args: ["600"] }));
    write(home, "dump.pm2", JSON.stringify(list));
    const { stdout } = await tsm(home, ["import", "dump.pm2", "--services", "acme"]);
    expect(stdout).toContain("Start it with: tsm enable 'acme/two words' 'acme/$(touch it)' && tsm startup\n");
    const one = await tsm(home, ["import", "dump.pm2", "--services", "acme", "--only", "two words", "--force"]);
    expect(one.stdout).toContain("Start it with: tsm start 'acme/two words'\n");
    const file = await tsm(home, ["import", "dump.pm2", "-o", "the apps.json"]);
    expect(file.stdout).toContain("Start it with: tsm start 'the apps.json'\n");
  });

  test("are written all or not at all, and replaced only when told", async () => {
    const home = makeHome();
    write(home, "Procfile", "a: run a\nb: run b\n");
    await tsm(home, ["save", "acme/b", "mine"]);
    const refused = await tsm(home, ["import", "Procfile", "--services", "acme"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("there are others already: acme/b");
    expect(existsSync(definitionOf(home, "acme/a"))).toBe(false);
    expect(await tsm(home, ["import", "Procfile", "--services", "acme", "--force"])).toMatchObject({ code: 0 });
    expect(readFileSync(definitionOf(home, "acme/b"), "utf8")).toContain("TSM_COMMAND='run b'");
    for (const org of ["a/b", "..", ""])
      expect(await tsm(home, ["import", "Procfile", "--services", org])).toMatchObject({ code: 64 });
  });
});

test("a value that no app may have is taken away and told, so that the file can be started", async () => {
  const home = makeHome();
  const odd = "command: run, stop_signal: SIGWINCH, stop_grace_period: 48h, mem_limit: 0, user: nobody";
  write(home, "compose.yml", `services: {a: {${odd}, healthcheck: {test: x, retries: 0}}}\n`);
  const { code, stdout } = await tsm(home, ["import", "compose.yml"]);
  expect(code).toBe(0);
  expect(stdout).toContain("kill_signal of a: 'SIGWINCH' cannot be said here");
  expect(stdout).toContain("kill_timeout of a: '172800000' cannot be said here");
  expect(loaded(join(home.folder, "ecosystem.config.cjs")).apps).toEqual([
    { name: "a", script: "run", interpreter: "none", cwd: home.folder, autorestart: false, health: "cmd:x" },
  ]);
});

test("a pid file and options of the watch come along from pm2, and options that no app may have are told", async () => {
  const home = makeHome();
  const app = script(home, "app.sh", "#!/bin/sh\nexec sleep 600\n", 0o755);
  const of = (name: string, watch_options: object) => ({
    name,
    pm_exec_path: app,
    exec_interpreter: "none",
    pm_cwd: home.folder,
    pm_pid_path: join(home.folder, `${name}-3.pid`),
    watch_options,
  });
  write(home, "dump.pm2", JSON.stringify([of("a", { usePolling: true, interval: 50 }), of("b", { nosuch: 1 })]));
  const { code, stdout } = await tsm(home, ["import", "pm2", "dump.pm2"]);
  expect(code).toBe(0);
  expect(stdout).toContain("watch_options of b: it has what cannot be said here");
  expect(await tsm(home, ["start", "--settle", "0"])).toMatchObject({ code: 0, stderr: "" });
  for (const name of ["a", "b"])
    await until(`${name} has its pid file`, () => existsSync(join(home.folder, `${name}.pid`)));
  expect((await tsm(home, ["apply"])).stdout).toContain("everything is as the file says");
});

test("what was written starts, in the order that was carried", async () => {
  const home = makeHome();
  write(home, "compose.yaml", compose.replace("[db, cache]", "[cache]").replace(/ {2}db:\n.*\n/, ""));
  expect(await tsm(home, ["import", "compose.yaml"], own(home))).toMatchObject({ code: 0 });
  expect(await tsm(home, ["start", "ecosystem.config.cjs"], own(home))).toMatchObject({ code: 0, stderr: "" });
  const names = ((await tsmJson(home, ["list"])) as { name: string }[]).map(({ name }) => name);
  expect(names).toEqual(["cache", "api"]);
  await until("it greets", () => logOf(home, "api") === "hello\n");
});
