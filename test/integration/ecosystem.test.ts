import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf, list, meta, processes, row } from "../support/managed.ts";
import { freePort } from "../support/ports.ts";
import { script, seenIn, showing } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const stays = "setInterval(() => {}, 60000);\n";
/** Says in order.log when it begins and when it ends. */
const ordered = `
const { appendFileSync } = require("node:fs");
const say = (what) => appendFileSync("order.log", process.env.TSM_NAME + " " + what + "\\n");
say("begins");
process.on("SIGTERM", () => { say("ends"); process.exit(); });
setTimeout(() => console.log("ready"), 100);
${stays}`;

/** Quick: nothing here opens a port that says that it is up. */
const start = (home: Home, args: readonly string[], options: Parameters<typeof tsm>[2] = {}) =>
  tsm(home, ["start", ...args, "--settle", "0"], options);

function ecosystem(home: Home, apps: unknown, name = "ecosystem.config.cjs"): string {
  return script(home, name, `module.exports = ${JSON.stringify({ apps })};\n`);
}

async function names(home: Home): Promise<string[]> {
  return (await list(home)).map(({ name }) => name).sort();
}

async function pids(home: Home): Promise<Record<string, number | null>> {
  return Object.fromEntries((await list(home)).map(({ name, pid }) => [name, pid]));
}

/** What a process was given: as soon as what its runner has forked is the program. */
async function environmentOf(home: Home, name: string): Promise<ReadonlyMap<string, string>> {
  return await until("the program has its environment", () => {
    const environment = processes.environment(meta(home, name).pid);
    return environment?.get("TSM_NAME") === name ? environment : undefined;
  });
}

describe("the forms of a file", () => {
  test.for([
    ["ecosystem.config.cjs", "console.log('noise'); module.exports = { apps: [{ name: 'a', script: 'app.js' }] };"],
    ["ecosystem.config.js", "module.exports = { pm2: { name: 'a', script: 'app.js' } };"],
    ["ecosystem.config.mjs", "export default async () => [{ name: 'a', script: 'app.js' }];"],
    ["ecosystem.config.js", "export const apps = [{ name: 'a', script: 'app.js' }];"],
    [
      "ecosystem.config.cjs",
      "exports.__esModule = true; exports.default = { apps: [{ name: 'a', script: 'app.js' }] };",
    ],
    [
      "ecosystem.config.cjs",
      "setInterval(() => {}, 1000); module.exports = Promise.resolve({ name: 'a', script: 'app.js' });",
    ],
    [
      "ecosystem.json",
      '\ufeff{ // as people write it\n  apps: [{ name: "a", script: "app.js", }, /* no more */],\n}\n',
    ],
    ["ecosystem.json", '{"apps":[{"name":"a","script":"app.js"}]}'],
    ["ecosystem.yaml", "apps:\n  - &base\n    name: a\n    script: app.js # here\n"],
    ["ecosystem.config.yml", "- name: a\n  script: app.js\n"],
  ] as const)("%s: %s", async ([name, text]) => {
    const home = makeHome();
    script(home, "app.js", stays);
    script(home, name, text);
    const started = await start(home, []);
    expect(started.stderr).toBe(text.includes("noise") ? "tsm: ecosystem.config.cjs says: noise\n" : "");
    expect(started).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^tsm: started 'a' \(TSM ID: 0, PID: \d+\)\n$/),
    });
    expect((await row(home, "a")).status).toBe("online");
  });

  test("standard input, as JSON and as YAML", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    expect(await start(home, ["-"], { stdin: '[{ name: "j", script: "app.js" }]' })).toMatchObject({
      code: 0,
      stderr: "",
    });
    expect(await start(home, ["-"], { stdin: "apps:\n  - name: y\n    script: app.js\n" })).toMatchObject({
      code: 0,
      stderr: "",
    });
    expect(await names(home)).toEqual(["j", "y"]);
    const stdin = '[{ name: "j", script: "app.js" }]';
    expect(await tsm(home, ["restart", "-", "--force"], { stdin })).toMatchObject({ code: 0, stderr: "" });
    // A part of one name, which is not what is meant.
    expect((await start(home, ["app.js", "--name", "a-b"])).code).toBe(0);
    for (const [verb, done] of [
      ["stop", "stopped"],
      ["delete", "deleted"],
    ] as const)
      expect((await tsm(home, [verb, "-"], { stdin })).stdout).toMatch(new RegExp(`^tsm: ${done} 'j'.*\n$`));
    expect(await tsm(home, ["delete", "-"], { stdin })).toMatchObject({ code: 1, stdout: "" });
    for (const verb of ["start", "stop", "delete"])
      expect((await tsm(home, [verb, "-"], { stdin: "[{ name: 'y' }]" })).stderr).toContain("\n  Nothing was done\n");
    expect(await names(home)).toEqual(["a-b", "y"]);
  });

  test.for([
    "module.exports = {\napps: [{ name: 'a', script: 'app.js' }]\n}\n",
    "const { basename } = require('node:path'); const name = require('./name.cjs');\nexports.apps = [{ name, script: basename('x/app.js'), cwd: __dirname }];",
    `${"\n".repeat(60)}module.exports = async () => [{ name: 'a', script: 'app.js' }];`,
    "import { basename } from 'node:path';\nexport default { apps: [{ name: 'a', script: basename('x/app.js') }] };",
    '# people begin with a word\n\n"apps":\n  - name: a\n    script: app.js\n',
  ])("standard input that somebody has taken out of a file: %s", async (stdin) => {
    const home = makeHome();
    script(home, "app.js", stays);
    script(home, "name.cjs", "module.exports = 'a';");
    expect(await tsm(home, ["apply", "-", "--settle", "0"], { stdin })).toMatchObject({ code: 0, stderr: "" });
    expect((await tsm(home, ["apply", "-"], { stdin })).stdout).toContain("everything is as the file says");
    expect(await names(home)).toEqual(["a"]);
  });

  test.for([
    [
      "\nmodule.exports = { apps: [{ name: nobody, script: 'a.js' }] };",
      /input:2: ReferenceError: nobody is not defined/,
    ],
    ["\n\nexport default [{ name: nobody, script: 'a.js' }];", /input:3: ReferenceError: nobody is not defined/],
    ["require('./nowhere'); exports.apps = [];", /input:1: Error: Cannot find module '\.\/nowhere'/],
    [
      "import x from './x.mjs';\nexport default [x];",
      /input: TypeError: Failed to resolve module specifier "\.\/x\.mjs":/,
    ],
  ] as const)("standard input that cannot be a module: %s", async ([stdin, says]) => {
    const home = makeHome();
    const refused = await tsm(home, ["apply", "-"], { stdin });
    expect(refused).toMatchObject({ code: 65, stdout: "" });
    expect(refused.stderr).toMatch(says);
  });

  test("in a folder without one start says what can be started", async () => {
    const home = makeHome();
    const refused = await tsm(home, ["start"]);
    expect(refused).toMatchObject({ code: 64, stdout: "" });
    expect(refused.stderr).toContain("no ecosystem file in this folder");
    expect(refused.stderr).toContain("tsm init");
    expect(await tsm(home, ["apply"])).toMatchObject({
      code: 64,
      stderr: "tsm: there is no ecosystem file in this folder\n  tsm apply FILE, or tsm init for a first one\n",
    });
  });

  test("from elsewhere it means the same", async () => {
    const home = makeHome();
    script(home, "sub/show.cjs", showing);
    script(home, "sub/apps.json", '[{ name: "a", script: "show.cjs" }]');
    expect(await start(home, ["sub/apps.json"])).toMatchObject({ code: 0, stderr: "" });
    expect((await seenIn(join(home.folder, "sub"))).cwd).toBe(realpathSync(join(home.folder, "sub")));
  });
});

describe("a file that cannot be", () => {
  test.for([
    ["throw new Error('no such key');", 65, /config\.cjs:1: Error: no such key/],
    ["\n\nconst x = ;", 65, /config\.cjs:3: SyntaxError/],
    ["console.log('almost'); process.exit(3);", 65, /process\.exit\(3\)\n {3}almost/],
    ["module.exports = new Promise(() => {});", 65, /a promise that nothing keeps/],
    [
      "setTimeout(() => { throw new Error('late'); }, 20); module.exports = new Promise(() => setInterval(() => {}, 9));",
      65,
      /Error: late/,
    ],
    ["process.kill(process.pid, 'SIGKILL');", 65, /ecosystem\.config\.cjs: it was killed/],
    [
      "const a = { name: 'a', script: 'app.js' }; a.env = { a }; module.exports = a;",
      65,
      /env has a, which cannot be written as a text/,
    ],
    ["while (true) console.log('x'.repeat(100000));", 65, /more than a megabyte/],
    [
      "module.exports = { apps: [{ name: 'a', script: 'app.js' }, { name: 'b', script: 'missing.js' }] };",
      66,
      /app 'b': 'missing.js' not found/,
    ],
    [
      "module.exports = [{ name: 'a', script: 'app.js', depends_on: 'b' }, { name: 'b', script: 'app.js', depends_on: ['a'] }];",
      65,
      /a → b → a/,
    ],
    [
      "module.exports = [{ name: 'a', script: 'app.js', depends_on: 'bb' }, { name: 'b', script: 'app.js' }];",
      65,
      /names 'bb'[\s\S]*Did you mean 'b'/,
    ],
    [
      "module.exports = [{ name: 'a', script: 'app.js' }, { name: 'b', script: 'app.js', ready: 'port' }];",
      65,
      /app 'b': ready port: it has no port/,
    ],
    [
      "module.exports = [{ name: 'a', script: 'app.js' }, { name: 'b', script: 'app.js', cron: '99 * * * *' }];",
      65,
      /app 'b'/,
    ],
  ] as const)("%s", async ([text, code, says]) => {
    const home = makeHome();
    script(home, "app.js", stays);
    script(home, "ecosystem.config.cjs", text);
    const refused = await start(home, ["ecosystem.config.cjs"]);
    expect(refused).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(says) });
    expect(await list(home)).toEqual([]);
    expect(home.processes()).toEqual([]);
  });

  test("what it prints, and what it calls its attributes, moves no cursor", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    const text = "console.log('\\u001b[2J'); module.exports = { name: 'a', script: 'app.js', '\\u001b[31m': 1 };";
    const file = script(home, "ecosystem.config.cjs", text);
    expect(await tsm(home, ["apply", file, "--dry-run"])).toMatchObject({
      code: 0,
      stderr: "tsm: ecosystem.config.cjs: '^[[31m' is not an attribute\ntsm: ecosystem.config.cjs says: ^[[2J\n",
    });
  });

  test("a module under the name of the other kind is told how it should be called", async () => {
    const home = makeHome();
    for (const text of ["export default [];", "import 'node:fs';"]) {
      const file = script(home, "ecosystem.config.cjs", text);
      const { code, stderr } = await tsm(home, ["apply", file]);
      expect({ code, hint: stderr.split("\n")[1] }).toEqual({
        code: 65,
        hint: "  Name it .mjs, or write module.exports",
      });
    }
  });

  test("one that hangs is ended, and what it started with it", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    script(
      home,
      "ecosystem.config.cjs",
      `require("node:child_process").spawn("sleep", ["${home.folder.length}00"]); for (;;);`,
    );
    const refused = await start(home, []);
    expect(refused).toMatchObject({ code: 65, stderr: expect.stringContaining("it was not done after 10 s") });
    expect(home.processes()).toEqual([]);
  });

  test.for([
    ["a.yaml", "apps:\n - name: x\n  script: y\n", 65, /a\.yaml:\d+: /],
    ["a.yaml", "&a [*a]\n", 65, /contains it/],
    ["a.yaml", "- script: x\n---\n- script: y\n", 65, /a\.yaml:2: it holds several documents/],
    ["a.json", "", 65, /is empty/],
    ["a.json", "\0", 65, /NUL/],
    ["a.json", "[{name: 'x', script:]", 65, /a\.json:1: SyntaxError/],
    ["a.json", "{}", 65, /names no apps/],
    ["b.json", undefined, 66, /a\.json was not found/],
  ] as const)("%s holding %o", async ([name, text, code, says]) => {
    const home = makeHome();
    if (text !== undefined) script(home, name, text);
    expect(await start(home, [name === "b.json" ? "a.json" : name])).toMatchObject({
      code,
      stderr: expect.stringMatching(says),
    });
  });

  test("a pipe of that name is told to be no file, and is not read", async () => {
    const home = makeHome();
    execFileSync("bash", ["-c", 'mkfifo "$0"', join(home.folder, "a.json")]);
    for (const verb of ["start", "apply"]) {
      const { code, stderr } = await tsm(home, [verb, "a.json"]);
      expect(stderr).toContain("a.json is not a file");
      expect(code).toBe(66);
    }
  });

  test("flags of one process and words behind the file are refused", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    ecosystem(home, [{ name: "a", script: "app.js" }]);
    for (const more of [["--name", "x"], ["--max-memory", "1G"], ["b"], ["-k", "2"]]) {
      expect(await tsm(home, ["start", "ecosystem.config.cjs", ...more]), more.join(" ")).toMatchObject({ code: 64 });
    }
    expect((await tsm(home, ["start", "ecosystem.config.cjs", "b"])).stderr).toContain("--only b\n");
    const dry = await tsm(home, ["start", "ecosystem.config.cjs", "--dry-run"]);
    expect(dry).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("tsm apply ecosystem.config.cjs --dry-run"),
    });
    expect(await tsm(home, ["start", "app.js", "--only", "a"])).toMatchObject({ code: 64 });
    expect(await list(home)).toEqual([]);
  });

  test("flags that pm2 takes over a file: -i for all, --namespace and --watch where the file says nothing", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    const file = "apps.json";
    script(
      home,
      file,
      JSON.stringify([
        { name: "a", script: "app.js" },
        { name: "b", script: "app.js", namespace: "own" },
      ]),
    );
    const started = await start(home, [file, "-i", "2", "--namespace", "shop", "--watch"]);
    expect(started).toMatchObject({ code: 0, stderr: "" });
    const listed = (await tsmJson(home, ["jlist"])) as { name: string; pm2_env: { namespace: string } }[];
    expect(listed.map(({ name, pm2_env: { namespace } }) => `${name} ${namespace}`).sort()).toEqual([
      "a-0 shop",
      "a-1 shop",
      "b-0 own",
      "b-1 own",
    ]);
    expect(JSON.parse(readFileSync(join(folderOf(home, "a-1"), "launch/policy.json"), "utf8"))).toMatchObject({
      oversight: { watch: [home.folder] },
    });
  });
});

describe("what an app is given", () => {
  test("its arguments word for word, its folder, and variables over the env file over the caller's", async () => {
    const home = makeHome();
    script(home, "sub/show.cjs", showing);
    script(home, "sub/.env", "A=file\nB=file\nC=file\nPORT=1\n");
    const port = await freePort();
    ecosystem(home, [
      {
        name: "a",
        script: "show.cjs",
        cwd: "sub",
        args: ["two words", "$HOME", "*"],
        node_args: "--no-warnings",
        env_file: ".env",
        env: { B: "env", C: "env", PORT: port, HOW: "" },
        env_production: { C: "production" },
        filter_env: ["SECRET"],
      },
    ]);
    const started = await start(home, ["--env", "production"], { env: { A: "shell", D: "shell", MY_SECRET_KEY: "x" } });
    expect(started).toMatchObject({ code: 0, stderr: "" });
    const { argv, env, cwd } = await seenIn(join(home.folder, "sub"));
    expect(argv).toEqual(["two words", "$HOME", "*"]);
    expect(cwd).toBe(realpathSync(join(home.folder, "sub")));
    expect(env).toMatchObject({
      A: "file",
      B: "env",
      C: "production",
      D: "shell",
      HOW: "",
      PORT: String(port),
      TSM_NAME: "a",
    });
    expect(env["MY_SECRET_KEY"]).toBeUndefined();
    expect(env["NODE_APP_INSTANCE"]).toBeUndefined();
  });

  test("variables outlive a restart and --update-env, are known to env --diff, and go with the file", async () => {
    const home = makeHome();
    script(home, "show.cjs", showing);
    ecosystem(home, [{ name: "a", script: "show.cjs", env: { A: "1", GONE: "1" } }]);
    await start(home, []);
    const first = await seenIn(home.folder);
    expect((await tsm(home, ["env", "a", "--diff"])).stdout).not.toContain("GONE");
    await tsm(home, ["restart", "a", "--settle", "0", "--update-env"], { env: { NEW: "1" } });
    const second = await seenIn(home.folder, first.pid);
    expect(second.env).toMatchObject({ A: "1", GONE: "1", NEW: "1" });
    ecosystem(home, [{ name: "a", script: "show.cjs", env: { A: "2" } }]);
    const restarted = await tsm(home, ["restart", "ecosystem.config.cjs", "--settle", "0"]);
    expect(restarted.stdout).toContain("~ a (changed: env.A, env.GONE)\n");
    const third = await seenIn(home.folder, second.pid);
    expect(third.env["A"]).toBe("2");
    expect(third.env["GONE"]).toBeUndefined();
  });

  test("nobody else may read what was kept of its variables", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    ecosystem(home, [{ name: "a", script: "app.js", env: { TOKEN: "s3cret" } }]);
    const { stdout, stderr } = await start(home, []);
    expect(stdout + stderr + (await tsm(home, ["apply", "--dry-run", "--json"])).stdout).not.toContain("s3cret");
    expect(statSync(join(folderOf(home, "a"), "launch/app.json")).mode & 0o077).toBe(0);
    expect((await tsm(home, ["env", "a"])).stdout).not.toContain("s3cret");
  });

  test("its logs, their folders made, numbered for each of several", async () => {
    const home = makeHome();
    script(home, "app.js", `console.log("out " + process.env.NODE_APP_INSTANCE); console.error("err");\n${stays}`);
    ecosystem(home, [{ name: "a", script: "app.js", instances: 2, out: "logs/deep/o.log", error_file: "NULL" }]);
    expect(await start(home, [])).toMatchObject({ code: 0, stderr: "" });
    for (const number of [0, 1])
      await until(
        "it has written",
        () => readFileSync(join(home.folder, `logs/deep/o-${number}.log`), "utf8") === `out ${number}\n`,
      );
  });

  test("its hooks hear of its events", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    ecosystem(home, [
      {
        name: "a",
        script: "app.js",
        hooks: { post_start: 'echo "$TSM_EVENT of $TSM_NAME" >> events', post_stop: 'echo "$TSM_EVENT" >> events' },
      },
    ]);
    await start(home, []);
    const events = () =>
      existsSync(join(home.folder, "events")) ? readFileSync(join(home.folder, "events"), "utf8") : "";
    await until("its start was told", () => events() === "post_start of a\n");
    await tsm(home, ["stop", "a"]);
    await until("its end was told", () => events() === "post_start of a\npost_stop\n");
  });
});

describe("--only", () => {
  test("starts these alone, and what they depend on", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    ecosystem(
      home,
      ["a", "b", "c"].map((name) => ({ name, script: "app.js", ...(name === "a" ? { depends_on: ["b"] } : {}) })),
    );
    expect(await start(home, ["ecosystem.config.cjs", "--only", "a"])).toMatchObject({ code: 0 });
    expect(await names(home)).toEqual(["a", "b"]);
    const before = await pids(home);
    await start(home, ["--only", "a"]);
    const after = await pids(home);
    expect(after["b"]).toBe(before["b"]);
    expect(after["a"]).not.toBe(before["a"]);
  });

  test("names what there is not", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    ecosystem(home, [{ name: "api", script: "app.js" }]);
    const refused = await start(home, ["--only", "apo"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("has no app 'apo'\n  Did you mean 'api'?");
  });

  test("starts an app whose autostart is false, which nothing else does", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    ecosystem(home, [{ name: "a", script: "app.js", autostart: false }]);
    // As with pm2 it is there, by its name and id.
    expect((await start(home, [])).stdout).toBe("tsm: recorded 'a' (TSM ID: 0, PID: none): autostart is false\n");
    expect(await list(home)).toMatchObject([{ name: "a", id: 0, status: "stopped" }]);
    for (const verb of ["start", "apply", "restart"])
      expect((await tsm(home, [verb, "ecosystem.config.cjs"])).stdout).toContain("autostart is false");
    expect(await list(home)).toMatchObject([{ status: "stopped" }]);
    await start(home, ["--only", "a"]);
    expect(await list(home)).toMatchObject([{ status: "online" }]);
  });
});

describe("order", () => {
  test("each is up before what depends on it begins, and ends after it", async () => {
    const home = makeHome();
    script(home, "app.cjs", ordered);
    const app = { script: "app.cjs", ready: "log:/ready/" };
    ecosystem(home, [
      { ...app, name: "web", depends_on: ["api"] },
      { ...app, name: "api", depends_on: ["db"] },
      { ...app, name: "db" },
    ]);
    expect(await tsm(home, ["start"])).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(join(home.folder, "order.log"), "utf8")).toBe("db begins\napi begins\nweb begins\n");
    expect(await tsm(home, ["stop", "ecosystem.config.cjs"])).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(join(home.folder, "order.log"), "utf8")).toBe(
      "db begins\napi begins\nweb begins\nweb ends\napi ends\ndb ends\n",
    );
  });

  test("with --parallel 1 too", async () => {
    const home = makeHome();
    script(home, "app.cjs", ordered);
    ecosystem(home, [
      { name: "web", script: "app.cjs", ready: "log:/ready/", depends_on: ["db"] },
      { name: "db", script: "app.cjs", ready: "log:/ready/" },
    ]);
    for (const verb of ["start", "restart", "reload"])
      expect(await tsm(home, [verb, "ecosystem.config.cjs", "--parallel", "1"]), verb).toMatchObject({
        code: 0,
        stderr: "",
      });
    expect(readFileSync(join(home.folder, "order.log"), "utf8").split("\n").slice(0, 2)).toEqual([
      "db begins",
      "web begins",
    ]);
  });

  test("one that fails stops what needs it and no other", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    script(home, "bad.js", "process.exit(1)");
    ecosystem(home, [
      { name: "web", script: "app.js", depends_on: ["db"] },
      { name: "db", script: "bad.js" },
      { name: "other", script: "app.js" },
    ]);
    const started = await tsm(home, ["start"]);
    expect(started).toMatchObject({ code: 1 });
    expect(started.stdout).toMatch(/^tsm: started 'other' [^\n]*\n$/);
    expect(started.stderr).toContain("'db' ended as soon as it was started");
    expect(started.stderr).toContain("'web' was not started, as it depends on 'db'");
  });
});

describe("what is there already", () => {
  test("start restarts it with what the file says now, under its id", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    await tsm(home, ["start", "--name", "a", "--settle", "0", "--", "sleep", "600"]);
    ecosystem(home, [
      { name: "b", script: "app.js" },
      { name: "a", script: "app.js", max_memory_restart: "1G" },
    ]);
    const started = await start(home, []);
    expect(started.stdout).toMatch(/restarted 'a' \(TSM ID: 0,/);
    expect((await row(home, "a")).command).toContain("app.js");
    expect((await list(home)).length).toBe(2);
    const again = await tsm(home, ["startOrRestart", "ecosystem.config.cjs", "--settle", "0"]);
    expect(again.stdout.match(/restarted/g)).toHaveLength(2);
    expect((await row(home, "a")).restarts).toBe(2);
  });

  test("stop, restart and delete take the file, also one that cannot be read any more", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    await tsm(home, ["start", "--name", "mine", "--settle", "0", "--", "sleep", "600"]);
    const file = ecosystem(home, [
      { name: "a", script: "app.js" },
      { name: "b", script: "app.js", instances: 2 },
    ]);
    await start(home, []);
    expect(
      (await tsm(home, ["restart", "ecosystem.config.cjs", "--force", "--settle", "0"])).stdout.match(/restarted/g),
    ).toHaveLength(3);
    writeFileSync(file, "this is no JavaScript");
    expect(await tsm(home, ["restart", "ecosystem.config.cjs", "--settle", "0"])).toMatchObject({
      code: 65,
      stdout: "",
    });
    expect((await tsm(home, ["stop", file])).stdout.match(/stopped/g)).toHaveLength(3);
    expect((await tsm(home, ["delete", "ecosystem.config.cjs"])).stdout.match(/deleted/g)).toHaveLength(3);
    expect(await names(home)).toEqual(["mine"]);
  });
});

describe("what a file leaves behind, and what it cannot name", () => {
  test("what it has started ends with it", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    const begin = 'const { pid } = require("node:child_process").spawn("sleep", ["600"], { stdio: "inherit" });';
    const say = 'require("node:fs").writeFileSync("pid", String(pid));';
    script(home, "ecosystem.config.cjs", `${begin} ${say} module.exports = [{ name: "a", script: "app.js" }];`);
    expect(await start(home, [])).toMatchObject({ code: 0, stderr: "" });
    const pid = Number(readFileSync(join(home.folder, "pid"), "utf8"));
    await until("its child has ended", () => processes.identify(pid) === undefined);
  });

  test("two apps that would have a process of the same name are refused before anything starts", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    ecosystem(home, [
      { name: "a", script: "app.js", instances: 2 },
      { name: "a-0", script: "app.js" },
    ]);
    const refused = await start(home, []);
    expect(refused).toMatchObject({ code: 65, stdout: "" });
    expect(refused.stderr).toContain("'a' and 'a-0' would both have a process 'a-0'");
    expect(await names(home)).toEqual([]);
  });

  test.for([
    [
      '[{ name: "a", script: "app.js", cron_restart: "61 * * * *" }]',
      "app 'a': cron_restart: '61 * * * *' is not a cron",
    ],
    ['[{ name: "a", script: "app.js", cwd: "nope" }]', "Give a folder that exists with cwd\n"],
    ['[{ name: "a", script: "app.js", hooks: { pre_stop: 5 } }]', "an object whose pre_stop is a command"],
    [
      '[{ name: "a", script: "app.js", ready: "port" }]',
      "app 'a': ready port: it has no port\n  Say which with port\n",
    ],
    ['[{ name: "a", script: "sleep 600", wait_ready: true }]', "app 'a': wait_ready: only a script"],
    ['[{ name: "a", script: "app.js", pid_file: "/no/such/a.pid" }]', "app 'a': pid_file: /no/such/a.pid cannot"],
    ['[{ name: "a", script: "nix --port 3000" }]', "there is no file 'nix --port 3000'"],
    ['[{ name: "a", script: "./plain" }]', "\n  tsm start --interpreter bash ./plain\n"],
    ['{ apps: [{ name: "a", script: "app.js" }', "Unexpected end of input"],
  ] as const)("%s is refused in the file's own words", async ([text, says]) => {
    const home = makeHome();
    script(home, "app.js", stays);
    chmodSync(script(home, "plain", "echo hi\n"), 0o755);
    script(home, "apps.json", text);
    expect((await start(home, ["apps.json"])).stderr).toContain(says);
  });
});

describe("apply", () => {
  test("touches what has changed and nothing else", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    const app = (name: string, more = {}) => ({ name, script: "app.js", ...more });
    ecosystem(home, [
      app("same"),
      app("other", { env: { A: 1 } }),
      app("gone"),
      app("fewer", { instances: 3 }),
      app("rests"),
    ]);
    await start(home, []);
    await tsm(home, ["start", "--name", "stranger", "--settle", "0", "--", "sleep", "600"]);
    await tsm(home, ["stop", "rests"]);
    const before = await pids(home);
    ecosystem(home, [
      app("same"),
      app("other", { env: { A: 2 }, kill_timeout: "9s" }),
      app("new"),
      app("fewer", { instances: 1 }),
      app("rests"),
    ]);

    const dry = await tsm(home, ["apply", "--dry-run"]);
    expect(dry.stdout).toBe(
      [
        "  same (it is as the file says)",
        "~ other (changed: kill_timeout, env.A)",
        "+ new",
        "  fewer-0 (it is as the file says)",
        "+ rests (it does not run)",
        "- gone (the file no longer names it)",
        "- fewer-1 (the file asks for fewer instances)",
        "- fewer-2 (the file asks for fewer instances)",
        "tsm: nothing was done: this is what apply would do",
        "",
      ].join("\n"),
    );
    expect(await pids(home)).toEqual(before);

    expect(await tsm(home, ["apply", "--settle", "0"])).toMatchObject({ code: 0, stderr: "" });
    const after = await pids(home);
    expect(Object.keys(after).sort()).toEqual(["fewer-0", "new", "other", "rests", "same", "stranger"]);
    for (const name of ["same", "stranger", "fewer-0"]) expect(after[name], name).toBe(before[name]);
    for (const name of ["other", "rests"]) expect(after[name], name).not.toBe(before[name]);

    const again = await tsm(home, ["apply", "ecosystem.config.cjs", "--settle", "0"]);
    expect(again.stdout).toContain("tsm: everything is as the file says\n");
    expect(await pids(home)).toEqual(after);
    expect((await tsm(home, ["undo", "--yes"])).stdout).toContain("gone");
  });

  test("a changed env file is a change; --env stays what it was", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    script(home, ".env", "FROM=file\nSECRET_KEY=one\n");
    ecosystem(home, [{ name: "a", script: "app.js", env_file: ".env", env_production: { MODE: "production" } }]);
    await start(home, ["--env", "production"]);
    expect(await tsmJson(home, ["apply", "--dry-run"])).toMatchObject({
      plan: [{ name: "a", does: "nothing" }],
      results: null,
    });
    script(home, ".env", "SECRET_KEY=two\n");
    expect(await tsmJson(home, ["apply", "--settle", "0"])).toMatchObject({
      plan: [{ name: "a", does: "restart", changes: ["env.FROM", "env.SECRET_KEY"] }],
      results: [{ name: "a", process: { status: "online" }, error: null }],
    });
    expect((await environmentOf(home, "a")).get("MODE")).toBe("production");
  });

  test("a broken file touches nothing", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    const file = ecosystem(home, [
      { name: "a", script: "app.js" },
      { name: "b", script: "app.js" },
    ]);
    await start(home, []);
    const before = await pids(home);
    writeFileSync(
      file,
      'module.exports = [{ name: "a", script: "app.js", env: { A: 1 } }, { name: "c", script: "missing.js" }];',
    );
    expect(await tsm(home, ["apply"])).toMatchObject({ code: 66, stdout: "" });
    expect(await pids(home)).toEqual(before);
  });
});

describe("instances", () => {
  test("a name means all of them, and each has its number and a port of its own", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    ecosystem(home, [
      { name: "api", script: "app.js", instances: 3, increment_var: "PORT", env: { PORT: 42_000 } },
      { name: "api-gateway", script: "app.js" },
    ]);
    expect(await start(home, [])).toMatchObject({ code: 0, stderr: "" });
    expect(await names(home)).toEqual(["api-0", "api-1", "api-2", "api-gateway"]);
    for (const number of [0, 1, 2]) {
      const env = await environmentOf(home, `api-${number}`);
      expect([env.get("NODE_APP_INSTANCE"), env.get("PORT")]).toEqual([String(number), String(42_000 + number)]);
    }
    const listed = (await tsmJson(home, ["jlist"])) as { name: string; pm2_env: { instances: number } }[];
    expect(listed.map(({ pm2_env: { instances } }) => instances)).toEqual([3, 3, 3, 1]);
    expect((await tsm(home, ["stop", "api"])).stdout.match(/stopped 'api-\d'/g)).toHaveLength(3);
    expect((await row(home, "api-gateway")).status).toBe("online");
  });

  test("a part of one app's name means all its instances, a part that another has too none of them", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    ecosystem(home, [
      { name: "shop-app", script: "app.js", instances: 2 },
      { name: "blog", script: "app.js" },
      { name: "blog-shop", script: "app.js" },
    ]);
    expect(await start(home, [])).toMatchObject({ code: 0, stderr: "" });
    for (const verb of ["restart", "reload", "stop"])
      expect((await tsm(home, [verb, "p-app"])).stdout.match(/ed 'shop-app-\d'/g), verb).toHaveLength(2);
    expect((await tsm(home, ["start", "shop-app"])).stdout.match(/ started 'shop-app-\d'/g)).toHaveLength(2);
    expect((await tsm(home, ["scale", "hop-ap", "1"])).stdout).toContain("deleted 'shop-app-1'");
    expect(await tsm(home, ["stop", "shop"])).toMatchObject({ code: 1, stderr: expect.stringContaining("ambiguous") });
  });

  test("start -i makes several, -i again restarts them, and the words behind them are theirs", async () => {
    const home = makeHome();
    script(home, "show.cjs", showing);
    const started = await tsm(home, [
      "start",
      "-i",
      "2",
      "--name",
      "w",
      "--settle",
      "0",
      "--",
      "node",
      "show.cjs",
      "x y",
    ]);
    expect(started).toMatchObject({ code: 0, stderr: "" });
    expect(await names(home)).toEqual(["w-0", "w-1"]);
    expect((await environmentOf(home, "w-1")).get("NODE_APP_INSTANCE")).toBe("1");
    expect((await seenIn(home.folder)).argv).toEqual(["x y"]);
    const again = await tsm(home, ["start", "show.cjs", "-i", "2", "--name", "w", "--settle", "0"]);
    expect(again.stdout.match(/restarted/g)).toHaveLength(2);
    expect(await tsm(home, ["start", "-i", "many", "show.cjs"])).toMatchObject({ code: 64 });
    const fewer = await tsm(home, ["start", "show.cjs", "-i", "-999", "--name", "one", "--settle", "0"]);
    expect(fewer.stdout.match(/started 'one-\d'/g)).toEqual(["started 'one-0'"]);
  });

  test("start -i with a port to look for finds one for each, and two at once never the same", async () => {
    const home = makeHome();
    const start = (name: string, ports: string) =>
      tsm(home, ["start", "-i", "2", "--name", name, "--port", ports, "--settle", "0", "--", "sleep", "600"]);
    // Below those that the kernel gives out.
    const both = await Promise.all([start("a", "28430-28439"), start("b", "28430-28439")]);
    for (const each of both) expect(each).toMatchObject({ code: 0, stderr: "" });
    // Rows of this very test's making.
    const ports = async () =>
      new Map(
        ((await tsmJson(home, ["ports"])) as { name: string; port: number }[]).map((row) => [row.name, row.port]),
      );
    const found = await ports();
    expect([...found.keys()].sort()).toEqual(["a-0", "a-1", "b-0", "b-1"]);
    expect(new Set(found.values()).size).toBe(4);
    expect((await environmentOf(home, "b-1")).get("PORT")).toBe(String(found.get("b-1")));
    expect((await start("a", "28430+")).stdout.match(/restarted 'a-\d'/g)).toHaveLength(2);
    expect(await ports()).toEqual(found);
    expect(await tsm(home, ["scale", "a", "4", "--settle", "0"])).toMatchObject({ code: 0 });
    expect(new Set([...(await ports())].flatMap(([name, port]) => (name.startsWith("a") ? [port] : []))).size).toBe(4);
    const few = await start("c", "28450-28450");
    expect(few).toMatchObject({ code: 1, stderr: expect.stringContaining("no port from 28450 to 28450 is free") });
    expect([...(await ports()).keys()]).not.toContain("c-0");
  });

  test("each has a pid file of its own, which goes with it alone", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    ecosystem(home, [{ name: "w", script: "app.js", instances: 2, pid_file: "w.pid" }]);
    await start(home, []);
    await start(home, ["app.js", "-i", "2", "--name", "x", "--pid", "x.pid"]);
    await tsm(home, ["scale", "w", "3", "--settle", "0"]);
    const written = () => readdirSync(home.folder).filter((name) => name.endsWith(".pid"));
    const all = ["w-0", "w-1", "w-2", "x-0", "x-1"];
    for (const name of all) {
      const file = join(home.folder, `${name}.pid`);
      expect(await until(`${name} has its file`, () => existsSync(file) && readFileSync(file, "utf8"))).toBe(
        `${(await row(home, name)).pid}\n`,
      );
    }
    await tsm(home, ["stop", "w-1"]);
    await until("its file is gone", () => !existsSync(join(home.folder, "w-1.pid")));
    expect(written().sort()).toEqual(all.filter((name) => name !== "w-1").map((name) => `${name}.pid`));
  });

  test("start -i with a file for the logs numbers it for each, as an app's are, unless they are to be merged", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    const logs = ["-o", "logs/o.log", "-e", "NULL"];
    await start(home, ["app.js", "-i", "2", "--name", "w", ...logs]);
    await start(home, ["app.js", "-i", "2", "--name", "m", "-l", "logs/m.log", "--merge-logs"]);
    expect(readdirSync(join(home.folder, "logs")).sort()).toEqual(["m.log", "o-0.log", "o-1.log"]);
    await tsm(home, ["scale", "w", "3", "--settle", "0"]);
    expect(readdirSync(join(home.folder, "logs")).sort()).toEqual(["m.log", "o-0.log", "o-1.log", "o-2.log"]);
  });

  test("scale makes more and fewer, and leaves the others alone", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    await tsm(home, ["start", "--name", "w", "--settle", "0", "--", "node", "app.js"]);
    const scale = (to: string) => tsm(home, ["scale", "w", to, "--settle", "0"]);
    const { pid } = await row(home, "w");
    expect((await scale("3")).stdout.match(/started 'w-[12]'/g)).toHaveLength(2);
    expect((await scale("+1")).stdout).toContain("started 'w-3'");
    expect((await scale("-2")).stdout.match(/deleted 'w-[23]'/g)).toHaveLength(2);
    expect((await scale("2")).stdout).toBe("tsm: there are so many already: 2\n");
    expect(await names(home)).toEqual(["w", "w-1"]);
    expect((await row(home, "w")).pid).toBe(pid);
    expect((await environmentOf(home, "w-1")).get("NODE_APP_INSTANCE")).toBe("1");
    expect((await tsm(home, ["stop", "w"])).stdout.match(/stopped/g)).toHaveLength(2);
    for (const [to, code] of [
      ["-3", 64],
      ["x", 64],
      ["5000", 64],
    ] as const)
      expect(await scale(to), to).toMatchObject({ code });
    expect((await scale("0")).stdout.match(/deleted 'w(?:-1)?'/g)).toHaveLength(2);
    expect(await names(home)).toEqual([]);
    expect((await tsm(home, ["undo"])).code).toBe(0);
    expect(await names(home)).toEqual(["w", "w-1"]);
    expect(await tsm(home, ["scale", "nobody", "2"])).toMatchObject({ code: 1 });
  });

  test("scale to a number starts those that were stopped, by more and fewer leaves them at rest", async () => {
    const home = makeHome();
    script(home, "app.js", stays);
    ecosystem(home, [{ name: "w", script: "app.js", instances: 2 }]);
    await start(home, []);
    const scale = (to: string) => tsm(home, ["scale", "w", to, "--settle", "0"]);
    const states = async () => (await list(home)).map(({ name, status }) => `${name} ${status}`).sort();
    await tsm(home, ["stop", "w-0"]);
    expect((await scale("+1")).stdout).toMatch(/^tsm: started 'w-2' .*\n$/);
    expect(await states()).toEqual(["w-0 stopped", "w-1 online", "w-2 online"]);
    expect((await scale("1")).stdout).toMatch(/started 'w-0'/);
    expect(await states()).toEqual(["w-0 online"]);
    await scale("3");
    const { "w-0": first } = await pids(home);
    await tsm(home, ["stop", "w-2"]);
    expect((await scale("3")).stdout).toMatch(/^tsm: started 'w-2' \(TSM ID: 2, PID: \d+\)\n$/);
    expect((await pids(home))["w-0"]).toBe(first);
    expect((await scale("3")).stdout).toBe("tsm: there are so many already: 3\n");
    expect((await scale("-1")).stdout).toContain("deleted 'w-2'");
    await tsm(home, ["stop", "w"]);
    expect((await scale("-1")).stdout).toContain("deleted 'w-1'");
    expect(await states()).toEqual(["w-0 stopped"]);
  });

  test("a process with a port that becomes several is the first of an app without the port in its name", async () => {
    const home = makeHome();
    // Below those that the kernel gives out: nobody takes the next one.
    const port = 28_410;
    await tsm(home, ["start", "--name", "w", "--port", String(port), "--settle", "0", "--", "sleep", "600"]);
    await tsm(home, ["scale", `w-${port}`, "2", "--settle", "0"]);
    expect(await names(home)).toEqual(["w-1", `w-${port}`]);
    expect(await row(home, "w-1")).toMatchObject({ port: port + 1 });
    expect((await tsm(home, ["stop", "w"])).stdout.match(/stopped/g)).toHaveLength(2);
    expect((await tsm(home, ["scale", "w", "1"])).stdout).toContain("deleted 'w-1'");
    expect(await names(home)).toEqual([`w-${port}`]);
  });

  test("reload takes one after the other, and stops when one does not come up", async () => {
    const home = makeHome();
    script(home, "app.cjs", ordered);
    ecosystem(home, [{ name: "w", script: "app.cjs", instances: 2, ready: "log:/ready/", listen_timeout: "30s" }]);
    await tsm(home, ["start"]);
    expect((await tsm(home, ["reload", "w"])).stdout.match(/reloaded/g)).toHaveLength(2);
    expect(readFileSync(join(home.folder, "order.log"), "utf8").split("\n").slice(2, 6)).toEqual([
      "w-0 ends",
      "w-0 begins",
      "w-1 ends",
      "w-1 begins",
    ]);
    const before = await pids(home);
    script(home, "app.cjs", "process.exit(1)");
    const failed = await tsm(home, ["startOrReload", "ecosystem.config.cjs"]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("'w-1' was left as it was, as 'w-0' did not come up");
    expect((await pids(home))["w-1"]).toBe(before["w-1"]);
  });
});

describe("init", () => {
  test("writes a file that can be read, and replaces none", async () => {
    const home = makeHome();
    for (const name of ["server.js", "worker.js", "app.js"]) script(home, name, stays);
    const wrote = await tsm(home, ["init"]);
    const file = join(home.folder, "ecosystem.config.cjs");
    expect(wrote.stdout).toContain(`${realpathSync(file)} was written`);
    expect(await tsmJson(home, ["apply", "--dry-run"])).toMatchObject({
      notes: [],
      plan: [{ name: "api" }, { name: "worker-0" }, { name: "worker-1" }],
    });
    const text = readFileSync(file, "utf8");
    expect(await tsm(home, ["ecosystem", "simple"])).toMatchObject({ code: 1, stdout: "" });
    expect(readFileSync(file, "utf8")).toBe(text);
    const other = makeHome();
    script(other, "app.js", stays);
    expect(await tsm(other, ["ecosystem", "simple"])).toMatchObject({ code: 0 });
    expect(await start(other, [])).toMatchObject({ code: 0, stderr: "" });
  });
});

test("two starts of one file at the same time leave one process of each app, and each says what it has done", async () => {
  const home = makeHome();
  script(home, "app.js", stays);
  ecosystem(
    home,
    ["a", "b", "c"].map((name) => ({ name, script: "app.js" })),
  );
  const both = await Promise.all([start(home, []), start(home, [])]);
  for (const each of both) expect(each).toMatchObject({ code: 0, stderr: "" });
  expect(await names(home)).toEqual(["a", "b", "c"]);
  for (const name of await names(home)) {
    const said = both.map(({ stdout }) => stdout.split("\n").find((line) => line.includes(`'${name}'`)) ?? "");
    expect(
      said.filter((line) => line.includes(": started ")),
      said.join("\n"),
    ).toHaveLength(1);
    expect(
      said.filter((line) => / restarted |another tsm has just started it$/.test(line)),
      said.join("\n"),
    ).toHaveLength(1);
  }
  for (const { name, status } of await list(home)) expect(status, name).toBe("online");
});

test.for(["apply", "restart"])("four times %s of a file at once: each says what became of its plan", async (verb) => {
  const home = makeHome();
  script(home, "app.js", stays);
  ecosystem(home, [{ name: "a", script: "app.js" }]);
  const one = () => tsm(home, [verb, "ecosystem.config.cjs"]);
  for (const each of await Promise.all([one(), one(), one(), one()])) {
    expect(each).toMatchObject({ code: 0, stderr: "" });
    expect(each.stdout).toMatch(
      /: (?:re)?started 'a' \(|^ {2}a \(it is as|'a' stays as it is: another tsm has just started it$/m,
    );
    if (each.stdout.includes("another tsm")) expect(each.stdout).not.toContain("nothing to restart");
  }
});

test("two reloads of a file of which nothing runs: the slower one says that there was another", async () => {
  const home = makeHome();
  script(home, "app.js", stays);
  ecosystem(home, [{ name: "a", script: "app.js" }]);
  const reload = () => tsm(home, ["reload", "ecosystem.config.cjs"]);
  for (const each of await Promise.all([reload(), reload()])) {
    expect(each).toMatchObject({ code: 0, stderr: "" });
    expect(each.stdout).toMatch(
      / (?:re)?(?:start|load)ed 'a' \(|'a' stays as it is: another tsm has just started it$/m,
    );
  }
});
