import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { requestFor } from "../../../src/core/app-request.ts";
import { type attributes, spellings } from "../../../src/core/attributes.ts";
import { readApps } from "../../../src/core/ecosystem-apps.ts";
import { homeAt } from "../../../src/core/home.ts";
import type { StartRequest } from "../../../src/core/plan.ts";
import type { World } from "../../../src/core/world.ts";
import { detectPlatform } from "../../../src/platform/detect.ts";
import { noPrograms } from "../../support/programs.ts";

/* What each attribute of an ecosystem file comes to, in the words in which `start` asks for it. */

const mark = "%%";

function read(value: unknown, env?: string, only?: readonly string[]) {
  return readApps({ file: "/apps/ecosystem.config.cjs", value, mark, printed: [] }, env, { only });
}

function worldAt(folder: string, cwd = folder): World {
  const unused = (): never => {
    throw new Error("reading needs none of it");
  };
  return {
    platform: detectPlatform(),
    home: homeAt(join(folder, "home")),
    env: { HOME: "/home/someone" },
    cwd,
    programs: noPrograms,
    settings: unused,
    saveSetting: unused,
  };
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "tsm-ecosystem-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  writeFileSync(join(made, "app.js"), "");
  return made;
}

function requestOf(
  app: Record<string, unknown>,
  { env, instance = 0, of = 1 }: { env?: string; instance?: number; of?: number } = {},
) {
  const place = folder();
  const [first] = read([{ script: "app.js", ...app }], env).apps;
  if (first === undefined) throw new Error("it names an app");
  const asked = { file: join(place, "x.config.cjs"), environment: env ?? "", envFile: undefined, settleMs: 0 };
  return requestFor(worldAt(place), { app: first, name: first.name, instance, of }, asked, []);
}

type Look = (request: StartRequest) => unknown;
const oversight: (key: keyof StartRequest["policy"]["oversight"]) => Look = (key) => (request) =>
  request.policy.oversight[key];
const policy: (key: keyof StartRequest["policy"]) => Look = (key) => (request) => request.policy[key];
const stream: (key: keyof StartRequest["streams"]) => Look = (key) => (request) => request.streams[key];
const part: (key: keyof NonNullable<StartRequest["app"]>) => Look = (key) => (request) => request.app?.[key];

/** The value, and what it comes to. */
const table: Readonly<
  Record<keyof typeof attributes, readonly (readonly [value: unknown, look: Look, gives: unknown])[]>
> = {
  script: [
    ["./x.py", ({ words }) => words, ["./x.py"]],
    ["npm start", ({ words }) => words, ["npm start"]],
  ],
  name: [
    ["api", ({ name }) => name, "api"],
    [7, ({ name }) => name, "7"],
  ],
  name_prefix: [["team", ({ name }) => name, "team:app"]],
  append_env_to_name: [
    [true, ({ name }) => name, "app"],
    ["true", ({ name }) => name, "app"],
  ],
  namespace: [["web", part("namespace"), "web"]],
  cwd: [
    ["/", ({ cwd }) => cwd, "/"],
    ["~/apps", ({ cwd }) => cwd, "/home/someone/apps"],
  ],
  args: [
    ['--port 80 \'a b\' "c\\"d" e\\ f', ({ words }) => words, ["app.js", "--port", "80", "a b", 'c"d', "e f"]],
    [["a b", 3, true, ""], ({ words }) => words, ["app.js", "a b", "3", "true", ""]],
    ["$HOME *", ({ words }) => words, ["app.js", "$HOME", "*"]],
  ],
  interpreter: [
    ["python3", ({ interpreter }) => interpreter, "python3"],
    ["none", ({ interpreter }) => interpreter, "none"],
  ],
  interpreter_args: [
    ["--inspect --no-warnings", ({ words }) => words, ["node", "--inspect", "--no-warnings", "app.js"]],
    [["-u"], ({ words }) => words, ["node", "-u", "app.js"]],
  ],
  env: [
    [{ A: 1, B: "x y", C: true, D: null }, part("variables"), { A: "1", B: "x y", C: "true" }],
    [{ A: { b: [1] }, L: ["x"] }, part("variables"), { A: '{"b":[1]}', L: '["x"]' }],
  ],
  env_file: [
    [".env", ({ env }) => env, ".env"],
    ["local", ({ env }) => env, "local"],
  ],
  filter_env: [
    [true, part("filter"), "all"],
    [["AWS_"], part("filter"), ["AWS_"]],
    ["X", part("filter"), ["X"]],
    [false, part("filter"), []],
  ],
  out_file: [
    ["o.log", stream("out"), "o.log"],
    ["NULL", stream("out"), "NULL"],
  ],
  error_file: [["e.log", stream("err"), "e.log"]],
  log_file: [
    ["l.log", stream("both"), "l.log"],
    [true, stream("both"), undefined],
  ],
  log: [
    ["l.log", stream("both"), "l.log"],
    [
      { max_size: "5M", keep: 3, max_age: "2d", compress: false },
      policy("logs"),
      { maxBytes: 5 * 1024 * 1024, keep: 3, maxAgeMs: 172_800_000, compress: false },
    ],
    [{ max_age: "never" }, policy("logs"), { maxAgeMs: null }],
  ],
  merge_logs: [[true, stream("merged"), false]],
  disable_logs: [[true, stream("disabled"), true]],
  log_type: [["json", stream("json"), true]],
  log_date_format: [["YYYY", stream("format"), "YYYY"]],
  time: [[true, stream("time"), true]],
  autostart: [[false, part("said"), expect.objectContaining({ autostart: "false" })]],
  autorestart: [
    [false, policy("restart"), "no"],
    [true, policy("restart"), "always"],
    ["on-failure", policy("restart"), "on-failure"],
    ["on-failure", policy("restartAsked"), true],
  ],
  stop_exit_codes: [
    [0, policy("stopExitCodes"), [0]],
    [[0, "3"], policy("stopExitCodes"), [0, 3]],
    ["1,2", policy("stopExitCodes"), [1, 2]],
  ],
  max_restarts: [
    [3, policy("maxRestarts"), 3],
    ["0", policy("maxRestarts"), 0],
  ],
  min_uptime: [
    [1500, policy("minUptimeMs"), 1500],
    ["20s", policy("minUptimeMs"), 20_000],
    ["1h", policy("minUptimeMs"), 3_600_000],
  ],
  restart_delay: [
    [4000, policy("restartDelayMs"), 4000],
    ["4s", policy("restartDelayMs"), 4000],
    [0, policy("restartDelayMs"), null],
  ],
  exp_backoff_restart_delay: [
    [100, policy("maxBackoffMs"), 15_000],
    [60_000, policy("maxBackoffMs"), 60_000],
  ],
  max_backoff: [["1m", policy("maxBackoffMs"), 60_000]],
  kill_timeout: [
    [3000, policy("killTimeoutSeconds"), 3],
    ["1500ms", policy("killTimeoutSeconds"), 1.5],
  ],
  kill_signal: [
    ["SIGINT", policy("killSignal"), "SIGINT"],
    ["quit", policy("killSignal"), "SIGQUIT"],
  ],
  listen_timeout: [[8000, oversight("readyTimeoutMs"), 8000]],
  wait_ready: [
    [true, oversight("ready"), expect.objectContaining({ kind: "ipc" })],
    [false, oversight("ready"), null],
  ],
  treekill: [[false, policy("treekill"), false]],
  pid_file: [["/tmp/x.pid", policy("pidFile"), "/tmp/x.pid"]],
  watch_delay: [["1s", oversight("watchDelayMs"), 1000]],
  ready: [
    ["port", oversight("ready"), expect.objectContaining({ kind: "port" })],
    ["log:/up/i", oversight("ready"), expect.objectContaining({ kind: "log", text: "log:/up/i" })],
    [{ http: "http://localhost:1/x" }, oversight("ready"), expect.objectContaining({ kind: "http" })],
    [{ port: 4000 }, oversight("ready"), expect.objectContaining({ kind: "port", port: 4000 })],
    ["port:4000", oversight("ready"), expect.objectContaining({ kind: "port", port: 4000 })],
  ],
  health: [
    ["cmd:true", oversight("health"), expect.objectContaining({ kind: "command" })],
    [{ http: "http://localhost:1/", every: "5s", fail: 2 }, oversight("healthIntervalMs"), 5000],
    [{ cmd: "true", every: 2000, fail: 2 }, oversight("healthFailures"), 2],
  ],
  max_memory_restart: [
    ["200M", oversight("maxMemory"), 200 * 1024 * 1024],
    [1000, oversight("maxMemory"), 1000],
    ["1G", oversight("maxMemory"), 1024 ** 3],
  ],
  cron_restart: [
    ["0 3 * * *", oversight("cron"), "0 3 * * *"],
    [0, oversight("cron"), null],
    ["0", oversight("cron"), null],
  ],
  max_memory_action: [["stop", oversight("maxMemoryAction"), "stop"]],
  cron_mode: [["skip-if-running", oversight("cronMode"), "skip-if-running"]],
  kill_retry_time: [[100, part("said"), expect.not.objectContaining({ kill_retry_time: expect.anything() })]],
  watch_options: [
    [
      { followSymlinks: true, usePolling: true, interval: "1s", depth: 1, ignoreInitial: true },
      oversight("watchOptions"),
      { followSymlinks: true, pollMs: 1000, depth: 1, settledMs: null },
    ],
    [
      { awaitWriteFinish: true, persistent: true },
      oversight("watchOptions"),
      expect.objectContaining({ settledMs: 2000 }),
    ],
    [
      { awaitWriteFinish: { stabilityThreshold: 300 } },
      oversight("watchOptions"),
      expect.objectContaining({ settledMs: 300 }),
    ],
    [{ ignored: ["*.log"] }, oversight("ignoreWatch"), ["*.log"]],
  ],
  instances: [
    [2, part("variables"), { NODE_APP_INSTANCE: "0" }],
    ["max", part("instance"), 0],
  ],
  instance_var: [["WHICH", part("instanceVariable"), "WHICH"]],
  increment_var: [["PORT", part("incrementVariable"), "PORT"]],
  exec_mode: [
    ["fork", part("said"), expect.objectContaining({ exec_mode: '"fork"' })],
    ["cluster_mode", ({ words }) => words, ["app.js"]],
  ],
  port: [
    [3000, ({ port }) => port, 3000],
    ["3001", part("variables"), { PORT: "3001" }],
  ],
  watch: [
    [true, oversight("watch"), ["."]],
    [["a", "b"], oversight("watch"), ["a", "b"]],
    [false, oversight("watch"), []],
  ],
  ignore_watch: [
    [["*.tmp"], oversight("ignoreWatch"), ["*.tmp"]],
    ["data", oversight("ignoreWatch"), ["data"]],
  ],
  uid: [
    ["www", ({ limits }) => limits.user, "www"],
    [1000, ({ limits }) => limits.user, "1000"],
  ],
  gid: [["www", ({ limits }) => limits.group, "www"]],
  nice: [[-5, ({ limits }) => limits.nice, -5]],
  depends_on: [
    [["db"], part("said"), expect.objectContaining({ depends_on: '["db"]' })],
    [{ db: {} }, part("said"), expect.objectContaining({ depends_on: '["db"]' })],
  ],
  force: [[true, () => undefined, undefined]],
  hooks: [
    [{ pre_start: "env.sh", on_crash: "echo down" }, ({ preHook }) => preHook, "env.sh"],
    [{ pre_start: "env.sh", on_crash: "echo down" }, part("hooks"), { on_crash: "echo down" }],
  ],
};

const rows = Object.entries(table).flatMap(([attribute, values]) =>
  values.map(([value, look, gives]) => ({ attribute, value, look, gives })),
);

test.for(rows)("$attribute: $value", ({ attribute, value, look, gives }) => {
  expect(look(requestOf({ [attribute]: value }))).toEqual(gives);
});

test.for(spellings)("%s is understood, and null is as if it were not there", (spelling) => {
  expect(read([{ script: "app.js", [spelling]: spelling === "script" ? "app.js" : null }]).notes).toEqual([]);
});

test.for(spellings.filter((each) => each.includes("_")))("%s may be written as JavaScript writes names", (spelling) => {
  const written = spelling.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  expect(read([{ script: "app.js", [written]: "", sourceMapSupport: true }]).notes).toEqual([
    "ecosystem.config.cjs: ignored, as it means nothing here: sourceMapSupport",
  ]);
});

test.for([["exec", "cmd", "command"].map((spelling) => ({ [spelling]: "x.py", script: undefined }))].flat())(
  "%o is a script too",
  (spelled) => {
    expect(requestOf(spelled).words).toEqual(["x.py"]);
  },
);

describe("what a file may be", () => {
  const app = { name: "a", script: "app.js" };
  test.for([
    ["apps", { apps: [app] }],
    ["apps that is one", { apps: app }],
    ["pm2", { pm2: [app] }],
    ["a list", [app]],
    ["one app", app],
  ] as const)("%s", ([, value]) => {
    expect(read(value).apps.map(({ name }) => name)).toEqual(["a"]);
  });

  test.for([[undefined], [null], [{}], [[]], [{ apps: [] }], ["apps"], [7]])("%o names no apps", ([value]) => {
    expect(() => read(value)).toThrow("names no apps");
  });
});

describe("what cannot be", () => {
  test("every value that is wrong is named by app and attribute, and none of them is shown as a secret", () => {
    const apps = [
      { name: "a", script: 5, max_restarts: "many", cron_restart: "soon" },
      { name: "b", script: "x.js", env: "TOKEN=abc", watch: 3, autorestart: "maybe", args: "it's" },
      { script: "c.js", min_uptime: { [mark]: "a function" } },
    ];
    const text = wrong(apps);
    for (const line of [
      "app 'a': script is the number 5 and should be a text",
      "app 'a': max_restarts is 'many' and should be a whole number from 0 to 1000000",
      "app 'a': cron_restart is 'soon' and should be a cron expression",
      "app 'b': env is a text and should be an object of variables",
      "app 'b': watch is the number 3 and should be a path or a list of paths",
      "app 'b': autorestart is 'maybe' and should be true, false or 'on-failure'",
      "app 'b': args is 'it's' and should be a text whose quotes are closed",
      "app 3: min_uptime is a function and should be milliseconds",
    ])
      expect(text).toContain(line);
    expect(text).not.toContain("abc");
  });

  test.for([
    [{ apps: [{ name: "a" }] }, "app 'a': it has no script"],
    [[{ name: "a/b", script: "x" }], "contains '/'"],
    [
      [
        { name: "a", script: "x" },
        { name: "a", script: "y" },
      ],
      "two apps are called 'a'",
    ],
    [[3], "app 1 is the number 3 and should be an object"],
    [[{ [mark]: "a function" }], "app 1 is a function and should be an object"],
    [[{ script: "x", env: { "A=B": 1 } }], "'A=B'"],
    [[{ script: "x", env: { A: { [mark]: "a function" } } }], "env has A, which cannot be written as a text"],
    [[{ script: "x", env_test: { A: { b: [{ [mark]: "NaN" }] } } }], "env_test has A, which cannot be written"],
    [[{ script: "x", env: { "": 2 } }], "app 1: env has a variable without a name"],
    [[{ script: "x", env: { "A=B": 2 } }], "app 1: env has 'A=B', which is no variable's name"],
    [[{ script: "x", env_test: { A: "b\0c" } }], "app 1: env_test has A, which holds a NUL character"],
    [[{ script: "x", env: { [mark]: "a function" } }], "env is a function and should be an object of variables"],
    [[{ script: "x", log: { size: 1 } }], "it has 'size'"],
    [[{ script: "x", health: { cmd: "true", every: 5 } }], "asked every 100 ms at the most"],
    [[{ script: "x", hooks: { on_fire: "x" } }], "it has 'on_fire'"],
    [[{ script: "x", instances: 1.5 }], "instances is the number 1.5"],
  ] as const)("%o: %s", ([value, says]) => {
    expect(wrong(value)).toContain(says);
  });
});

function wrong(value: unknown): string {
  try {
    read(value);
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  throw new Error("it was taken");
}

describe("what is passed over", () => {
  test("a log for both streams beside one of each is told not to be written", () => {
    const apps = [
      { name: "a", script: "x", log: "all.log", out_file: "o.log" },
      { name: "b", script: "x", log_file: "all.log", error_file: "e.log", log: { keep: 3 } },
      { name: "c", script: "x", log_file: "all.log" },
      { name: "d", script: "x", log: { keep: 3 }, out_file: "o.log", log_file: true },
    ];
    expect(read({ apps }).notes).toEqual([
      "ecosystem.config.cjs: log_file of 'a', 'b' is not written: out_file and error_file hold it all",
    ]);
  });

  test("what means nothing here is told once, whatever the number of apps", () => {
    const apps = [1, 2, 3].map((number) => ({
      name: `a${number}`,
      script: "x",
      pmx: true,
      vizion: false,
      "x-mine": 1,
    }));
    expect(read({ apps, deploy: {} }).notes).toEqual([
      "ecosystem.config.cjs: ignored, as it means nothing here: deploy, pmx, vizion",
    ]);
  });

  test("force is passed over in silence: a script runs under as many names as it has here", () => {
    expect(read([{ script: "x", force: true }]).notes).toEqual([]);
    expect(wrong([{ script: "x", force: "perhaps" }])).toContain("force is");
  });

  test("of a deploy section the variables of the environment count, under those of each app", () => {
    const deploy = { production: { user: "node", env: { A: "deployed", B: 1 } }, staging: { env: { C: "no" } } };
    const file = { apps: [{ script: "x", env: { A: "own" } }], deploy };
    expect(read(file, "production").apps[0]?.variables).toEqual({ A: "own", B: "1" });
    expect(read(file, "production").notes.join("\n")).not.toContain("ignored");
    expect(read(file).apps[0]?.variables).toEqual({ A: "own" });
    expect(read({ ...file, deploy: { production: "soon" } }, "production").apps[0]?.variables).toEqual({ A: "own" });
  });

  test("what is no attribute is told with what it is like", () => {
    expect(read([{ script: "x", instnaces: 2, colour: 1 }]).notes).toEqual([
      "ecosystem.config.cjs: 'instnaces' is not an attribute; did you mean 'instances'?",
      "ecosystem.config.cjs: 'colour' is not an attribute",
    ]);
  });

  test("a text without a letter asks for nothing, but for what an app must have", () => {
    const empty = { cwd: "", interpreter: "", namespace: "", out_file: "", max_memory_restart: "", port: "" };
    expect(read([{ script: "x", ...empty }]).apps[0]?.settings).toEqual({ script: "x" });
    expect(wrong([{ script: "" }])).toContain("script is ''");
    expect(wrong([{ script: "x", name: "" }])).toContain("name is ''");
  });

  test("how long to get ready is told where nothing says when that is", () => {
    const said = { listen_timeout: 3000 };
    const apps = [
      { name: "a", script: "x", ...said },
      { name: "b", script: "x", ...said, wait_ready: true },
      { name: "c", script: "x", ...said, ready: "port" },
      { name: "d", script: "x", ready_timeout: 3000, wait_ready: false },
    ];
    expect(read(apps).notes).toEqual([
      "ecosystem.config.cjs: listen_timeout of 'a', 'd' says nothing without wait_ready or ready",
    ]);
  });

  test("cluster is said", () => {
    const notes = read([{ script: "x", exec_mode: "cluster" }]).notes.join("\n");
    expect(notes).toContain("there is no cluster here");
  });

  test("an environment that no app has is said with those that there are", () => {
    expect(read([{ script: "x", env_production: {} }], "prod").notes).toEqual([
      "ecosystem.config.cjs: no app has an env_prod; there is 'production'",
    ]);
    expect(read([{ script: "x", env_production: {} }], "production").notes).toEqual([]);
    const some = [
      { script: "x", env_production: {} },
      { script: "y.js", env: { A: 1 } },
      { name: "z", script: "x" },
    ];
    expect(read(some, "production").notes).toEqual([
      "ecosystem.config.cjs: no env_production in 'y', 'z': what they are given is env alone",
    ]);
    expect(read(some, "production", ["x"]).notes).toEqual([]);
    expect(read([...some, { name: "needs", script: "x", depends_on: ["z"] }], "production", ["needs"]).notes).toEqual([
      "ecosystem.config.cjs: no env_production in 'z', 'needs': what they are given is env alone",
    ]);
  });
});

test("env_NAME stands over env, and only with --env NAME", () => {
  const app = { env: { A: "1", B: "1" }, env_production: { B: "2", C: "2" }, append_env_to_name: true };
  expect(requestOf(app).app?.variables).toEqual({ A: "1", B: "1" });
  expect(requestOf(app, { env: "production" })).toMatchObject({
    name: "app-production",
    app: { variables: { A: "1", B: "2", C: "2" } },
  });
});

describe("several instances", () => {
  const app = { instances: 3, env: { PORT: 3000, METRICS: 9000 }, out_file: "logs/out.log", error_file: "e" };

  test("each has its number and the next port, and files of its own", () => {
    const request = requestOf(app, { instance: 2, of: 3 });
    expect(request).toMatchObject({ port: 3002, streams: { out: "logs/out-2.log", err: "e-2" } });
    expect(request.app?.variables).toMatchObject({ NODE_APP_INSTANCE: "2" });
  });

  test("increment_var grows by one, and merge_logs keeps one file", () => {
    const request = requestOf(
      { ...app, increment_var: "METRICS", instance_var: "WHICH", merge_logs: true },
      { instance: 1, of: 3 },
    );
    expect(request.app?.variables).toMatchObject({ WHICH: "1", METRICS: "9001" });
    expect(request).toMatchObject({ port: 3001, streams: { out: "logs/out.log" } });
  });

  test("increment_var PORT counts once", () => {
    expect(requestOf({ ...app, increment_var: "PORT" }, { instance: 2, of: 3 }).port).toBe(3002);
  });

  test("a port behind the last one is refused", () => {
    expect(() => requestOf({ port: 65_535, instances: 2 }, { instance: 1, of: 2 })).toThrow("PORT is '65535'");
  });
});

describe("where an app runs", () => {
  const place = () => {
    const made = folder();
    mkdirSync(join(made, "config"));
    writeFileSync(join(made, "config/beside.js"), "");
    return made;
  };
  const cwdOf = (made: string, app: Record<string, unknown>) => {
    const [first] = read([app]).apps;
    if (first === undefined) throw new Error("it names an app");
    const asked = { file: join(made, "config/x.config.cjs"), environment: "", envFile: undefined, settleMs: 0 };
    return requestFor(worldAt(made), { app: first, name: "a", instance: 0, of: 1 }, asked, []).cwd;
  };

  test("beside its file; where the caller stands when the script is there alone", () => {
    const made = place();
    expect(cwdOf(made, { script: "beside.js" })).toBe(join(made, "config"));
    expect(cwdOf(made, { script: "app.js" })).toBe(made);
    expect(cwdOf(made, { script: "nowhere.js" })).toBe(join(made, "config"));
  });

  test("a relative cwd is meant from the file", () => {
    const made = place();
    expect(cwdOf(made, { script: "x", cwd: ".." })).toBe(made);
    expect(cwdOf(made, { script: "x", cwd: "config" })).toBe(join(made, "config"));
  });
});
