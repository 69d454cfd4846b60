import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf, meta, services } from "../support/managed.ts";
import { script } from "../support/scripts.ts";
import { startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

async function failing(home: Home, hook: string, ...flags: string[]) {
  const path = script(home, "hook.sh", hook);
  script(home, "app.sh", "echo RAN\nexec sleep 600\n");
  return await tsm(home, ["start", "app.sh", "--pre-hook", path, ...flags]);
}

test.for([
  { hook: "echo out; echo err >&2; false", says: ["out", "err", "failed with exit code 1"], exit: { code: 1 } },
  { hook: "[ -d nothing ] || return 3", says: ["failed with exit code 3"], exit: { code: 3 } },
  { hook: "exit 0", says: ["ended the start with exit code 0"], exit: { code: 1 } },
  { hook: "exit 7", says: ["ended the start with exit code 7"], exit: { code: 7 } },
  { hook: "set -e\nfalse\ntrue", says: ["ended the start with exit code 1"], exit: { code: 1 } },
  { hook: "set -u\n: $nothing\ntrue", says: ["nothing: unbound variable"], exit: {} },
  { hook: "if true; then", says: ["syntax error"], exit: { code: 2 } },
  { hook: "set -e; trap 'true' EXIT; false", says: ["exit code 1"], exit: { code: 1 } },
  { hook: "kill -KILL $$", says: ["killed by SIGKILL"], exit: { signal: "SIGKILL" } },
  { hook: "false && true\nfalse\n[ -s nothing ] && true", says: ["failed with exit code 1"], exit: { code: 1 } },
])("a hook that fails stops the start, with what it said: $hook", async ({ hook, says, exit }) => {
  const home = makeHome();
  const outcome = await failing(home, hook);
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain("'app' was not started, as its pre-hook failed");
  for (const each of says) expect(outcome.stderr).toContain(each);
  expect(meta(home, "app")).toMatchObject({ status: "crashed", reason: "its pre-hook failed", last_exit: exit });
  await until("nothing is left", () => services(home).length === 0);
  expect((await tsm(home, ["logs", "app", "--raw", "--out"])).stdout).not.toContain("RAN");
});

test.for([
  { hook: "sleep 600", because: "hangs" },
  { hook: "sleep 600 & wait", because: "waits for its own children" },
  { hook: "exec sleep 600", because: "becomes something else" },
  { hook: "trap '' TERM HUP INT; while :; do :; done", because: "spins and hears nothing" },
])("a hook that $because is ended when its time is up", async ({ hook }) => {
  const home = makeHome();
  await tsm(home, ["config", "set", "preHookTimeout", "1"]);
  const outcome = await failing(home, hook);
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("was not done after 1 s") });
  expect(meta(home, "app")).toMatchObject({ status: "crashed", last_exit: { signal: "SIGKILL" } });
  await until("nothing is left", () => services(home).length === 0);
});

test("a stop ends what waits in its hook, and all that the hook began", async () => {
  const home = makeHome();
  const path = script(home, "hook.sh", "sleep 600 &\nsleep 600\n");
  script(home, "app.sh", "exec sleep 600\n");
  const starting = startTsm(home, ["start", "app.sh", "--pre-hook", path]);
  await until(
    "the hook is at work",
    () => services(home).filter(({ command }) => command === "sleep 600").length === 2,
  );
  expect((await tsm(home, ["stop", "app"])).stdout).toContain("0 forced, 0 left");
  expect((await starting.outcome).code).toBe(1);
  expect(services(home)).toEqual([]);
});

test("what a hook leaves running in the background is no obstacle, and is ended with the process", async () => {
  const home = makeHome();
  expect(await failing(home, "sleep 600 & true")).toMatchObject({ code: 0 });
  expect(services(home)).toHaveLength(2);
  await tsm(home, ["stop", "app"]);
  expect(services(home)).toEqual([]);
});

test("100 MB from a hook go where the process's own output goes, and stop nothing", async () => {
  const home = makeHome();
  expect(await failing(home, "head -c 100000000 /dev/zero | tr '\\0' '\\n'", "--disable-logs")).toMatchObject({
    code: 0,
  });
  expect(
    await failing(home, "head -c 100000000 /dev/zero; echo >&2; false", "--name", "b", "-o", "b.out"),
  ).toMatchObject({
    code: 1,
  });
});

test("a restart by policy runs the hook again, and one that then fails counts as a failure", async () => {
  const home = makeHome();
  const path = script(home, "hook.sh", 'echo hooked >>"$PWD/count"\n[ ! -e broken ]\n');
  script(home, "app.sh", "sleep 600\n");
  await tsm(home, [
    "start",
    "app.sh",
    "--pre-hook",
    path,
    "--max-restarts",
    "2",
    "--restart-delay",
    "10",
    "--min-uptime",
    "600000",
  ]);
  const first = meta(home, "app").pid;
  process.kill(first, "SIGKILL");
  await until("it is back", () => meta(home, "app").pid !== first && meta(home, "app").status === "online");
  writeFileSync(join(home.folder, "broken"), "");
  process.kill(meta(home, "app").pid, "SIGKILL");
  await until("it was given up", () => meta(home, "app").status === "crashed");
  expect(String(meta(home, "app")["reason"])).toMatch(/^gave up after 2 restarts .*its pre-hook failed$/);
  rmSync(join(home.folder, "broken"));
  expect(await tsm(home, ["restart", "app"])).toMatchObject({ code: 0 });
});

test("without a hook nothing of hooks is there", async () => {
  const home = makeHome();
  script(home, "app.sh", "exec sleep 600\n");
  await tsm(home, ["start", "app.sh"]);
  expect(services(home)).toHaveLength(1);
  expect(meta(home, "app")["prehook"]).toBe("");
  expect((await tsm(home, ["paths", "app", "--json"])).stdout).toContain(folderOf(home, "app"));
});
