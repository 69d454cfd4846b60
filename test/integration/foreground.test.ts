import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { row } from "../support/managed.ts";
import { script } from "../support/scripts.ts";
import { cleanEnvironment, startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const runtime = fileURLToPath(new URL("../../dist/tsm-runtime.bash", import.meta.url));

test.for([
  { script: "echo out; echo err >&2; exit 3", code: 3, prints: ["err\n", "out\n"] },
  { script: "echo done", code: 0, prints: ["done\n"] },
  { script: "printf open", code: 0, prints: ["open"] },
  { script: "kill -KILL $$", code: 137, prints: [] },
  { script: "kill -TERM $$", code: 143, prints: [] },
])("run -- sh -c '$script' prints what it prints and ends with $code", async ({ script: line, code, prints }) => {
  const home = makeHome();
  const outcome = await tsm(home, ["run", "--name", "it", "--", "sh", "-c", line]);
  expect(outcome.code).toBe(code);
  for (const text of prints) expect(outcome.stdout).toContain(text);
  expect(outcome.stdout.length).toBeLessThanOrEqual(prints.join("").length + 1);
  expect(outcome.stderr).toMatch(code === 0 ? /^$/ : /^tsm: 'it' ended: [^\n]+\n$/);
  expect(await row(home, "it")).toMatchObject({ status: code === 0 ? "stopped" : "crashed" });
});

test("nothing of an earlier life is shown again, not even a line that it left open", async () => {
  const home = makeHome();
  await tsm(home, ["run", "--name", "it", "--", "printf", "before"]);
  expect((await tsm(home, ["run", "--name", "it", "--", "true"])).stdout).toBe("");
  expect((await tsm(home, ["run", "--name", "it", "--", "echo", "after"])).stdout).toMatch(/^\n?after\n$/);
});

test("run FILE of apps ends when all of them have, with the first code that is not 0", async () => {
  const home = makeHome();
  const apps = [
    { name: "one", script: "sh", args: ["-c", "echo from one"], autorestart: false },
    { name: "two", script: "sh", args: ["-c", "echo from two; exit 3"], autorestart: false },
  ];
  script(home, "ecosystem.config.json", JSON.stringify({ apps }));
  const outcome = await tsm(home, ["run", "ecosystem.config.json"]);
  expect(outcome).toMatchObject({ code: 3, stderr: "tsm: 'two' ended: exit code 3\n" });
  expect(outcome.stdout.split("\n").sort()).toEqual(["", "one | from one", "two | from two"]);
});

const polite = `process.on("SIGTERM", () => { console.log("bye"); process.exit(7); });
setInterval(() => {}, 60000);
console.log("up");
`;

test.for(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "%s is passed on, and the app's own exit code is the answer",
  async (signal) => {
    const home = makeHome();
    script(home, "app.js", polite);
    const running = startTsm(home, ["run", "app.js", "-n", "app"]);
    await until("it is up", () => running.printed.stdout.includes("up\n"));
    running.child.kill(signal);
    expect(await running.outcome).toMatchObject({ code: 7, stdout: "up\nbye\n" });
    expect(home.processes()).toEqual([]);
  },
);

test("a process of the list runs in the foreground by its name, and what runs already is stayed with", async () => {
  const home = makeHome();
  script(home, "app.js", polite);
  await tsm(home, ["start", "--no-autostart", "app.js", "-n", "app"]);
  const first = startTsm(home, ["run", "app"]);
  await until("it is up", () => first.printed.stdout.includes("up\n"));
  const { pid } = await row(home, "app");
  const second = startTsm(home, ["run", "app"]);
  await until("it is shown to the second too", () => second.printed.stdout.includes("up\n"));
  expect(await row(home, "app")).toMatchObject({ pid, status: "online" });
  second.child.kill("SIGTERM");
  expect([await first.outcome, await second.outcome]).toMatchObject([{ code: 7 }, { code: 7 }]);
});

test("start --no-daemon is the same, and start --attach only looks", async () => {
  const home = makeHome();
  script(home, "app.js", polite);
  const staying = startTsm(home, ["start", "app.js", "-n", "app", "--no-daemon"]);
  await until("it is up", () => staying.printed.stdout.includes("up\n"));
  staying.child.kill("SIGTERM");
  const { code, stdout } = await staying.outcome;
  expect([code, stdout]).toEqual([7, expect.stringMatching(/^tsm: started 'app' .*\nup\nbye\n$/)]);
  const looking = startTsm(home, ["start", "app", "--attach"]);
  await until("it is up", () => looking.printed.stdout.includes("up\n"));
  looking.child.kill("SIGINT");
  await looking.outcome;
  expect(await row(home, "app")).toMatchObject({ status: "online" });
});

test("a file of commands is one whatever it is called, and a script is a program", async () => {
  const home = makeHome();
  script(home, "morning", "version\n");
  script(home, "hello.sh", "echo hello\n");
  expect((await tsm(home, ["run", "morning"])).stdout).toMatch(/^\d+\.\d+/);
  expect(await tsm(home, ["run", "hello.sh"])).toMatchObject({ code: 0, stdout: "hello\n" });
  expect(await tsm(home, ["run", "nosuch"])).toMatchObject({ code: 66 });
  expect(await tsm(home, ["run"])).toMatchObject({ code: 64 });
  expect(await tsm(home, ["run", "--dry-run", "--", "echo", "x"])).toMatchObject({ code: 64 });
});

test("tsm-runtime passes signals on and ends with the app's exit code", async () => {
  const home = makeHome();
  script(home, "app.js", polite);
  const child = spawn("bash", [runtime, "start", "app.js", "--name", "app"], {
    cwd: home.folder,
    env: cleanEnvironment(home),
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  await until("it is up", () => printed.includes("up\n"));
  child.kill("SIGTERM");
  await once(child, "close");
  expect([child.exitCode, printed]).toEqual([7, "up\nbye\n"]);
});

const ownPids = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc"];

/** What a container is: the program is PID 1. Where the system refuses one, there is nothing to be seen. */
const isThereOne = spawnSync("unshare", [...ownPids, "true"]).status === 0;

test.runIf(isThereOne)("as PID 1 tsm-runtime clears away orphans", async () => {
  const home = makeHome();
  script(
    home,
    "orphans.sh",
    "( sleep 0.1 & )\nsetsid sleep 0.1 &\nwait\nwhile :; do\n  set -- $(ps -A -o stat=)\n  case $* in *Z*) sleep 0.05 ;; *) break ;; esac\ndone\necho clean\nexit 5\n",
  );
  const child = spawn("unshare", [...ownPids, "bash", runtime, "orphans.sh"], {
    cwd: home.folder,
    env: cleanEnvironment(home),
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  await once(child, "close");
  expect([child.exitCode, printed]).toEqual([5, "clean\n"]);
});
