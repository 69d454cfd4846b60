import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { script } from "../support/scripts.ts";
import { define, tetraOf } from "../support/services.ts";
import { environmentOf, problemsOf, valuesOf, wordsOf } from "../support/systemd.ts";
import { tsm } from "../support/tsm.ts";

const words = [
  "a b",
  "",
  ";",
  "a;b",
  '"q"',
  "'",
  "\\",
  "%h %n %%",
  "$HOME $\x7bX} $$",
  "new\nline\ttab",
  "é",
  "@x",
  "-y",
  "`id`",
];

test("a process: its words, environment, folder, port and policy, as they are", async () => {
  const home = makeHome();
  const port = await freePort();
  script(home, "env/local.env", "FROM_FILE='a $HOME b'\nSHARED=file\n");
  const hostile = 'it\'s "q" \\ $HOME `id` %h\nnext line # no comment';
  const flags = [
    "--port",
    String(port),
    "--env",
    "local",
    "--restart",
    "always",
    "--restart-delay",
    "2s",
    "--max-restarts",
    "7",
  ];
  const limits = [
    "--kill-signal",
    "SIGINT",
    "--kill-timeout",
    "1500ms",
    "--stop-exit-codes",
    "3,4",
    "--nice",
    "5",
    "--limit-nofile",
    "500",
  ];
  const command = ["--max-memory", "200M", "--", "sh", "-c", "exec sleep 600", ...words];
  await tsm(home, ["start", "--settle", "0", "--name", "api", ...flags, ...limits, ...command], {
    env: { HOSTILE: hostile, SHARED: "caller", SSH_TTY: "/dev/pts/1" },
  });
  const done = await tsm(home, ["export", "systemd", "api", "-o", "units"]);
  expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining("over its memory limit") });
  const file = join(home.folder, "units", `tsm-api-${port}.service`);
  const unit = readFileSync(file, "utf8");
  expect(problemsOf(file)).toBe("");
  expect(wordsOf(value(unit, "ExecStart"), "expanded").slice(1)).toEqual(["-c", "exec sleep 600", ...words]);
  expect(wordsOf(value(unit, "ExecStart"), "expanded")[0]).toMatch(/^\/.*\/sh$/);
  expect(value(unit, "WorkingDirectory")).toBe(home.folder);
  const expected = {
    Restart: "always",
    RestartSec: "2000ms",
    StartLimitBurst: "7",
    RestartPreventExitStatus: "3 4",
    KillSignal: "SIGINT",
    TimeoutStopSec: "1500ms",
    MemoryMax: String(200 * 1024 * 1024),
    Nice: "5",
    LimitNOFILE: "500",
    User: process.getBuiltinModule("node:os").userInfo().username,
  };
  for (const [key, wanted] of Object.entries(expected)) expect(value(unit, key), key).toBe(wanted);
  const environmentFile = value(unit, "EnvironmentFile");
  expect(environmentFile).toBe(join(home.folder, "units", `tsm-api-${port}.env`));
  expect(statSync(environmentFile).mode & 0o777).toBe(0o600);
  const env = environmentOf(readFileSync(environmentFile, "utf8"));
  expect(env).toMatchObject({ HOSTILE: hostile, FROM_FILE: "a $HOME b", SHARED: "file", PORT: String(port) });
  expect(Object.keys(env).filter((name) => /^TSM_|^SSH_|^PWD$|^TERM$/.test(name))).toEqual([]);
});

test("a service that does not run, behind what it depends on; without -o nothing is written", async () => {
  const home = makeHome();
  define(home, "tetra/db", "TSM_COMMAND='sleep 600'\n");
  define(
    home,
    "tetra/api",
    `TSM_COMMAND='sleep 601'\nTSM_DEPENDS=db\nTSM_CWD=${home.folder}\nTSM_DESCRIPTION='50% of $all'\n`,
  );
  const { code, stdout, stderr } = await tsm(home, ["export", "systemd", "tetra/api"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(value(stdout, "After")).toBe("tsm-tetra-db.service");
  expect(value(stdout, "Wants")).toBe("tsm-tetra-db.service");
  expect(value(stdout, "Description")).toBe("50%% of $all");
  expect(value(stdout, "Restart")).toBe("on-failure");
  expect(existsSync(join(home.path, "runtime/processes/api-auto"))).toBe(false);
  for (const ref of ["db", "api"]) await tsm(home, ["export", "systemd", `tetra/${ref}`, "-o", "units"]);
  expect(problemsOf(join(home.folder, "units/tsm-tetra-api.service"))).toBe("");
});

test("an app of a file, behind what it depends on; of its hooks it is said that they are left out", async () => {
  const home = makeHome();
  define(home, "tetra/db", "TSM_COMMAND='sleep 600'\nTSM_ENV=none\n");
  await tsm(home, ["start", "tetra/db", "--settle", "0"]);
  const apps = [
    { name: "queue", script: "sleep 600" },
    { name: "api", script: "sleep 600", depends_on: ["queue", "db-auto"], hooks: { pre_stop: "true" } },
  ];
  const file = script(home, "apps.json", JSON.stringify(apps));
  expect(await tsm(home, ["start", file, "--settle", "0"])).toMatchObject({ code: 0 });
  const { stdout, stderr } = await tsm(home, ["export", "systemd", "api"]);
  expect(value(stdout, "After")).toBe("tsm-queue.service tsm-tetra-db.service");
  expect(value(stdout, "Wants")).toBe("tsm-queue.service tsm-tetra-db.service");
  expect(stderr).toBe("tsm: the hook pre_stop is left out\n");
});

test("a path that would end its line, another's file and a file that only bash can read are refused", async () => {
  const home = makeHome();
  script(home, "bad\nUser=root/x.txt", "");
  await tsm(home, ["start", "--settle", "0", "--name", "bad", "--cwd", "bad\nUser=root", "--", "sleep", "600"]);
  const refused = await tsm(home, ["export", "systemd", "bad"]);
  expect(refused).toMatchObject({ code: 65, stdout: "" });
  expect(refused.stderr).toContain("cannot stand in a unit");
  await tsm(home, ["start", "--settle", "0", "--name", "good", "--", "sleep", "600"]);
  const mine = script(home, "units/tsm-good.env", "mine\n");
  expect(await tsm(home, ["export", "systemd", "good", "-o", "units"])).toMatchObject({ code: 1, stdout: "" });
  expect(readFileSync(mine, "utf8")).toBe("mine\n");
  define(home, "tetra/bashy", "touch pwned; TSM_COMMAND='sleep 600'\n");
  expect(await tsm(home, ["export", "systemd", "tetra/bashy"])).toMatchObject({ code: 65 });
  expect(existsSync(join(home.folder, "pwned"))).toBe(false);
});

test("a pre-hook is sourced before it", async () => {
  const home = makeHome();
  const hook = script(home, "hook.sh", "export FROM_HOOK=yes\n");
  await tsm(home, ["start", "--settle", "0", "--name", "hooked", "--pre-hook", hook, "--", "sleep", "600"]);
  const { stdout, stderr } = await tsm(home, ["export", "systemd", "hooked"]);
  const [bash, , , given, ...argv] = wordsOf(value(stdout, "ExecStart"), "expanded");
  expect([bash, given, argv.at(-1)]).toEqual(["/bin/bash", hook, "600"]);
  expect(stderr).toContain(hook);
});

test("what it begins with is what a start makes of its pre-hook", async () => {
  const home = makeHome();
  const hook = script(
    home,
    "hook.sh",
    'cd /\nPATH=$TETRA_DIR/bin:$PATH\nGIVEN=$#\nexport GIVEN\n[ -s "$TETRA_DIR/nosuch" ] && source "$TETRA_DIR/nosuch"\n',
  );
  const own = join(tetraOf(home), "bin/sleep");
  mkdirSync(dirname(own), { recursive: true });
  writeFileSync(own, '#!/bin/sh\necho "mine $GIVEN $PWD $*"\n', { mode: 0o755 });
  await tsm(home, ["start", "--settle", "0", "--name", "hooked", "--pre-hook", hook, "--", "sleep", "6 0", "0"]);
  await tsm(home, ["export", "systemd", "hooked", "-o", "units"]);
  const unit = readFileSync(join(home.folder, "units/tsm-hooked.service"), "utf8");
  const [program = "", ...args] = wordsOf(value(unit, "ExecStart"), "expanded");
  const env = environmentOf(readFileSync(join(home.folder, "units/tsm-hooked.env"), "utf8"));
  const { TETRA_DIR: _, ...without } = env;
  const { stdout, stderr, status } = spawnSync(program, args, { cwd: home.folder, env: without, encoding: "utf8" });
  expect({ stdout, stderr, status }).toEqual({ stdout: `mine 0 ${home.folder} 6 0 0\n`, stderr: "", status: 0 });
});

test("a pre-hook that fails keeps it from starting", async () => {
  const home = makeHome();
  const hook = script(home, "hook.sh", "return 3\n");
  await tsm(home, ["start", "--settle", "0", "--name", "hooked", "--pre-hook", hook, "--", "echo", "ran"]);
  const { stdout: unit } = await tsm(home, ["export", "systemd", "hooked"]);
  const [program = "", ...args] = wordsOf(value(unit, "ExecStart"), "expanded");
  expect(spawnSync(program, args, { encoding: "utf8" })).toMatchObject({ status: 3, stdout: "" });
});

function value(unit: string, key: string): string {
  const [only, another] = valuesOf(unit, key);
  if (only === undefined || another !== undefined) throw new Error(`not one ${key} in ${unit}`);
  return only;
}
