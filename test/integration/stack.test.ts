import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { row } from "../support/managed.ts";
import { readMeta } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { define, tetraOf } from "../support/services.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

/** Writes a stack of an org, or of the home. Its path. */
function stack(home: Home, ref: string, text: string): string {
  const [org, name] = ref.includes("/") ? ref.split("/") : [undefined, ref];
  const folder = org === undefined ? join(home.path, "stacks") : join(tetraOf(home), "orgs", org, "tsm/stacks");
  const file = join(folder, `${name}.stack`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Says in order.txt that it begins and that it ends, which takes its time. */
const telling = (name: string, more = "") =>
  `TSM_COMMAND=(bash -c 'trap "sleep 0.3; echo -${name} >>order.txt; exit" TERM; echo +${name} >>order.txt; echo ready; while :; do sleep 0.02; done')
TSM_READY=log:/ready/
${more}`;

/** What has begun and ended since the last look. */
function told(home: Home): string {
  const file = join(home.folder, "order.txt");
  const lines = readFileSync(file, "utf8").trim().split("\n").join(" ");
  writeFileSync(file, "");
  return lines;
}

const shop = "# the shop\ntetra/db\n\n  cache # fast\r\napi\nweb\n";

/** db, cache, api, web, of which none names another. */
function plainShop(home: Home): void {
  for (const name of ["web", "api", "cache", "db"]) define(home, `tetra/${name}`, telling(name));
  stack(home, "tetra/shop", shop);
}

describe("a stack", () => {
  test("is started in the order of its lines and stopped the other way round", async () => {
    const home = makeHome();
    plainShop(home);
    const started = await tsm(home, ["stack", "start", "shop"]);
    expect(started).toMatchObject({ code: 0, stderr: "" });
    expect(started.stdout.split("\n").map((line) => line.replace(/ \(TSM.*/, ""))).toEqual([
      "✅ tetra/db: started 'db-auto'",
      "✅ tetra/cache: started 'cache-auto'",
      "✅ tetra/api: started 'api-auto'",
      "✅ tetra/web: started 'web-auto'",
      "",
    ]);
    expect(told(home)).toBe("+db +cache +api +web");
    const again = await tsm(home, ["stack", "start", "tetra/shop"]);
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(again.stdout.match(/Already running: /g)).toHaveLength(4);
    const stopped = await tsm(home, ["stack", "stop", "shop"]);
    expect(stopped).toMatchObject({ code: 0, stderr: "" });
    expect(stopped.stdout).toMatch(/^tsm: stopped 'web-auto' \(.*\n.*'api-auto'.*\n.*'cache-auto'.*\n.*'db-auto'.*\n$/);
    expect(told(home)).toBe("-web -api -cache -db");
    const resting = await tsm(home, ["stack", "stop", "shop"]);
    expect(resting).toMatchObject({ code: 0, stderr: "" });
    expect(resting.stdout).toContain("⚠️  Not running: tetra/db\n");
  });

  test("what its services depend on wins over the order of its lines, and is started though no line names it", async () => {
    const home = makeHome();
    define(home, "tetra/web", telling("web", "TSM_DEPENDS=db\n"));
    define(home, "tetra/api", telling("api"));
    define(home, "tetra/db", telling("db"));
    const file = script(home, "s/x.stack", "web\napi\n");
    expect(await tsm(home, ["stack", "start", "./s/x.stack"])).toMatchObject({ code: 0, stderr: "" });
    expect(told(home)).toBe("+db +web +api");
    writeFileSync(file, "web\napi\ndb\n");
    expect(await tsm(home, ["stack", "restart", "s/x.stack"])).toMatchObject({ code: 0, stderr: "" });
    expect(told(home)).toBe("-api -web -db +db +web +api");
    writeFileSync(file, "web\napi\n");
    expect(await tsm(home, ["stack", "stop", "s/x.stack"])).toMatchObject({ code: 0 });
    expect(told(home)).toBe("-api -web"); // db is none of its lines
  });

  test("restart keeps ids, follows the files as they are now, and starts what was not running", async () => {
    const home = makeHome();
    plainShop(home);
    await tsm(home, ["stack", "start", "shop"]);
    await tsm(home, ["stop", "cache"]);
    told(home);
    define(home, "tetra/api", telling("api2"));
    const restarted = await tsm(home, ["stack", "restart", "shop"]);
    expect(restarted).toMatchObject({ code: 0, stderr: "" });
    expect(restarted.stdout).toMatch(/db: restarted .*\n.*cache: started .*\n.*api: restarted .*\n.*web: restarted /);
    expect(told(home)).toBe("-web -api -db +db +cache +api2 +web");
    expect(readMeta(home, "api-auto")).toMatchObject({ tsm_id: 2, restarts: 1, status: "online" });
  });

  test("one that fails stops those that need it and no other", async () => {
    const home = makeHome();
    define(home, "tetra/db", "TSM_COMMAND=false\n");
    define(home, "tetra/api", `${telling("api")}TSM_DEPENDS=db\n`);
    define(home, "tetra/web", telling("web"));
    stack(home, "x", "db\napi\nweb\n");
    const started = await tsm(home, ["stack", "start", "x"]);
    expect(started.code).toBe(1);
    expect(started.stdout).toMatch(/^✅ tetra\/web: started/);
    expect(started.stderr).toContain("❌ tetra/db: 'db-auto' ended as soon as it was started");
    expect(started.stderr).toContain("❌ tetra/api: 'tetra/api' was not started, as it depends on 'tetra/db'");
    const restarted = await tsm(home, ["stack", "restart", "x"]);
    expect(restarted.code).toBe(1);
    expect(restarted.stdout).toMatch(/^✅ tetra\/web: restarted/);
    expect(restarted.stderr).toContain("❌ tetra/api: 'tetra/api' was not started, as it depends on 'tetra/db'");
  });

  test("a file with a fault leaves its process alone at a restart, and those that need it come back", async () => {
    const home = makeHome();
    define(home, "tetra/db", telling("db"));
    define(home, "tetra/api", telling("api", "TSM_DEPENDS=db\n"));
    stack(home, "x", "db\napi\n");
    await tsm(home, ["stack", "start", "x"]);
    told(home);
    define(home, "tetra/db", `${telling("db")}TSM_PORT=http\n`);
    const restarted = await tsm(home, ["stack", "restart", "x"]);
    expect(restarted.code).toBe(1);
    expect(restarted.stderr).toContain("TSM_PORT is 'http', which is not a port");
    expect(told(home)).toBe("-api +api");
    expect((await row(home, "db-auto")).status).toBe("online");
  });

  test("a line that names no service is told with its number, and nothing is started", async () => {
    const home = makeHome();
    define(home, "tetra/db", "TSM_COMMAND='sleep 600'\n");
    for (const org of ["acme", "tetra"]) define(home, `${org}/two`, "TSM_COMMAND='sleep 600'\n");
    const file = stack(home, "x", "db\n\nnix\ntetra/nix # gone\ntwo\ndb db\n./nix.tsm\n$(touch pwned)\n../../x\n");
    const problems = [
      "line 3: 'nix' is not a service",
      "line 4: 'tetra/nix' is not a service",
      "line 5: ambiguous name 'two', matches: acme/two tetra/two",
      "line 6: 'db db' is not one service",
      "line 7: './nix.tsm' is not a file",
      "line 8: '$(touch pwned)' is not one service",
      "line 9: '../../x' is not a service",
    ];
    for (const action of ["start", "restart"]) {
      const refused = await tsm(home, ["stack", action, "x"]);
      expect(refused).toMatchObject({ code: 65, stdout: "" });
      expect(refused.stderr).toBe(
        `tsm: ${problems.map((problem) => `${file}: ${problem}\n`).join("")}  Nothing was started; tsm services lists what there is\n`,
      );
    }
    expect(home.processes()).toEqual([]);
    await tsm(home, ["start", "db"]);
    const status = await tsm(home, ["stack", "status", "x"]);
    expect(status.code).toBe(65);
    expect(status.stderr).toBe(problems.map((problem) => `tsm: ${problem}\n`).join(""));
    expect(status.stdout).toMatch(/│ tetra\/db\s+│ 0\s+│ db-auto │ online/);
    const stopped = await tsm(home, ["stack", "stop", "x"]);
    expect(stopped.code).toBe(65);
    expect(stopped.stdout).toContain("tsm: stopped 'db-auto'");
    const [listed] = (await tsmJson(home, ["stack"])) as { problems: string[] }[];
    expect(listed?.problems).toEqual(problems);
  });

  test("status says what each is, as a table and as JSON", async () => {
    const home = makeHome();
    plainShop(home);
    await tsm(home, ["start", "db"]);
    await tsm(home, ["start", "cache"]);
    await tsm(home, ["stop", "cache"]);
    const shown = await tsm(home, ["stack", "status", "shop"]);
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    const lines = shown.stdout.trimEnd().split("\n");
    expect(new Set(lines.map((line) => [...line].length)).size).toBe(1);
    expect(
      lines.slice(3, -1).map((line) =>
        line
          .split("│")
          .map((cell) => cell.trim())
          .slice(1, 5),
      ),
    ).toEqual([
      ["tetra/db", "0", "db-auto", "online"],
      ["tetra/cache", "1", "cache-auto", "stopped"],
      ["tetra/api", "-", "-", "never started"],
      ["tetra/web", "-", "-", "never started"],
    ]);
    expect(await tsmJson(home, ["stack", "status", "shop"])).toMatchObject([
      { ref: "tetra/db", process: { id: 0, name: "db-auto", status: "online" }, problem: null },
      { ref: "tetra/cache", process: { status: "stopped" } },
      { ref: "tetra/api", process: null },
      { ref: "tetra/web", process: null },
    ]);
    expect(await tsmJson(home, ["stack", "list"])).toMatchObject([
      { ref: "tetra/shop", org: "tetra", name: "shop", services: 4, online: 1, problems: [] },
    ]);
  });

  test("is found by name, by org and by path", async () => {
    const home = makeHome();
    for (const org of ["acme", "tetra"]) define(home, `${org}/app`, "TSM_COMMAND='sleep 600'\n");
    stack(home, "acme/x", "app\n"); // its own org's
    stack(home, "tetra/x", "app\n");
    stack(home, "acme/y", "app\n");
    const refs = async (word: string) =>
      ((await tsmJson(home, ["stack", "status", word])) as { ref: string }[]).map(({ ref }) => ref);
    expect(await refs("acme/x")).toEqual(["acme/app"]);
    expect(await refs("tetra/x")).toEqual(["tetra/app"]);
    expect(await refs("y")).toEqual(["acme/app"]);
    const ambiguous = await tsm(home, ["stack", "start", "x"]);
    expect(ambiguous).toMatchObject({ code: 1, stdout: "" });
    expect(ambiguous.stderr).toContain("ambiguous name 'x', matches:\n  acme/x\n  tetra/x\n");
    stack(home, "x", "tetra/app\n"); // the home's own comes first
    expect(await refs("x")).toEqual(["tetra/app"]);
    const listed = async (word: string) =>
      ((await tsmJson(home, ["stack", "list", word])) as { ref: string }[]).map(({ ref }) => ref);
    expect(await listed("x")).toEqual(["x", "acme/x", "tetra/x"]);
    script(home, "mine.stack", "tetra/app\n");
    expect(await listed("./mine.stack")).toEqual(["./mine.stack"]);
    expect(await tsm(home, ["stack", "list", "nix"])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("❌ Stack not found: nix"),
    });
    const missing = await tsm(home, ["stack", "start", "nix"]);
    expect(missing).toMatchObject({ code: 1, stdout: "" });
    expect(missing.stderr).toContain("❌ Stack not found: nix\n");
    expect(await tsm(home, ["stack", "start"])).toMatchObject({ code: 64 });
    expect(await tsm(home, ["stack", "frob", "x"])).toMatchObject({ code: 64 });
    const words = await tsm(home, ["completion", "words", "--", "stack", "start", "a"]);
    expect(words.stdout).toContain("acme/x\t0 of 1 online\n");
    expect(words.stdout).not.toContain("acme/app");
  });

  test("a dry run says what it would start and stop, and why it could not", async () => {
    const home = makeHome();
    for (const name of ["db", "api"]) define(home, `tetra/${name}`, "TSM_COMMAND='sleep 600'\n");
    stack(home, "x", "db\napi\n");
    stack(home, "bad", "nix\n");
    const file = script(home, "f", "stack start x\nstack stop x\nstack restart bad\n");
    await tsm(home, ["start", "db"]);
    const told = await tsm(home, ["run", file, "--dry-run"]);
    expect(told.stdout).toContain("stack start x: would start 'tetra/db', 'tetra/api'\n");
    expect(told.stdout).toContain("stack stop x: would stop 'db-auto'\n");
    expect(`${told.stdout}${told.stderr}`).toContain("line 1: 'nix' is not a service");
    expect(told.code).not.toBe(0);
  });

  test("undo brings back what stack stop has ended, in order", async () => {
    const home = makeHome();
    define(home, "tetra/db", telling("db"));
    define(home, "tetra/api", telling("api", "TSM_DEPENDS=db\n"));
    stack(home, "x", "api\n db\n");
    await tsm(home, ["stack", "start", "x"]);
    await tsm(home, ["stack", "stop", "x"]);
    told(home);
    expect(await tsm(home, ["undo", "--yes"])).toMatchObject({ code: 0 });
    expect(told(home)).toBe("+db +api");
  });
});
