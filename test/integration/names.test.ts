import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { editMeta, isAlive, pidOf, readMeta } from "../support/record.ts";
import { script, tick } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

const quick = ["--settle", "50"];

test.for([
  { folder: "any", words: ["server.sh"], name: "server-3456", because: "a shell script is named after itself" },
  { folder: "any", words: ["server.sh", "myapp"], name: "myapp-3456", because: "its second word is its name" },
  {
    folder: "my-api",
    words: ["python3", "-m", "http.server"],
    name: "my-api-http-3456",
    because: "folder, module, port",
  },
  { folder: "test", words: ["node", "server.js"], name: "test-server-3456", because: "folder, module, port" },
  { folder: "backend", words: ["node", "app.js"], name: "backend-app-3456", because: "folder, module, port" },
  { folder: "any", words: ["--name", "x", "node", "app.js"], name: "x-3456", because: "--name gets the port" },
  { folder: "any", words: ["--name", "x-3456", "node", "app.js"], name: "x-3456", because: "but not twice" },
  { folder: "ünï cødé 😀", words: ["node", "app.js"], name: "ünï cødé 😀-app-3456", because: "any letters are fine" },
  { folder: ".hidden", words: ["node", "app.js"], name: "hidden-app-3456", because: "a dot in front is dropped" },
])("in $folder it is called $name: $because", async ({ folder, words, name }) => {
  const home = makeHome();
  // They need not listen: their names do not depend on it.
  script(home, `${folder}/server.sh`, tick);
  script(home, `${folder}/server.js`, "setInterval(() => {}, 60000)");
  script(home, `${folder}/app.js`, "setInterval(() => {}, 60000)");
  const started = await tsm(home, ["start", ...quick, "--port", "3456", ...words], { cwd: join(home.folder, folder) });
  expect(started).toMatchObject({ code: 0, stdout: expect.stringContaining(`started '${name}' (TSM ID: 0`) });
});

test("without a port there is no suffix", async () => {
  const home = makeHome();
  script(home, "server.sh", tick);
  await tsm(home, ["start", ...quick, "server.sh"]);
  await tsm(home, ["start", ...quick, "--name", "x", "sleep", "600"]);
  const names = await tsmJson(home, ["list"]);
  expect(names).toMatchObject([{ name: "server" }, { name: "x" }]);
});

test("an é written in two characters makes no second name that looks the same", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "café".normalize("NFC"), "sleep", "600"]);
  await tsm(home, ["start", ...quick, "--name", "café".normalize("NFD"), "sleep", "600"]);
  expect(await tsmJson(home, ["list"])).toMatchObject([{ name: "café".normalize("NFC") }]);
});

test.for([
  { name: "", because: "it is empty" },
  { name: " ", because: "nobody would see it" },
  { name: "a/b", because: "it contains /" },
  { name: "/abs", because: "it contains /" },
  { name: "../x", because: "it leads out" },
  { name: "../../evil", because: "§6.11 it leads out" },
  { name: "..", because: "it leads up" },
  { name: ".hidden", because: "it begins with ." },
  { name: "-x", because: "it begins with -" },
  { name: "a\nb", because: "it breaks the line" },
  { name: "a\tb", because: "a control character" },
  { name: "a\u001b[31mb", because: "a control character" },
  { name: "a\u0085b", because: "a C1 control character" },
  { name: "all", because: "it means all" },
  { name: "*", because: "it means all" },
  { name: "\u202Eevil", because: "it would be shown as another" },
  { name: "a\u200Bpi", because: "it would be shown as another" },
  { name: "api ", because: "nobody would see its end" },
  { name: "api\u200E", because: "nobody could tell it from api" },
  { name: ":80", because: "it would be a port" },
  { name: "pid:5", because: "it would be a pid" },
  { name: "%1", because: "it would be a job" },
  { name: "$_", because: "it would be what the shell has shown last" },
  { name: "$1", because: "it would be the first of that" },
  { name: "api-*", because: "it would be a pattern" },
  { name: "x".repeat(300), because: "no file can be called so" },
])("the name $name is refused with 64, nothing is made: $because", async ({ name }) => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  for (const words of [
    ["--name", name, "tick.sh"],
    [`--name=${name}`, "tick.sh"],
  ]) {
    const refused = await tsm(home, ["start", ...words]);
    expect(refused).toMatchObject({ code: 64, stdout: "" });
    // Its control characters do not reach the terminal, and what nobody sees is spelled out.
    expect(refused.stderr).toMatch(/^[^\p{Cc}\p{Cf}]*\n {2}[^\p{Cc}\p{Cf}]*\n$/u);
  }
  expect(existsSync(join(home.path, "runtime")) ? readdirSync(join(home.path, "runtime/processes")) : []).toEqual([]);
  expect(readdirSync(join(home.path, ".."))).not.toContain("evil");
});

test("the same command twice is already running, and says with which id", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await tsm(home, ["start", ...quick, "tick.sh"]);
  const pid = pidOf(home, "tick");
  const again = await tsm(home, ["start", ...quick, "tick.sh"]);
  expect(again).toMatchObject({ code: 1, stdout: "" });
  expect(again.stderr).toContain(`tsm: 'tick' is already running (TSM ID: 0, PID: ${pid})`);
  expect(pidOf(home, "tick")).toBe(pid);
  expect(await tsmJson(home, ["list", "all"])).toHaveLength(1);
});

test.for([
  { words: ["--name", "tick", "sleep", "601"], because: "other words" },
  { words: ["--cwd", "..", "--name", "tick", "--", "bash", "work/tick.sh"], because: "another folder" },
])("another command does not get the name of a live one: $because", async ({ words }) => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await tsm(home, ["start", ...quick, "tick.sh"]);
  const pid = pidOf(home, "tick");
  const refused = await tsm(home, ["start", ...quick, ...words]);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("tsm: the name 'tick' is taken by another running process");
  expect(refused.stderr).toContain(`TSM ID: 0, PID: ${pid}`);
  expect(refused.stderr).toContain("tick.sh");
  expect(isAlive(pid)).toBe(true);
  expect(await tsmJson(home, ["list", "all"])).toHaveLength(1);
});

test("a stopped record of the name is used again, with its id", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "first", "sleep", "600"]);
  await tsm(home, ["start", ...quick, "--name", "second", "sleep", "600"]);
  await tsm(home, ["stop", "first", "second"]);
  await tsm(home, ["delete", "first"]);
  const again = await tsm(home, ["start", ...quick, "--name", "second", "sleep", "601"]);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("started 'second' (TSM ID: 1") });
  expect(again.stderr).toContain("'second' was another command before");
  expect(await tsmJson(home, ["list", "all"])).toHaveLength(1);
});

test("ids are given out lowest first, and gaps are used", async () => {
  const home = makeHome();
  for (const name of ["a", "b", "c"]) await tsm(home, ["start", ...quick, "--name", name, "sleep", "600"]);
  await tsm(home, ["delete", "b"]);
  await tsm(home, ["start", ...quick, "--name", "d", "sleep", "600"]);
  await tsm(home, ["start", ...quick, "--name", "e", "sleep", "600"]);
  expect(await tsmJson(home, ["list"])).toMatchObject([
    { id: 0, name: "a" },
    { id: 1, name: "d" },
    { id: 2, name: "c" },
    { id: 3, name: "e" },
  ]);
});

test("§6.11 a record that names a folder outside is damaged, and nothing outside is removed", async () => {
  const home = makeHome();
  const kept = script(home, "kept.txt", "precious");
  await tsm(home, ["start", ...quick, "--name", "a", "sleep", "600"]);
  const pid = pidOf(home, "a");
  editMeta(home, "a", { name: "../../../work" });
  expect((await tsm(home, ["list"])).stderr).toContain("the record of 'a' is damaged");
  expect(await tsm(home, ["delete", "a"])).toMatchObject({ code: 0 });
  expect(existsSync(kept)).toBe(true);
  expect(isAlive(pid)).toBe(false);
});

test("the record of a name says which command it is", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "a", "--", "sh", "-c", "exec sleep 600", "a b"]);
  expect(readMeta(home, "a")["command"]).toMatch(/\/sh -c 'exec sleep 600' 'a b'$/);
});
