import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Home, hasty, makeHome, makeLastingHome } from "../support/home.ts";
import { list, row } from "../support/managed.ts";
import { freePort } from "../support/ports.ts";
import { isAlive, pidOf } from "../support/record.ts";
import { script, seenIn, showing } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* What people type who come from pm2. */

const stays = "setInterval(() => {}, 60000);\n";
const quick = ["--settle", "0"];

describe("each command line of pm2 is understood as it stands", () => {
  let home: Home;
  let port: string;

  beforeAll(async () => {
    home = hasty(makeLastingHome());
    port = String(await freePort());
    script(home, "app.js", stays);
    script(home, "job.py", "import time\ntime.sleep(600)\n");
    script(home, "ready.js", `process.send("ready");\n${stays}`);
  });
  afterAll(() => home.remove());

  // In this order: later lines speak of what earlier ones have started.
  test.for<readonly [line: string, code: number, says: RegExp | undefined]>([
    ["start app.js --name api", 0, /started 'api'/],
    ["start app.js -n web --namespace shop -- --verbose -x", 0, /started 'web'/],
    ["start app.js -n 404", 0, /started '404'/],
    ["start job.py --name job --interpreter python3 --no-autorestart", 0, /started 'job'/],
    ["start ready.js -n ready --wait-ready --listen-timeout 20000", 0, /started 'ready'/],
    [
      "start app.js -n flags --cwd . --node-args --no-warnings -k 3000 --max-memory-restart 300M --restart-delay 100 --max-restarts 5 --stop-exit-codes 3 --time -o out.log -e err.log --merge-logs -p flags.pid --filter-env AWS_ --kill-signal SIGINT",
      0,
      /started 'flags'/,
    ],
    [
      "start app.js -n later --no-autostart --exp-backoff-restart-delay 100 --no-treekill -c 0",
      0,
      /'later' is on record/,
    ],
    ["start app.js -n old --no-pmx --no-vizion --trace --v8 -w --parallel 2 --source-map-support", 0, /started 'old'/],
    ["start app.js --name api", 1, undefined],
    ["start app.js --name api -f", 0, /started 'api-1'/],
    ["start api", 0, /restarted 'api'/],
    ["start 0 web", 0, /restarted 'web'/],
    ["start 404 --update-env", 0, /restarted '404'/],
    ["restart shop", 0, /restarted 'web'/],
    ["restart api --update-env", 0, /restarted 'api'/],
    ["restart api -a", 0, /restarted 'api'/],
    ["restart /^we/", 0, /restarted 'web'/],
    ["restart job.py", 0, /restarted 'job'/],
    ["list", 0, /│ 0 {4}│ api /],
    ["ls", 0, /namespace/],
    ["l", 0, /shop/],
    ["ps", 0, / web .* online /],
    ["status", 0, / web .* online /],
    ["ls -m", 0, /^\+--- api\nnamespace : default\n/],
    ["list --mini-list --sort name:desc", 0, /^\+--- web\nnamespace : shop\n/],
    ["jlist", 0, /^\[\{"pid":\d+,"name":"api"/],
    ["prettylist", 0, /"namespace": "shop"/],
    ["describe api", 0, /^name {9}api/],
    ["desc 0", 0, /^name {9}api/],
    ["show web", 0, /^name {9}web/],
    ["info job", 0, /^name {9}job/],
    ["describe nosuch", 1, undefined],
    ["id web", 0, /^1\n$/],
    ["pid web", 0, /^\d+\n$/],
    ["pid", 0, /^(?:\d+\n){8}$/],
    ["pid later", 1, /^$/],
    ["logs api --lines 5 --nostream", 0, undefined],
    ["log api --err --raw --nostream --timestamp", 0, undefined],
    ["logs --format --highlight error --nostream", 0, undefined],
    ["logs nosuch", 1, undefined],
    ["flush api", 0, undefined],
    ["reloadLogs", 0, undefined],
    ["logrotate", 0, /^logMaxSize +/m],
    ["reset api", 0, /'api' counts from 0 again/],
    ["reset all", 0, /'web' counts from 0 again/],
    ["env 0", 0, /^TSM_NAME=api$/m],
    ["sendSignal SIGCONT api", 0, /'api' got SIGCONT/],
    ["sendSignal CONT 0 web", 0, /'web' got SIGCONT/],
    ["sendSignal NOSUCH api", 64, undefined],
    ["ping", 0, /^pong\n$/],
    ["update", 0, /nothing to update/],
    ["updatePM2", 0, /nothing to update/],
    ["report", 0, /^tsm /],
    ["multiset lines 20 log-keep 3", 0, /lines is now 20\ntsm: logKeep is now 3/],
    ["multiset lines", 64, undefined],
    ["multiset lines 20 nosuch 3", 64, undefined],
    ["unset log-keep", 0, /logKeep is now 5/],
    ["unset styles", 0, /styles is now empty$/m],
    ["unset nosuch", 64, undefined],
    ["create simple", 0, /ecosystem\.config/],
    ["examples", 0, /tsm start server\.js/],
    ["completion bash", 0, /complete -F/],
    ["stop app.js", 0, /stopped 'web'/],
    ["stop shop", 0, /'web' is already stopped/],
    ["start shop", 0, /started 'web'/],
    ["stop 404", 0, /'404' is already stopped/],
    ["stop all", 0, /stopped 'ready'/],
    ["start all", 0, /started 'ready'/],
    ["-s restart api", 0, /^$/],
    ["restart api --silent", 0, /^$/],
    ["--silent jlist", 0, /^\[\{/],
    ["--no-color list", 0, /api/],
    ["delete shop", 0, /deleted 'web'/],
    ["del api", 0, /deleted 'api'/],
    ["serve . PORT", 0, /serving .* as 'serve-\d+'/],
    ["kill", 0, /'job' got SIGTERM/],
    ["delete all", 0, /deleted 'serve-\d+'/],
  ])("tsm %s", async ([line, code, says]) => {
    const words = line.replace("PORT", port).split(" ");
    const outcome = await tsm(home, words);
    expect(outcome).toMatchObject({ code });
    if (says !== undefined) expect(outcome.stdout).toMatch(says);
    // What is understood and means nothing is said once; what fails says why; all else is silent there.
    const lines = outcome.stderr.split("\n").filter((each) => each !== "" && !each.startsWith("  "));
    const ignored = /--no-pmx/.test(line) ? 1 : 0;
    expect(lines.length).toBe(code === 0 ? ignored : lines.length);
    if (code !== 0) expect(outcome.stderr).toMatch(/^tsm: /);
  });
});

test("jlist has the fields that pm2's has, and nothing of the environment", async () => {
  const home = makeHome();
  const app = script(home, "app.js", stays);
  await tsm(home, ["start", ...quick, app, "-n", "api", "--namespace", "shop", "--", "a", "b c"], {
    env: { MY_SECRET: "hush" },
  });
  await tsm(home, ["start", "--no-autostart", "-n", "rest", "--", "sleep", "600"]);
  const { stdout } = await tsm(home, ["jlist"]);
  expect(stdout).not.toContain("hush");
  expect(stdout.split("\n")).toHaveLength(2);
  const folder = join(home.path, "runtime/processes/api");
  const number: unknown = expect.any(Number);
  expect(JSON.parse(stdout)).toMatchObject([
    {
      pid: pidOf(home, "api"),
      name: "api",
      pm_id: 0,
      monit: { memory: number, cpu: number },
      pm2_env: {
        name: "api",
        pm_id: 0,
        namespace: "shop",
        status: "online",
        args: ["a", "b c"],
        node_args: [],
        pm_exec_path: app,
        pm_cwd: home.folder,
        exec_mode: "fork_mode",
        exec_interpreter: "node",
        instances: 1,
        NODE_APP_INSTANCE: 0,
        username: userInfo().username,
        restart_time: 0,
        unstable_restarts: 0,
        pm_uptime: number,
        created_at: number,
        watch: false,
        autorestart: true,
        treekill: true,
        merge_logs: false,
        pm_out_log_path: join(folder, "current.out"),
        pm_err_log_path: join(folder, "current.err"),
        pm_pid_path: join(folder, "api.pid"),
      },
    },
    { pid: 0, name: "rest", pm2_env: { status: "stopped", exec_interpreter: "none", args: ["600"] } },
  ]);
  expect(JSON.parse((await tsm(home, ["prettylist"])).stdout)).toHaveLength(2);
});

test("a pid file holds the pid of each life, and goes with the last", async () => {
  const home = makeHome();
  const file = join(home.folder, "api.pid");
  await tsm(home, ["start", ...quick, "-n", "api", "--pid", "api.pid", "--restart", "always", "--", "sleep", "600"]);
  const held = () => (existsSync(file) ? Number(readFileSync(file, "utf8")) : 0);
  const first = pidOf(home, "api");
  expect(held()).toBe(first);
  process.kill(first, "SIGKILL");
  await until("the next life is in it", () => held() > 0 && held() !== first && held() === pidOf(home, "api"));
  await tsm(home, ["stop", "api"]);
  expect(existsSync(file)).toBe(false);
  expect(await tsm(home, ["start", ...quick, "-p", "no/such/folder.pid", "sleep", "600"])).toMatchObject({ code: 66 });
});

test("words for the interpreter stand before the script, and stay there at a restart", async () => {
  const home = makeHome();
  script(home, "app.js", `require("node:fs").writeFileSync("args.json", JSON.stringify(process.execArgv));\n${stays}`);
  const args = () => JSON.parse(readFileSync(join(home.folder, "args.json"), "utf8")) as unknown;
  await tsm(home, ["start", "app.js", "-n", "api", "--interpreter-args", "--no-warnings --stack-trace-limit=5"]);
  await until("it has told", () => existsSync(join(home.folder, "args.json")));
  expect(args()).toEqual(["--no-warnings", "--stack-trace-limit=5"]);
  expect((await row(home, "api")).command).toContain("--no-warnings --stack-trace-limit=5");
  expect(await tsm(home, ["start", "--node-args", "--x", "--", "sleep", "600"])).toMatchObject({ code: 64 });
});

test("--filter-env leaves variables out, also with --update-env", async () => {
  const home = makeHome();
  script(home, "show.js", showing);
  const env = { MINE_A: "1", MINE_B: "2", OURS: "3" };
  await tsm(home, ["start", ...quick, "show.js", "-n", "api", "--filter-env", "MINE_,NOSUCH"], { env });
  const first = await seenIn(home.folder);
  expect(first.env).toMatchObject({ OURS: "3" });
  expect(Object.keys(first.env).filter((name) => name.startsWith("MINE_"))).toEqual([]);
  await tsm(home, ["restart", ...quick, "api", "-a"], { env: { ...env, OURS: "4" } });
  const second = await seenIn(home.folder, first.pid);
  expect(second.env).toMatchObject({ OURS: "4" });
  expect(Object.keys(second.env).filter((name) => name.startsWith("MINE_"))).toEqual([]);
});

test("--no-treekill ends the process alone", async () => {
  const home = makeHome();
  script(home, "parent.sh", "sleep 600 &\necho $! >child.pid\nwait\n");
  await tsm(home, ["start", "parent.sh", "-n", "api", "--no-treekill"]);
  const file = join(home.folder, "child.pid");
  const child = await until("its child is there", () => existsSync(file) && Number(readFileSync(file, "utf8")));
  const parent = pidOf(home, "api");
  expect(await tsm(home, ["stop", "api"])).toMatchObject({ code: 0, stdout: expect.stringContaining("(1 process, ") });
  expect([isAlive(parent), isAlive(child)]).toEqual([false, true]);
});

test("--wait-ready waits for process.send('ready'), and a script that never says it has failed", async () => {
  const home = makeHome();
  script(home, "says.js", `setTimeout(() => process.send("ready", () => console.log("sent")), 300);\n${stays}`);
  script(home, "silent.js", stays);
  const said = await tsm(home, ["start", "says.js", "-n", "says", "--wait-ready"]);
  expect(said).toMatchObject({ code: 0 });
  expect((await row(home, "says")).status).toBe("online");
  const silent = await tsm(home, ["start", "silent.js", "-n", "silent", "--wait-ready", "--listen-timeout", "300"]);
  expect(silent).toMatchObject({ code: 1, stderr: expect.stringContaining("it has not said process.send('ready')") });
  expect(await tsm(home, ["start", "--wait-ready", "--", "sleep", "600"])).toMatchObject({ code: 64 });
});

test("what is put on record rests until it is started, with all that was asked for", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--no-autostart", "-n", "api", "--namespace", "shop", "--", "sleep", "600"]);
  expect(await list(home)).toMatchObject([{ id: 0, name: "api", status: "stopped", pid: null, namespace: "shop" }]);
  expect(home.processes()).toEqual([]);
  expect(await tsm(home, ["start", ...quick, "shop"])).toMatchObject({ code: 0 });
  expect(await list(home)).toMatchObject([{ id: 0, status: "online", namespace: "shop" }]);
});

test("a first wait that was asked for comes before the first restart too", async () => {
  const home = makeHome();
  const words = ["--restart", "always", "--exp-backoff-restart-delay", "20000", "--max-backoff", "60000"];
  await tsm(home, ["start", ...quick, "-n", "api", ...words, "--", "sh", "-c", "sleep 0.2"]);
  const waiting = await until("it waits", async () => {
    const [found] = (await tsmJson(home, ["list", "all"])) as { status: string; retryInMs: number | null }[];
    return found?.status === "waiting" && found.retryInMs !== null ? found : undefined;
  });
  expect(waiting.retryInMs).toBeGreaterThan(5000);
  expect(waiting.retryInMs).toBeLessThanOrEqual(25_000);
});

test("of what is watched only files with the endings that were asked for count", async () => {
  const home = makeHome();
  script(home, "src/app.js", stays);
  const flags = ["--watch=src", "--ext", "js,.json", "--watch-delay", "50ms"];
  await tsm(home, ["start", ...quick, "src/app.js", "-n", "api", ...flags]);
  const first = pidOf(home, "api");
  let number = 0;
  // Again and again: the watch begins a moment after the process.
  await until("a change of a script has restarted it", () => {
    number += 1;
    script(home, "src/notes.txt", String(number));
    script(home, "src/more.js", `// ${number}\n`);
    return pidOf(home, "api") !== first;
  });
  const info = (await tsmJson(home, ["info", "api"])) as { sightings: { restarted: { why: string } | null } };
  const why = await until("it says why", async () => {
    const now = (await tsmJson(home, ["info", "api"])) as typeof info;
    return now.sightings.restarted?.why;
  });
  expect(why).toMatch(/more\.js changed$/);
});
