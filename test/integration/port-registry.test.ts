import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { stranger } from "../support/listener.ts";
import { freePort, freePorts } from "../support/ports.ts";
import { define } from "../support/services.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

const registry = (home: Home) => join(home.path, "runtime/ports");
const lines = (path: string) => readFileSync(path, "utf8").split("\n");
const sleeper = (home: Home, name: string, port: number) =>
  tsm(home, ["start", "--settle", "0", "--port", String(port), "--name", name, "--", "sleep", "600"]);

test("a port that is set is declared, and stands in the file as name:port", async () => {
  const home = makeHome();
  expect(await tsm(home, ["ports", "set", "devpages", "4000"])).toMatchObject({
    code: 0,
    stdout: "tsm: set devpages to port 4000\n",
  });
  expect(await tsm(home, ["ports"])).toMatchObject({ stdout: "Process: devpages, Port: 4000\n" });
  expect(lines(registry(home))).toContain("devpages:4000");
  expect(await tsm(home, ["ports", "set", "devpages", "4001"])).toMatchObject({
    stdout: "tsm: set devpages to port 4001 (was 4000)\n",
  });
  expect(await tsm(home, ["ports"])).toMatchObject({ stdout: "Process: devpages, Port: 4001\n" });
});

test("a line of the registry that promises no port is named with its number, and comments are not", async () => {
  const home = makeHome();
  const file = join(home.folder, "ports.txt");
  writeFileSync(file, "# mine\napi:3000\n\nweb:99999\nworker = 4000\n");
  const { stdout, stderr } = await tsm(home, ["ports"], { env: { TSM_PORTS_FILE: file } });
  expect(stdout).toBe("Process: api, Port: 3000\n");
  expect(stderr.split("\n").filter((line) => line !== "")).toEqual([
    `tsm: ${file}: line 4 is no NAME:PORT, and means nothing: web:99999`,
    `tsm: ${file}: line 5 is no NAME:PORT, and means nothing: worker = 4000`,
  ]);
});

test("what people have written survives the starts and deletes of processes, also where both say the same", async () => {
  const home = makeHome();
  const [first = 0, second = 0] = await freePorts(2);
  await tsm(home, ["ports", "set", "api", String(first)]);
  writeFileSync(registry(home), `${readFileSync(registry(home), "utf8")}# by hand\nother : ${second} # mine\n`);
  await sleeper(home, "api", first);
  expect(await tsm(home, ["ports"])).toMatchObject({
    stdout: `Process: api, Port: ${first}\nProcess: other, Port: ${second}\n`,
  });
  await tsm(home, ["delete", `api-${first}`]);
  expect(readFileSync(registry(home), "utf8")).toBe(`api:${first}\n# by hand\nother : ${second} # mine\n`);
});

test("TSM_PORTS_FILE is the registry, stays the file that it is, and may be shared by two homes", async () => {
  const [one, two] = [makeHome(), makeHome()];
  const [first = 0, second = 0] = await freePorts(2);
  const real = join(one.folder, "real.txt");
  const file = join(one.folder, "ports.txt");
  writeFileSync(real, "devpages:3000\n");
  chmodSync(real, 0o644);
  symlinkSync(real, file);
  const env = { TSM_PORTS_FILE: file };
  const start = (home: Home, name: string, port: number) =>
    tsm(home, ["start", "--settle", "0", "--port", String(port), "--name", name, "--", "sleep", "600"], { env });
  await Promise.all([start(one, "a", first), start(two, "b", second)]);
  expect(lines(real)).toEqual(expect.arrayContaining(["devpages:3000", `a:${first}`, `b:${second}`]));
  expect(statSync(real).mode & 0o777).toBe(0o644);
  expect(await tsm(one, ["ports"], { env })).toMatchObject({
    stdout: expect.stringMatching(
      `^Process: a, Port: ${first}\n(Process: b, Port: ${second}\n|Process: devpages, Port: 3000\n){2}$`,
    ),
  });
  for (const [home, name] of [
    [one, `a-${first}`],
    [two, `b-${second}`],
  ] as const)
    await tsm(home, ["delete", name], { env });
  expect(readFileSync(real, "utf8")).toBe("devpages:3000\n");
  expect(await tsm(one, ["ports"], { env: { TSM_PORTS_FILE: "relative" } })).toMatchObject({ code: 1 });
});

test.for([
  { words: ["set", "x", "70000"], code: 64, says: "'70000' is not a port" },
  { words: ["set", "../x", "4000"], code: 64, says: "contains '/'" },
  { words: ["set", "a:b", "4000"], code: 64, says: "cannot stand in a line name:port" },
  { words: ["set", "x"], code: 64, says: "ports set takes NAME PORT" },
  { words: ["frob"], code: 64, says: "'frob' is none of list, scan, who" },
  { words: ["scan", "9-3"], code: 64, says: "'9-3' is not a range of ports" },
  { words: ["set", "other", "4000"], code: 1, says: "port 4000 is already assigned to devpages" },
  { words: ["remove", "nobody"], code: 1, says: "the registry has no port of 'nobody'" },
  { words: ["export", "xml"], code: 64, says: "'xml' is none of text, json, env, toml" },
  { words: ["import", "missing.json"], code: 66, says: "'missing.json' not found" },
])("ports $words is refused with $code", async ({ words, code, says }) => {
  const home = makeHome();
  await tsm(home, ["ports", "set", "devpages", "4000"]);
  expect(await tsm(home, ["ports", ...words])).toMatchObject({
    code,
    stdout: "",
    stderr: expect.stringContaining(says),
  });
  expect(await tsm(home, ["ports"])).toMatchObject({ stdout: "Process: devpages, Port: 4000\n" });
});

test("a promise is taken back by name or port, and a process's own is not", async () => {
  const home = makeHome();
  const port = await freePort();
  await sleeper(home, "api", port);
  await tsm(home, ["ports", "set", "a", "4000"]);
  await tsm(home, ["ports", "set", "b", "4001"]);
  expect(await tsm(home, ["ports", "remove", "a"])).toMatchObject({ stdout: "tsm: removed a (port 4000)\n" });
  expect(await tsm(home, ["ports", "remove", "4001"])).toMatchObject({ stdout: "tsm: removed b (port 4001)\n" });
  const refused = await tsm(home, ["ports", "remove", "api"]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`declared by the process 'api-${port}'`) });
});

test("allocate gives a name its port, the same again, and no two names the same at once", async () => {
  const home = makeHome();
  const names = ["a", "b", "c", "d", "e"];
  const given = await Promise.all(names.map((name) => tsm(home, ["ports", "allocate", name])));
  const ports = given.map(({ stdout }) => stdout.trim());
  expect(new Set(ports).size).toBe(names.length);
  expect(await tsm(home, ["ports", "allocate", "c"])).toMatchObject({ stdout: `${ports[2]}\n` });
  const [low = 0] = await freePorts(1);
  expect(await tsm(home, ["ports", "allocate", "3000-3001"])).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("tsm ports allocate NAME 3000-3001"),
  });
  expect(await tsm(home, ["ports", "allocate", "f", `${low}-${low}`])).toMatchObject({ stdout: `${low}\n` });
  expect(await tsm(home, ["ports", "allocate", "g", `${low}-${low}`])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`no port from ${low} to ${low} is free`),
  });
});

test("free ports are those that nobody listens on and nobody has declared", async () => {
  const home = makeHome();
  const [held = 0] = await freePorts(1);
  await stranger({ port: held });
  const found = await tsm(home, ["ports", "free", `${held}-${Math.min(held + 2, 65_535)}`]);
  expect(found.stdout.split("\n")).not.toContain(String(held));
  const port = Number((await tsm(home, ["ports", "free"])).stdout);
  expect(port).toBeGreaterThanOrEqual(8000);
  await tsm(home, ["ports", "set", "mine", String(port)]);
  expect((await tsm(home, ["ports", "free", "--count", "2"])).stdout.split("\n")).not.toContain(String(port));
  expect(await tsm(home, ["ports", "free", `${held}-${held}`])).toMatchObject({ code: 1 });
});

test.for(["text", "json", "env", "toml"])("what %s exports another home imports", async (format) => {
  const [home, other] = [makeHome(), makeHome()];
  await tsm(home, ["ports", "set", "devpages", "4000"]);
  await tsm(home, ["ports", "set", "my-api", "4001"]);
  const { stdout } = await tsm(home, ["ports", "export", format]);
  writeFileSync(join(other.folder, "ports"), stdout);
  expect(await tsm(other, ["ports", "import", "ports"])).toMatchObject({ code: 0, stdout: "tsm: imported 2 ports\n" });
  expect(await tsm(other, ["ports"])).toMatchObject({
    stdout: "Process: devpages, Port: 4000\nProcess: my-api, Port: 4001\n",
  });
});

test("import - reads what is written to it, and says where a line is wrong", async () => {
  const home = makeHome();
  const imported = await tsm(home, ["ports", "import", "-"], { stdin: "api:3000\nweb:3001\n" });
  expect(imported).toMatchObject({ code: 0, stdout: "tsm: imported 2 ports\n" });
  expect((await tsm(home, ["ports"])).stdout).toBe("Process: api, Port: 3000\nProcess: web, Port: 3001\n");
  expect(await tsm(home, ["ports", "import", "-"], { stdin: "b:4000\nwhat\n" })).toMatchObject({
    code: 65,
    stderr: expect.stringContaining("standard input: line 2 is not a name with its port: what"),
  });
});

test("of a file with one bad line nothing is imported", async () => {
  const home = makeHome();
  for (const [text, code] of [
    ["a:4000\nb:99999\n", 65],
    ['{"a": 4000, "b": "x"}', 65],
    ["{", 65],
    ["a:4000\nb:4000\n", 1],
  ] as const) {
    writeFileSync(join(home.folder, "ports"), text);
    expect(await tsm(home, ["ports", "import", "ports"]), text).toMatchObject({ code });
    expect(await tsm(home, ["ports"])).toMatchObject({ stdout: "" });
  }
});

test("conflicts are ports that several want or that a stranger has, and exit with 1", async () => {
  const home = makeHome();
  const [shared = 0, held = 0, fine = 0] = await freePorts(3);
  expect(await tsm(home, ["ports", "conflicts"])).toMatchObject({ code: 0, stdout: "✅ No conflicts\n" });
  await sleeper(home, "fine", fine);
  define(home, "tetra/fine", `TSM_NAME=fine\nTSM_COMMAND="sleep 600"\nTSM_PORT=${fine}\n`);
  expect(await tsm(home, ["ports", "conflicts"])).toMatchObject({ code: 0 });
  mkdirSync(dirname(registry(home)), { recursive: true });
  writeFileSync(registry(home), `${readFileSync(registry(home), "utf8")}a:${shared}\nb:${shared}\nc:${held}\n`);
  const { pid } = await stranger({ port: held });
  const found = await tsm(home, ["ports", "conflicts"]);
  expect(found.code).toBe(1);
  expect(found.stdout).toContain(`❌ Port ${shared}: registry a, registry b\n`);
  expect(found.stdout).toContain(`❌ Port ${held}: registry c; held by PID ${pid} (`);
  expect(await tsmJson(home, ["ports"])).toMatchObject([{ name: `fine-${fine}` }, {}, {}, { heldBy: { pid } }]);
});
