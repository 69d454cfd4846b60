import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { meta } from "../support/managed.ts";
import { script } from "../support/scripts.ts";
import { tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** What a hook hears, on one line. */
const saying =
  'echo "$TSM_EVENT $TSM_NAME $TSM_ID port=$PORT code=$TSM_EXIT_CODE signal=$TSM_EXIT_SIGNAL by=$TSM_EXIT_BY $PWD" >>"$PWD/heard"\n';

function hook(home: Home, name: string, text = saying): void {
  mkdirSync(join(home.path, "hooks"), { recursive: true });
  writeFileSync(join(home.path, "hooks", `${name}.sh`), text);
}

/** Whole lines: a file that has only been made says nothing yet. */
function heard(home: Home): string[] {
  const path = join(home.folder, "heard");
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}

/** Hooks of two events may end in either order: each is waited for before the next happens. */
async function hears(home: Home, lines: string[]): Promise<void> {
  await until(`it has heard ${lines.join("; ")}`, () => heard(home).length >= lines.length);
  expect(heard(home)).toEqual(lines.map((line) => `${line} ${home.folder}`));
}

test("each start, crash, restart by policy and stop is told, with how it ended", async () => {
  const home = makeHome();
  for (const event of ["post_start", "post_stop", "on_crash"]) hook(home, event);
  script(home, "app.sh", "while [ ! -e go ]; do sleep 0.02; done; rm go; exit 3\n");
  await tsm(home, ["start", "app.sh", "--port", "18125", "--settle", "0", "--restart-delay", "1500"]);
  const lines = ["post_start app-18125 0 port=18125 code= signal= by="];
  await hears(home, lines);
  writeFileSync(join(home.folder, "go"), "");
  lines.push("on_crash app-18125 0 port=18125 code=3 signal= by=crash");
  await hears(home, lines);
  lines.push("post_start app-18125 0 port=18125 code= signal= by=");
  await hears(home, lines);
  process.kill(meta(home, "app-18125").pid, "SIGSEGV");
  lines.push("on_crash app-18125 0 port=18125 code= signal=SIGSEGV by=crash");
  await hears(home, lines);
  lines.push("post_start app-18125 0 port=18125 code= signal= by=");
  await hears(home, lines);
  expect((await tsm(home, ["stop", "app"])).stdout).toContain("0 left");
  lines.push("post_stop app-18125 0 port=18125 code= signal=SIGTERM by=user");
  await hears(home, lines);
});

test("the service's own hook is the one that is told, and one that is made later too", async () => {
  const home = makeHome();
  script(home, "app.sh", "exec sleep 600\n");
  await tsm(home, ["start", "app.sh", "--port", "18126", "--settle", "0"]);
  hook(home, "post_stop", "echo all >>heard\n");
  hook(home, "app.post_stop", "echo own >>heard\n");
  await tsm(home, ["stop", "app"]);
  await until("it is told", () => heard(home).length > 0);
  expect(heard(home)).toEqual(["own"]);
});

test("an exit that is none to worry about is a stop and no crash", async () => {
  const home = makeHome();
  hook(home, "on_crash");
  hook(home, "post_stop");
  script(home, "app.sh", "sleep 0.3; exit 0\n");
  await tsm(home, ["start", "app.sh", "--settle", "0"]);
  await hears(home, ["post_stop app 0 port= code=0 signal= by=crash"]);
});

test("with --ready it has started when it is ready", async () => {
  const home = makeHome();
  hook(home, "post_start", "cat go >>heard 2>&1\n");
  script(home, "app.sh", "echo ready >go; echo up; exec sleep 600\n");
  await tsm(home, ["start", "app.sh", "--ready", "log:/up/"]);
  await until("it is told", () => heard(home).length > 0);
  expect(heard(home)).toEqual(["ready"]);
});

test("a hook may call tsm", async () => {
  const home = makeHome();
  hook(home, "on_crash", `"${process.execPath}" "$TSM" start rescue.sh --settle 0\n`);
  script(home, "app.sh", "exit 4\n");
  script(home, "rescue.sh", "exec sleep 600\n");
  const program = join(import.meta.dirname, "../../dist/tsm.js");
  expect((await tsm(home, ["start", "app.sh"], { env: { TSM: program } })).code).toBe(1);
  await until("the other one is up", () => meta(home, "rescue").status === "online");
  await until("its hook has ended", () => !home.processes().some(({ command }) => command.includes("told.bash")));
  expect(meta(home, "rescue").status).toBe("online");
});

test("pre_stop is told while the process still runs, and the stop goes on when it is done", async () => {
  const home = makeHome();
  hook(
    home,
    "pre_stop",
    'kill -0 "$TSM_PID" && touch asked && while [ ! -e answer ]; do sleep 0.02; done; echo "pre $TSM_EXIT_BY" >>heard\n',
  );
  script(home, "app.sh", "trap 'echo ends >>heard; exit' TERM; while :; do sleep 0.05; done\n");
  await tsm(home, ["start", "app.sh", "--settle", "0"]);
  const stopping = tsm(home, ["stop", "app"]);
  await until("the hook has begun", () => existsSync(join(home.folder, "asked")));
  expect(meta(home, "app").status).toBe("online");
  writeFileSync(join(home.folder, "answer"), "");
  expect((await stopping).stdout).toContain("0 forced, 0 left");
  expect(heard(home)).toEqual(["pre user", "ends"]);
  // What rests hears nothing of it, and SIGKILL is not to wait.
  await tsm(home, ["stop", "app"]);
  await tsm(home, ["start", "app", "--settle", "0"]);
  await tsm(home, ["kill", "app"]);
  expect(heard(home).filter((line) => line.startsWith("pre"))).toEqual(["pre user"]);
});

test.for([
  ["fails", "exit 3", "exit code 3"],
  ["does not end", "sleep 600", "was not done after 1 s"],
] as const)("a pre_stop that %s stops no stop", async ([, text, why]) => {
  const home = makeHome();
  hook(home, "app.pre_stop", `${text}\n`);
  script(home, "app.sh", "exec sleep 600\n");
  await tsm(home, ["start", "app.sh", "--settle", "0"]);
  // As it is when it stops, and not when it was started.
  await tsm(home, ["set", "hookTimeout", "1"]);
  expect((await tsm(home, ["restart", "app", "--settle", "0"])).code).toBe(0);
  expect((await tsm(home, ["stop", "app"])).stdout).toContain("0 forced, 0 left");
  expect(readFileSync(join(home.path, "db/hooks.log"), "utf8")).toContain(`pre_stop of app: ${why}`);
});

test("on_errored is told when it is not brought back any more", async () => {
  const home = makeHome();
  hook(home, "on_errored");
  script(home, "app.sh", "[ -e go ] && exit 3; touch go; sleep 0.3; exit 3\n");
  await tsm(home, ["start", "app.sh", "--settle", "0", "--max-restarts", "1", "--restart", "always"]);
  await hears(home, ["on_errored app 0 port= code=3 signal= by=crash"]);
  expect(meta(home, "app").status).toBe("crashed");
});

test("an ecosystem file's own pre_stop and on_errored are commands", async () => {
  const home = makeHome();
  const app = { name: "it", script: "app.sh", autorestart: false };
  const hooks = { pre_stop: "echo pre_stop $TSM_NAME >>heard", on_errored: "echo on_errored $TSM_NAME >>heard" };
  script(home, "apps.json", JSON.stringify([{ ...app, hooks }]));
  script(home, "app.sh", "[ -e bad ] && { sleep 0.3; exit 1; }; exec sleep 600\n");
  expect(await tsm(home, ["start", "apps.json", "--settle", "0"])).toMatchObject({ code: 0, stderr: "" });
  await tsm(home, ["stop", "it"]);
  expect(heard(home)).toEqual(["pre_stop it"]);
  writeFileSync(join(home.folder, "bad"), "");
  await tsm(home, ["start", "it", "--settle", "0"]);
  await until("it is told", () => heard(home).length === 2);
  expect(heard(home)).toEqual(["pre_stop it", "on_errored it"]);
});
