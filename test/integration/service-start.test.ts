import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasty, makeHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { isAlive, readMeta } from "../support/record.ts";
import { script, seenIn, showing, tick } from "../support/scripts.ts";
import { define, definitionOf, enabledLink } from "../support/services.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

describe("start of a service", () => {
  test("words behind it, or behind a process, are told to mean nothing", async () => {
    const home = hasty(makeHome());
    define(home, "tetra/app", "TSM_COMMAND='sleep 600'\nTSM_ENV=none\n");
    for (const word of ["app", "tetra/app"]) {
      for (const more of [["--dry-run"], ["--", "more"], ["more"]]) {
        const refused = await tsm(home, ["start", word, ...more]);
        const stderr = `tsm: '${word}' is a service, and '${more.at(-1)}' behind it means nothing\n  tsm edit ${word} changes what it runs\n`;
        expect(refused).toMatchObject({ code: 64, stdout: "", stderr });
      }
    }
    await tsm(home, ["start", "--name", "one", "sleep", "600"]);
    const stderr = "tsm: 'one' is a process, and start gives it no other words\n  tsm restart one -- '6 0' does\n";
    expect(await tsm(home, ["start", "one", "--", "6 0"])).toMatchObject({ code: 64, stdout: "", stderr });
    const flag = await tsm(home, ["start", "one", "--nosuch"]);
    expect(flag).toMatchObject({ code: 64, stdout: "", stderr: stderr.replace("'6 0'", "--nosuch") });
    expect(await tsmJson(home, ["list", "all"])).toMatchObject([{ name: "one" }]);
  });

  test("a file that only bash can read is run in an environment of its own", async () => {
    const home = hasty(makeHome());
    define(
      home,
      "tetra/app",
      'if [ -n "$LEAK" ]; then TSM_NAME=leaked; fi\necho noise; echo "$HOME" >home.txt\nTSM_COMMAND=(node "show.cjs" "a b")\ndeclare -x TSM_ENV=none\n',
    );
    script(home, "show.cjs", showing);
    expect(await tsm(home, ["start", "app"], { env: { LEAK: "1" } })).toMatchObject({ code: 0 });
    expect((await seenIn(home.folder)).argv).toEqual(["a b"]);
    expect(readMeta(home, "app-auto")).toMatchObject({ env_file: "" });
    expect(readFileSync(join(home.folder, "home.txt"), "utf8").trim()).toBe(process.env["HOME"] ?? "");
  });

  test("a file that fails when bash runs it starts nothing", async () => {
    const home = makeHome();
    const file = define(home, "tetra/app", "TSM_COMMAND='sleep 600'\nif true; then\n");
    const refused = await tsm(home, ["start", "app"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(`❌ Failed to load: ${file}\n`);
    expect(refused.stderr).toContain("syntax error");
    expect(home.processes()).toEqual([]);
  });

  test.for([
    { text: "exit 0\n", says: "it ends bash with exit: return is what ends a file that is read" },
    { text: "kill -9 $$\n", says: "a signal ended bash" },
    { text: "printf '%*s' 2000000 x\n", says: "it printed more than a megabyte" },
    { text: "false\n", says: "bash ended with 1" },
    { text: "[ -n x ] && false\n", says: "bash ended with 1" },
  ])("why it could not be read is said: $says", async ({ text, says }) => {
    const home = makeHome();
    const file = define(home, "tetra/app", `TSM_COMMAND='sleep 600'\nTSM_ENV=none\n${text}`);
    const stderr = `❌ Failed to load: ${file}\n  ${says}\n`;
    expect(await tsm(home, ["start", "tetra/app"])).toMatchObject({ code: 1, stdout: "", stderr });
  });

  test("a last line that is a test, and is not so, is no failure", async () => {
    const home = hasty(makeHome());
    define(home, "tetra/app", "TSM_COMMAND='sleep 600'\nTSM_ENV=none\n[[ -n $NOPE ]] && TSM_PORT=$NOPE\n\n# no more\n");
    expect(await tsm(home, ["start", "tetra/app"])).toMatchObject({ code: 0 });
  });

  test("blanks in a path, an org and a name part nothing", async () => {
    const home = hasty(makeHome());
    script(home, "my folder/x y.tsm", "TSM_COMMAND='sleep 600'\nTSM_ENV=none\n");
    expect((await tsm(home, ["start", "./my folder/x y.tsm"])).stdout).toContain("started 'x y-auto'");
    expect(await tsm(home, ["save", "my org/my app", "sleep", "600"])).toMatchObject({ code: 0 });
    expect((await tsm(home, ["start", "my org/my app"])).stdout).toContain("🚀 Starting service: my org/my app\n");
    expect((await tsm(home, ["start", "my app"])).stdout).toContain("⚠️  Already running: my app-auto\n");
    expect((await tsm(home, ["start", "sleep 600", "--name", "line"])).stdout).toContain("started 'line'");
  });

  test("a command that begins with a word of the shell is run by one, behind TSM_PRE_COMMAND too", async () => {
    const home = makeHome();
    define(home, "tetra/app", "TSM_COMMAND='exec sleep 600'\n");
    define(home, "tetra/pre", "TSM_COMMAND='exec sleep 601'\nTSM_PRE_COMMAND='export A=1'\n");
    for (const ref of ["tetra/app", "tetra/pre"]) expect(await tsm(home, ["start", ref])).toMatchObject({ code: 0 });
    const commands = home.processes().map(({ command }) => command);
    for (const sleep of ["sleep 600", "sleep 601"]) expect(commands).toContainEqual(expect.stringMatching(`${sleep}$`));
  });

  test("./x.tsm is started from anywhere, flags win over it, and its path means it", async () => {
    const home = hasty(makeHome());
    script(home, "show.cjs", showing);
    script(home, "sub/other.env", "FROM=flag\n");
    const port = await freePort();
    script(home, "x.tsm", `TSM_COMMAND=(node show.cjs)\nTSM_PORT=1\nTSM_CWD=/\nTSM_ENV=none\n`);
    const args = ["./x.tsm", "--port", String(port), "--name", "mine", "--cwd", ".", "--env", "sub/other.env"];
    const started = await tsm(home, ["start", ...args]);
    expect(started).toMatchObject({ code: 0, stderr: "" });
    expect(started.stdout).toContain("🚀 Starting service: ./x.tsm\n");
    const seen = await seenIn(home.folder);
    expect(seen.env).toMatchObject({ PORT: String(port), FROM: "flag", TSM_NAME: `mine-${port}` });
    expect(await tsm(home, ["stop", "./y.tsm"])).toMatchObject({ code: 1, stdout: "" });
    expect((await tsm(home, ["stop", "./x.tsm"])).stdout).toContain(`stopped 'mine-${port}'`);
  });

  test("a program, a script and another's process of that name come first", async () => {
    const home = makeHome();
    for (const name of ["sleep", "tick.sh", "mine"]) define(home, `tetra/${name}`, "TSM_COMMAND='sleep 600'\n");
    script(home, "tick.sh", tick);
    expect((await tsm(home, ["start", "tick.sh"])).stdout).toContain("started 'tick'");
    expect((await tsm(home, ["start", "sleep"])).code).toBe(1); // sleep without its argument
    await tsm(home, ["start", "--name", "mine", "--", "sleep", "500"]);
    await tsm(home, ["stop", "mine"]);
    expect((await tsm(home, ["start", "mine"])).stdout).toContain("started 'mine'");
    expect(readMeta(home, "mine")["command"]).toMatch(/sleep 500$/);
    expect((await tsm(home, ["start", "tetra/mine"])).stdout).toContain("started 'mine-auto'");
  });

  test("a stopped service is started as its file says now", async () => {
    const home = hasty(makeHome());
    define(home, "tetra/app", "TSM_COMMAND='sleep 600'\n");
    await tsm(home, ["start", "app"]);
    await tsm(home, ["stop", "tetra/app"]);
    define(home, "tetra/app", "TSM_COMMAND='sleep 700'\n");
    expect(await tsm(home, ["start", "app"])).toMatchObject({ code: 0 });
    expect(readMeta(home, "app-auto")).toMatchObject({ tsm_id: 0, command: expect.stringMatching(/sleep 700$/) });
  });

  test("a name that several orgs have is refused with all of them", async () => {
    const home = makeHome();
    for (const org of ["acme", "tetra"]) define(home, `${org}/app`, "TSM_COMMAND='sleep 600'\n");
    for (const verb of ["start", "enable", "edit", "show"]) {
      const refused = await tsm(home, [verb, "app"]);
      expect(refused, verb).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toBe(
        "tsm: ambiguous name 'app', matches:\n  acme/app\n  tetra/app\n  Say which as ORG/NAME\n",
      );
    }
  });

  test.for([
    { text: "TSM_COMMAND='sleep 600'\nTSM_ENV=prod\n", code: 1, says: "❌ Env file not found: " },
    { text: "TSM_COMMAND=$TETRA_SRC/x\n", code: 1, says: "❌ TETRA_SRC not set" },
    { text: "TSM_COMMAND='sleep 600'\nTSM_PORT=http\n", code: 65, says: "TSM_PORT is 'http', which is not a port" },
    { text: "TSM_COMMAND='sleep 600'\nTSM_READY=soon\n", code: 65, says: "TSM_READY is 'soon', which is not a probe" },
    { text: "TSM_NAME=x\n", code: 65, says: "there is no TSM_COMMAND" },
    { text: "TSM_COMMAND='sleep 600'\nTSM_NAME=../x\n", code: 65, says: "TSM_NAME is '../x', which contains '/'" },
    {
      text: "TSM_COMMAND='sleep 600'\nTSM_HEALTH=port\n",
      code: 65,
      says: "app.tsm: health port: it has no port\n  Say which with TSM_PORT, or --port\n",
    },
    { text: "TSM_COMMAND='sleep 600'\nTSM_CWD=/gone\n", code: 66, says: "  TSM_CWD of " },
    { text: "TSM_COMMAND='sleep 600'\nTSM_CWD=gone\nTSM_ENV=\n", code: 66, says: "gone does not exist\n  TSM_CWD of " },
    { text: "TSM_COMMAND='sleep 600'\nTSM_CWD=/etc/hosts\n", code: 66, says: "/etc/hosts is not a folder\n  TSM_CWD" },
    { text: "TSM_COMMAND='sleep 600'\nTSM_PRE_COMMAND='echo why >&2; (exit 3)'\n", code: 1, says: "   why\n" },
  ])("$text is refused: $says", async ({ text, code, says }) => {
    const home = makeHome();
    define(home, "tetra/app", text);
    const refused = await tsm(home, ["start", "tetra/app"]);
    expect(refused).toMatchObject({ code, stdout: "" });
    expect(refused.stderr).toContain(says);
    expect(home.processes()).toEqual([]);
  });

  test("who has its name is told in one line, however many its command has", async () => {
    const home = hasty(makeHome());
    define(home, "a/db", "TSM_COMMAND='sleep 600'\nTSM_PRE_COMMAND=true\n");
    define(home, "b/db", "TSM_COMMAND='sleep 600'\n");
    expect(await tsm(home, ["start", "a/db", "--settle", "0"])).toMatchObject({ code: 0 });
    const refused = await tsm(home, ["start", "b/db"]);
    expect(refused.stderr).toMatch(
      /^tsm: the name 'db-auto' is taken by another running process .* -c 'true …\n {2}Give/,
    );
  });

  test("without TSM_ENV it is local, and a missing env/local.env is an error", async () => {
    const home = hasty(makeHome());
    define(home, "tetra/app", `TSM_COMMAND='sleep 600'\nTSM_CWD=${home.folder}\nTSM_ENV=\n`);
    const missing = `❌ Env file not found: ${home.folder}/env/local.env\n`;
    const refused = await tsm(home, ["start", "tetra/app", "--settle", "0"]);
    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(missing) });
    expect(await tsm(home, ["start", "tetra/app", "--env", "none", "--settle", "0"])).toMatchObject({ code: 0 });
    await tsm(home, ["delete", "app"]);
    script(home, "env/local.env", "A=1\n");
    expect(await tsm(home, ["start", "tetra/app", "--settle", "0"])).toMatchObject({ code: 0 });
    expect(readMeta(home, "app-auto")).toMatchObject({ env_file: `${home.folder}/env/local.env` });
  });

  test("an org's unknown service is named as such", async () => {
    const home = makeHome();
    define(home, "tetra/app", "TSM_COMMAND='sleep 600'\n");
    const refused = await tsm(home, ["start", "tetra/nix"]);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain("❌ Service not found: tetra/nix\n");
  });

  test("TSM_RESTART, TSM_READY, TSM_HEALTH and TSM_MAX_MEMORY are its policy", async () => {
    const home = hasty(makeHome());
    const keys = "TSM_RESTART=always\nTSM_READY=cmd:true\nTSM_HEALTH=cmd:true\nTSM_MAX_MEMORY=900M\n";
    define(home, "tetra/app", `TSM_COMMAND='sleep 600'\n${keys}`);
    expect(await tsm(home, ["start", "app"])).toMatchObject({ code: 0 });
    const info = await tsmJson(home, ["info", "app-auto"]);
    expect(info).toMatchObject({
      restartPolicy: "always",
      oversight: { ready: "cmd:true", health: "cmd:true", maxMemory: 900 * 1024 * 1024 },
    });
  });
});

describe("TSM_DEPENDS", () => {
  const noting = (name: string) => `TSM_COMMAND=(bash -c 'echo ${name} >>order.txt; exec sleep 600')\n`;

  test("what is depended on is started first, and is up before", async () => {
    const home = makeHome();
    define(home, "tetra/web", `${noting("web")}TSM_DEPENDS="api"\n`);
    define(home, "tetra/api", `${noting("api")}TSM_DEPENDS=(tetra/db acme/cache)\n`);
    const late = "echo db >>order.txt; until [ -e go ]; do sleep 0.05; done; echo ready; exec sleep 600";
    define(home, "tetra/db", `TSM_COMMAND=(bash -c '${late}')\nTSM_READY=log:/ready/\n`);
    define(home, "acme/cache", "TSM_COMMAND=(bash -c 'echo cache >>order.txt; touch go; exec sleep 600')\n");
    const started = await tsm(home, ["start", "web"]);
    expect(started).toMatchObject({ code: 0, stderr: "" });
    expect(started.stdout.match(/🚀 .*/g)?.at(-1)).toBe("🚀 Starting service: tetra/web");
    const order = readFileSync(join(home.folder, "order.txt"), "utf8").trim().split("\n");
    expect(order.slice(0, 2).sort()).toEqual(["cache", "db"]); // side by side
    expect(order.slice(2)).toEqual(["api", "web"]);
  });

  test("--ready-timeout holds for what is depended on too", async () => {
    const home = makeHome();
    define(home, "tetra/web", "TSM_COMMAND='sleep 600'\nTSM_DEPENDS=db\n");
    define(home, "tetra/db", "TSM_COMMAND='sleep 600'\nTSM_READY=cmd:false\n");
    const { code, stderr } = await tsm(home, ["start", "web", "--ready-timeout", "300"]);
    expect(code).toBe(1);
    expect(stderr).toContain("'db-auto' was not ready within 0.3 s");
  });

  test("a circle is named, and nothing on it starts", async () => {
    const home = makeHome();
    define(home, "tetra/a", `${noting("a")}TSM_DEPENDS=b\n`);
    define(home, "tetra/b", `${noting("b")}TSM_DEPENDS=c\n`);
    define(home, "tetra/c", `${noting("c")}TSM_DEPENDS=b\n`);
    const refused = await tsm(home, ["start", "a"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("services depend on each other: tetra/b → tetra/c → tetra/b");
    expect(home.processes()).toEqual([]);
  });

  test("what is no service is named", async () => {
    const home = makeHome();
    define(home, "tetra/a", `${noting("a")}TSM_DEPENDS=nix\n`);
    const refused = await tsm(home, ["start", "a"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("'tetra/a' depends on 'nix', which is not a service");
  });
});

describe("startup", () => {
  test("starts all that is enabled, says what became of each, and fails when one did", async () => {
    const home = makeHome();
    define(home, "tetra/db", "TSM_COMMAND='sleep 600'\n");
    define(home, "tetra/api", "TSM_COMMAND='sleep 600'\nTSM_DEPENDS=db\n");
    define(home, "tetra/off", "TSM_COMMAND='sleep 600'\nTSM_AUTOSTART=false\n");
    await tsm(home, ["enable", "api", "off"]);
    const good = await tsm(home, ["startup"]);
    expect(good).toMatchObject({ code: 0, stderr: "" });
    expect(good.stdout.split("\n").map((line) => line.replace(/ \(TSM.*/, ""))).toEqual([
      "✅ tetra/db: started 'db-auto'",
      "✅ tetra/api: started 'api-auto'",
      "tetra/off: left out, as its TSM_AUTOSTART says",
      "",
    ]);
    define(home, "acme/bad", "TSM_COMMAND=false\n");
    define(home, "acme/needs", "TSM_COMMAND='sleep 600'\nTSM_DEPENDS=bad\n");
    define(home, "acme/gone", "TSM_COMMAND='sleep 600'\n");
    await tsm(home, ["enable", "needs", "gone"]);
    rmSync(definitionOf(home, "acme/gone"));
    const bad = await tsm(home, ["startup"]);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain("⚠️  Already running: db-auto\n⚠️  Already running: api-auto\n");
    expect(bad.stderr).toContain("❌ acme/bad: 'bad-auto' ended as soon as it was started: exit code 1");
    expect(bad.stderr).toContain("❌ acme/needs: 'acme/needs' was not started, as it depends on 'acme/bad'");
    expect(bad.stderr).toContain(`❌ acme/gone: ${enabledLink(home, "acme-gone")} leads to nothing`);
    expect(home.processes().some(({ pid }) => isAlive(pid))).toBe(true);
  });
});
