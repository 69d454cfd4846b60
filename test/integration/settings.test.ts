import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { folderOf } from "../support/record.ts";
import { script, seenIn, showing } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

test("setup makes the home, says what it made, and says so again when there is nothing to do", async () => {
  const home = makeHome();
  const first = await tsm(home, ["setup"]);
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout).toContain(`tsm: made ${home.path}\n`);
  expect(first.stdout.endsWith("tsm: setup complete\n")).toBe(true);
  expect(await tsm(home, ["setup"])).toMatchObject({ code: 0, stdout: "tsm: setup complete\n" });
  for (const folder of ["", "runtime", "runtime/processes", "db/events", "config"])
    expect(statSync(join(home.path, folder)).mode & 0o777, folder).toBe(0o700);
});

test("settings are read, changed and kept", async () => {
  const home = makeHome();
  expect(await tsm(home, ["config", "get", "lines"])).toMatchObject({ code: 0, stdout: "50\n" });
  expect(await tsm(home, ["config", "set", "lines", "7"])).toMatchObject({ code: 0, stdout: "tsm: lines is now 7\n" });
  expect(await tsm(home, ["config", "get", "lines"])).toMatchObject({ stdout: "7\n" });
  expect(await tsm(home, ["config", "set", "prompt", "my tsm"])).toMatchObject({ code: 0 });
  const path = (await tsm(home, ["config", "path"])).stdout.trimEnd();
  expect(path).toBe(join(home.path, "config/settings.json"));
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ lines: 7, prompt: "my tsm" });
  const listed = (await tsm(home, ["config", "list"])).stdout;
  for (const name of ["lines", "settle", "colours", "prompt", "historySize"])
    expect(listed).toMatch(new RegExp(`^${name} `, "m"));
  expect(await tsm(home, ["config"])).toMatchObject({ code: 0, stdout: listed });
  expect(await tsm(home, ["get"])).toMatchObject({ code: 0, stdout: listed });
  expect(await tsm(home, ["conf", "lines", "8"])).toMatchObject({ code: 0, stdout: "tsm: lines is now 8\n" });
  expect(await tsm(home, ["get", "lines"])).toMatchObject({ code: 0, stdout: "8\n" });
  expect(await tsm(home, ["set", "prompt", ""])).toMatchObject({ stdout: "tsm: prompt is now empty\n" });
  expect(await tsm(home, ["unset", "tokenFields"])).toMatchObject({ stdout: "tsm: tokenFields is now empty\n" });
  expect(await tsm(home, ["set", "prompt", "my tsm"])).toMatchObject({ code: 0 });
  expect(await tsmJson(home, ["config", "get", "prompt"])).toMatchObject({
    settings: [{ name: "prompt", value: "my tsm" }],
  });
});

test.for([
  { words: ["get", "nosuch"], says: "there is no setting 'nosuch'" },
  { words: ["set", "nosuch", "1"], says: "there is no setting 'nosuch'" },
  { words: ["set", "__proto__", "1"], says: "there is no setting '__proto__'" },
  { words: ["set", "lines", "many"], says: "'many' is not a value for lines" },
  { words: ["set", "lines", "-1"], says: "'-1' is not a value for lines" },
  { words: ["set", "colours", "pink"], says: "'pink' is not a value for colours" },
  { words: ["set", "lines"], says: "config set takes a NAME and a VALUE" },
  { words: ["get"], says: "config get takes a NAME" },
  { words: ["list", "lines"], says: "config list takes nothing more" },
  { words: ["frob"], says: "'frob' is none of list, get, set, path" },
])("config $words is refused", async ({ words, says }) => {
  const home = makeHome();
  expect(await tsm(home, ["config", ...words])).toMatchObject({
    code: 64,
    stdout: "",
    stderr: expect.stringContaining(`tsm: ${says}`),
  });
});

test("a broken settings file is said, and nothing else is broken by it", async () => {
  const home = makeHome();
  await tsm(home, ["config", "set", "lines", "7"]);
  writeFileSync(join(home.path, "config/settings.json"), "{ broken");
  const listed = await tsm(home, ["list"]);
  expect(listed).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("settings.json is not valid JSON; the defaults are used"),
  });
  expect(await tsm(home, ["config", "set", "lines", "8"])).toMatchObject({ code: 65 });
  expect(readFileSync(join(home.path, "config/settings.json"), "utf8")).toBe("{ broken");
});

test("env shows what the process began with, secrets masked unless they are asked for", async () => {
  const home = makeHome();
  script(home, "show.cjs", showing);
  script(home, "it.env", "DB_PASSWORD=hunter2\nPLAIN=visible\nURL=postgres://me:hunter2@db/x\n");
  const env = { API_KEY: "hunter2", GITHUB_TOKEN: "hunter2", MY_SECRET: "hunter2", KEYBOARD: "qwerty" };
  await tsm(home, ["start", "--settle", "0", "--env", "./it.env", "show.cjs"], { env });
  await seenIn(home.folder);
  const masked = await tsm(home, ["env", "show"]);
  expect(masked.code).toBe(0);
  expect(masked.stdout).not.toContain("hunter2");
  for (const line of [
    "DB_PASSWORD=***MASKED***",
    "API_KEY=***MASKED***",
    "GITHUB_TOKEN=***MASKED***",
    "MY_SECRET=***MASKED***",
    "PLAIN=visible",
    "KEYBOARD=qwerty",
    "TSM_NAME=work-show",
  ])
    expect(masked.stdout.split("\n")).toContain(line);
  const names = masked.stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("=")[0]);
  expect(names).toEqual(names.toSorted());
  expect(await tsmJson(home, ["env", "show"])).toMatchObject({
    source: "live",
    variables: { DB_PASSWORD: "***MASKED***" },
  });
  const open = await tsm(home, ["env", "show", "--show"]);
  for (const line of ["DB_PASSWORD=hunter2", "API_KEY=hunter2", "URL=postgres://me:hunter2@db/x"])
    expect(open.stdout.split("\n")).toContain(line);
  await tsm(home, ["stop", "show"]);
  expect(await tsmJson(home, ["env", "show"])).toMatchObject({
    source: "saved",
    variables: { PLAIN: "visible", API_KEY: "***MASKED***" },
  });
});

test("§6.16 paths are those that are there", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "it", "sleep", "600"]);
  const paths = (await tsmJson(home, ["paths", "it"])) as Record<string, string>;
  expect(paths["folder"]).toBe(folderOf(home, "it"));
  expect(paths["meta"]).toBe(join(folderOf(home, "it"), "meta.json"));
  for (const path of Object.values(paths)) expect(statSync(path).mode & 0o077, path).toBe(0);
  const shown = (await tsm(home, ["paths", "it"])).stdout;
  for (const path of Object.values(paths)) expect(shown).toContain(path);
});

test("§6.12 an env file is data: nothing in it runs", async () => {
  const home = makeHome();
  script(home, "show.cjs", showing);
  script(
    home,
    "evil.env",
    "A=$(touch pwned1)\nB=`touch pwned2`\nC=x; touch pwned3\nexport D='it is'\nE=\"two\\nlines\"\nF=${D} $A\n# G=no\n",
  );
  expect(await tsm(home, ["start", "--settle", "0", "--env", "./evil.env", "show.cjs"])).toMatchObject({
    code: 0,
    stderr: "",
  });
  const { env } = await seenIn(home.folder);
  expect(env).toMatchObject({
    A: "$(touch pwned1)",
    B: "`touch pwned2`",
    C: "x; touch pwned3",
    D: "it is",
    E: "two\nlines",
    F: "it is $(touch pwned1)",
  });
  expect(env["G"]).toBeUndefined();
  for (const file of ["pwned1", "pwned2", "pwned3"]) expect(() => statSync(join(home.folder, file))).toThrow("ENOENT");
});

test.for([
  { asked: "nosuch", code: 66, says: "env/nosuch.env was not found" },
  { asked: "./nosuch.env", code: 66, says: "nosuch.env was not found" },
  { asked: "./folder", code: 66, says: "is a folder" },
  { asked: "./bad.env", code: 65, says: "bad.env:2: not an assignment\n" },
  { asked: "./pipe.env", code: 66, says: "pipe.env is not a file" },
  { asked: "./open.env", code: 65, says: "open.env:1: the quote of A is never closed" },
  { asked: "./latin.env", code: 65, says: "latin.env is not valid UTF-8 (line 2)" },
])("--env $asked is refused with $code", async ({ asked, code, says }) => {
  const home = makeHome();
  script(home, "folder/x", "");
  script(home, "bad.env", "A=1\nrm -rf /\n");
  script(home, "open.env", 'A="1\n');
  execFileSync("bash", ["-c", 'mkfifo "$0"', join(home.folder, "pipe.env")]);
  writeFileSync(join(home.folder, "latin.env"), Buffer.from("A=1\nB=\xe9\n", "latin1"));
  const refused = await tsm(home, ["start", "--env", asked, "sleep", "600"]);
  expect(refused).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(says) });
  expect(await tsmJson(home, ["list", "all"])).toEqual([]);
});
