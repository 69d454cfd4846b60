import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { list } from "../support/managed.ts";
import { script } from "../support/scripts.ts";
import { define } from "../support/services.ts";
import { tsm } from "../support/tsm.ts";

/* How people who come from pm2 put its words together. */

const stays = "setInterval(() => {}, 60000);\n";
const file = "ecosystem.config.cjs";

function homeWithApps(): Home {
  const home = makeHome();
  script(home, "app.js", stays);
  const apps = [
    { name: "api", script: "app.js", instances: 2 },
    { name: "my worker", script: "app.js" },
  ];
  script(home, file, `module.exports = ${JSON.stringify({ apps })};\n`);
  return home;
}

async function statuses(home: Home): Promise<Record<string, string>> {
  return Object.fromEntries((await list(home)).map(({ name, status }) => [name, status]));
}

test("stop and delete of a file take --only, and touch nothing when one of the names is not there", async () => {
  const home = homeWithApps();
  await tsm(home, ["start", "--settle", "0"]);

  const slip = await tsm(home, ["stop", file, "--only", "my worker,wroker"]);
  expect(slip).toMatchObject({ code: 1, stdout: "" });
  expect(slip.stderr).toBe(`tsm: of ${file} there is no app 'wroker' here\n  There is api, my worker\n`);
  expect(await statuses(home)).toEqual({ "api-0": "online", "api-1": "online", "my worker": "online" });

  expect(await tsm(home, ["stop", file, "--only", "api"])).toMatchObject({ code: 0, stderr: "" });
  expect(await statuses(home)).toEqual({ "api-0": "stopped", "api-1": "stopped", "my worker": "online" });
  expect(await tsm(home, ["delete", file, "--only", "my worker"])).toMatchObject({ code: 0, stderr: "" });
  expect(await statuses(home)).toEqual({ "api-0": "stopped", "api-1": "stopped" });

  expect(await tsm(home, ["delete", "api", "--only", "api"])).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("--only is for the apps of a file"),
  });
  expect(Object.keys(await statuses(home))).toEqual(["api-0", "api-1"]);
});

test.for(["start", "startOrRestart", "startOrReload", "reload", "restart"])(
  "%s FILE --update-env begins with this shell's environment",
  async (verb) => {
    const home = homeWithApps();
    await tsm(home, ["start", "--settle", "0"], { env: { SAID: "before" } });
    const words = [verb, file, "--only", "my worker", "--settle", "0", "--update-env"];
    expect(await tsm(home, words, { env: { SAID: "now" } })).toMatchObject({ code: 0, stderr: "" });
    expect((await tsm(home, ["env", "my worker"])).stdout).toContain("SAID=now\n");
  },
);

test("a file of apps runs in the foreground with --no-daemon until all of them have ended", async () => {
  const home = makeHome();
  script(home, "job.js", "console.log('done', process.env.PART);\n");
  const apps = ["one", "two"].map((name) => ({ name, script: "job.js", autorestart: false, env: { PART: name } }));
  script(home, file, `module.exports = ${JSON.stringify({ apps })};\n`);
  const { code, stdout } = await tsm(home, ["start", file, "--no-daemon"]);
  expect(code).toBe(0);
  expect(stdout).toContain("one | done one\n");
  expect(stdout).toContain("two | done two\n");
});

test("flush that names nobody means all", async () => {
  const home = homeWithApps();
  await tsm(home, ["start", "--settle", "0"]);
  const { code, stdout } = await tsm(home, ["flush"]);
  expect(code).toBe(0);
  expect(stdout.match(/'[^']+'/g)).toEqual(["'api-0'", "'api-1'", "'my worker'"]);
});

test("startup where no service is enabled says how it is had at boot", async () => {
  expect(await tsm(makeHome(), ["startup"])).toMatchObject({
    code: 0,
    stdout: "tsm: no service is enabled\n",
    stderr: expect.stringMatching(/^tsm: tsm startup systemd, launchd or cron .* at boot/),
  });
});

test("startup takes -u, --hp and --service-name, and unstartup finds what they have made", async () => {
  const home = makeHome();
  const root = join(home.folder, "image");
  mkdirSync(root);
  const env = { TSM_HOME: "", TETRA_DIR: "", HOME: home.folder };
  const unit = join(root, "etc/systemd/system/old-pm.service");
  const named = ["--root", root, "--service-name", "old-pm"];
  const more = ["-u", userInfo().username, "--hp", "/srv/deploy", "--wait-ip"];
  const made = await tsm(home, ["startup", "systemd", "--yes", ...named, ...more], { env });
  expect(made).toMatchObject({ code: 0, stderr: "tsm: --wait-ip means nothing here and changed nothing\n" });
  expect(readFileSync(unit, "utf8")).toContain('Environment="TSM_HOME=/srv/deploy/tetra/tsm"\n');
  expect(await tsm(home, ["unstartup", "systemd", "--yes", ...named, ...more], { env })).toMatchObject({ code: 0 });
  expect(existsSync(unit)).toBe(false);
  expect(await tsm(home, ["startup", "systemd", "--print", "--service-name", "../evil"])).toMatchObject({ code: 64 });
});

test.for<readonly [words: string, code: number, says: RegExp]>([
  ["ubuntu -u SELF --hp /srv/deploy", 0, /^ExecStart=.*"startup" "--boot"$/m],
  ["macos", 0, /<plist/],
  ["-u SELF --hp /srv/deploy", 0, /"startup" "--boot"/],
  ["upstart", 64, /tsm startup cron/],
  ["nosuch", 64, /none of systemd, launchd, cron/],
])("startup %s --print, as pm2 calls machines", async ([words, code, says]) => {
  const home = makeHome();
  const given = words.replace("SELF", userInfo().username).split(" ");
  const {
    code: was,
    stdout,
    stderr,
  } = await tsm(home, ["startup", ...given, "--print"], {
    env: { TSM_HOME: "", TETRA_DIR: "", HOME: home.folder },
  });
  expect({ code: was, said: stdout + stderr }).toEqual({ code, said: expect.stringMatching(says) });
});

/** What a process's policy says of some of it. */
function policyOf(home: Home, name: string): unknown {
  return JSON.parse(readFileSync(join(home.path, "runtime/processes", name, "launch/policy.json"), "utf8"));
}

test("restart, reload and start of what is there change what they are told of it, and that stays so", async () => {
  const home = homeWithApps();
  await tsm(home, ["start", "app.js", "--name", "foo", "--settle", "0", "--cron", "0 3 * * *"]);
  const act = (...words: string[]) => tsm(home, [...words, "--settle", "0"]);

  expect(await act("restart", "foo", "--max-memory-restart", "300M", "-k", "2000")).toMatchObject({
    code: 0,
    stderr: "",
  });
  expect(policyOf(home, "foo")).toMatchObject({
    killTimeoutSeconds: 2,
    oversight: { maxMemory: 300 * 1024 * 1024, cron: "0 3 * * *" },
  });
  expect(await act("reload", "foo", "--cron-restart=0", "--no-autorestart")).toMatchObject({ code: 0 });
  expect(await act("start", "foo", "--max-restarts", "4")).toMatchObject({ code: 0 });
  await tsm(home, ["stop", "foo"]);
  expect(await act("start", "foo", "--restart-delay", "50")).toMatchObject({ code: 0 });
  expect(await act("restart", "foo")).toMatchObject({ code: 0 });
  expect(policyOf(home, "foo")).toMatchObject({
    restart: "no",
    restartDelayMs: 50,
    maxRestarts: 4,
    killTimeoutSeconds: 2,
    oversight: { maxMemory: 300 * 1024 * 1024, cron: null },
  });
});

test("words behind restart NAME -- are its arguments from then on, and no process's name", async () => {
  const home = homeWithApps();
  await tsm(home, ["start", "--name", "foo", "--settle", "0", "--", "node", "--no-warnings", "app.js", "old"]);
  await tsm(home, ["start", "app.js", "--name", "other", "--settle", "0"]);
  const other = (await list(home)).find(({ name }) => name === "other")?.pid;
  const argv = () =>
    readFileSync(join(home.path, "runtime/processes/foo/launch/argv"), "utf8").split("\0").slice(1, -1);
  const act = (...words: string[]) => tsm(home, ["restart", "foo", "--settle", "0", ...words]);
  expect(await act("--", "other", "a b", "-x")).toMatchObject({ code: 0, stderr: "" });
  expect(argv()).toEqual(["--no-warnings", "app.js", "other", "a b", "-x"]);
  expect(await act()).toMatchObject({ code: 0 });
  expect(argv()).toEqual(["--no-warnings", "app.js", "other", "a b", "-x"]);
  expect(await act("--args", "--one 'two three'")).toMatchObject({ code: 0 });
  expect(argv()).toEqual(["--no-warnings", "app.js", "--one", "two three"]);
  expect((await list(home)).find(({ name }) => name === "other")?.pid).toBe(other);
});

test.for<readonly [words: readonly string[], code: number, says: string]>([
  [["start", "foo", "-i", "2"], 64, "tsm start -i 2 foo"],
  [["start", "-i", "2", "foo"], 64, "tsm scale foo 2"],
  [["restart", "foo", "--name", "bar"], 64, "a process keeps its name"],
  [["restart", file, "--", "a"], 64, "written into the file"],
  [["start", "foo", "--time", "--port", "3000"], 64, "--port, --time can be said of a new process"],
  [["start", "foo", "--env", "no.env"], 64, "--env can be said of a new process"],
  [["restart", "foo", "--cron-restart", "0 0 31 2 *"], 1, "is a time that never comes"],
  [["restart", file, "--max-memory-restart", "1G"], 64, "written into the file"],
])("%j is refused, and what runs goes on", async ([words, code, says]) => {
  const home = homeWithApps();
  await tsm(home, ["start", "app.js", "--name", "foo", "--settle", "0"]);
  const before = await list(home);
  expect(await tsm(home, words)).toMatchObject({ code, stderr: expect.stringContaining(says) });
  expect((await list(home)).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));
});

test("a service is not told by a restart what its file says", async () => {
  const home = makeHome();
  define(home, "tetra/api", `TSM_COMMAND='sleep 600'\nTSM_CWD=${home.folder}\n`);
  await tsm(home, ["start", "tetra/api", "--settle", "0"]);
  const { code, stderr } = await tsm(home, ["restart", "api", "--max-memory-restart", "1G"]);
  expect(code).toBe(1);
  expect(stderr).toContain("'api-auto' is a service, and is what its file says");
});

test("several scripts, or several files of apps, are started each by itself", async () => {
  const home = makeHome();
  for (const name of ["a.js", "b.js", "c.js"]) script(home, name, stays);
  const one = (name: string) => JSON.stringify({ apps: [{ name, script: "a.js" }] });
  script(home, "one.json", one("one"));
  script(home, "two.json", one("two"));
  const commands = async () =>
    (await list(home)).map(({ name, command }) => `${name}: ${command.replace(/\S*\//g, "")}`);
  const folder = basename(home.folder);

  expect(await tsm(home, ["start", "a.js", "b.js", "--settle", "0"])).toMatchObject({ code: 0, stderr: "" });
  expect(await commands()).toEqual([`${folder}-a: node a.js`, `${folder}-b: node b.js`]);
  expect(await tsm(home, ["start", "--settle", "0", "c.js", "--", "b.js"])).toMatchObject({ code: 0 });
  expect((await commands()).at(-1)).toBe(`${folder}-c: node c.js b.js`);
  await tsm(home, ["delete", "all"]);

  expect(await tsm(home, ["start", "one.json", "two.json", "--settle", "0"])).toMatchObject({ code: 0, stderr: "" });
  expect(await commands()).toEqual(["one: node a.js", "two: node a.js"]);
  script(home, "two.json", "{");
  const cut = await tsm(home, ["start", "two.json", "one.json", "--settle", "0"]);
  expect(cut).toMatchObject({ code: 65, stdout: expect.stringContaining("restarted 'one'") });
  expect(cut.stderr).toContain("two.json");
});
