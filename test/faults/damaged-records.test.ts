import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { report, times } from "../support/figures.ts";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf, list, metaPath, services } from "../support/managed.ts";
import { tsm } from "../support/tsm.ts";
import { tsmAsUser, userHome } from "../support/user-home.ts";

test("a meta.json cut at any byte is reported by name, and the others list", async () => {
  const home = makeHome();
  await startTwo(home);
  const whole = readFileSync(metaPath(home, "cut"));
  const step = times(Math.ceil(whole.length / 15), 1);
  let cuts = 0;
  for (let length = 0; length < whole.length - 2; length += step) {
    writeFileSync(metaPath(home, "cut"), whole.subarray(0, length));
    const { code, stdout, stderr } = await tsm(home, ["list"]);
    expect(code).toBe(0);
    expect(stdout).toContain("│ good");
    expect(stdout).not.toContain("│ cut");
    expect(stderr, `cut at ${length}`).toMatch(
      /^tsm: the record of 'cut' is damaged: meta\.json is (empty|not valid JSON); tsm doctor --fix mends it where it can, tsm delete cut removes it\n$/,
    );
    cuts += 1;
  }
  // Without the newline at its end, and without the brace before that.
  writeFileSync(metaPath(home, "cut"), whole.subarray(0, whole.length - 1));
  expect((await tsm(home, ["list"])).stderr).toBe("");
  writeFileSync(metaPath(home, "cut"), whole.subarray(0, whole.length - 2));
  const deleted = await tsm(home, ["delete", "cut"]);
  expect(deleted).toMatchObject({ code: 0, stdout: "tsm: deleted 'cut' (a damaged record)\n" });
  expect(services(home)).toHaveLength(1);
  expect((await list(home)).map(({ name }) => name)).toEqual(["good"]);
  report(`${cuts} cuts of a meta.json of ${whole.length} bytes: each reported by name`);
});

test("who names a process whose record is damaged means nobody else, of whose name that is a part", async () => {
  const home = makeHome();
  for (const name of ["api-4100", "api-worker"])
    expect((await tsm(home, ["start", "--settle", "0", "--name", name, "--", "sleep", "1000"])).code).toBe(0);
  writeFileSync(metaPath(home, "api-4100"), "{");
  const before = services(home);
  const refused = {
    code: 65,
    stdout: "",
    stderr:
      "tsm: the record of 'api-4100' is damaged: meta.json is not valid JSON\n  tsm doctor --fix mends it where it can, tsm delete api-4100 removes it\n",
  };
  for (const name of ["api", "api-4100"])
    for (const verb of ["stop", "restart", "kill", "info", "logs", "env", "why"])
      expect(await tsm(home, [verb, name]), `${verb} ${name}`).toMatchObject(refused);
  expect(services(home)).toEqual(before);
  // A part of a name that nobody has still is one.
  expect(await tsm(home, ["stop", "ap"])).toMatchObject({ code: 0, stdout: expect.stringContaining("'api-worker'") });
  expect(await tsm(home, ["delete", "api-4100"])).toMatchObject({ code: 0 });
  expect(services(home)).toEqual([]);
});

test("the id of a record that is damaged is given to nobody else, and is its own again when it is mended", async () => {
  const home = makeHome();
  await startTwo(home);
  const ids = async () => Object.fromEntries((await list(home)).map(({ name, id }) => [name, id]));
  const before = await ids();
  writeFileSync(metaPath(home, "good"), "cut");
  expect(await tsm(home, ["start", "--settle", "0", "--name", "late", "--", "sleep", "1000"])).toMatchObject({
    code: 0,
  });
  expect(await tsm(home, ["doctor", "--fix", "--yes"])).toMatchObject({ stdout: expect.stringContaining("good") });
  expect(await ids()).toEqual({ ...before, late: 2 });
});

const damages: { what: string; damage: (path: string, home: Home) => void; problem: RegExp }[] = [
  { what: "empty", damage: (path) => writeFileSync(path, ""), problem: /is empty/ },
  { what: "NUL bytes", damage: (path) => writeFileSync(path, Buffer.alloc(4096)), problem: /is not valid JSON/ },
  {
    what: "garbage",
    damage: (path) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0, 1, 2, 200])),
    problem: /not valid JSON/,
  },
  { what: "another type", damage: (path) => writeFileSync(path, "[1, 2]"), problem: /is not an object/ },
  { what: "null", damage: (path) => writeFileSync(path, "null"), problem: /is not an object/ },
  { what: "no field right", damage: (path) => writeFileSync(path, "{}"), problem: /has no valid "tsm_id"/ },
  {
    what: "a pid that is text",
    damage: (path) => edit(path, /"pid": \d+/, '"pid": "7; rm -rf /"'),
    problem: /no valid "pid"/,
  },
  { what: "a negative pid", damage: (path) => edit(path, /"pid": \d+/, '"pid": -1'), problem: /no valid "pid"/ },
  {
    what: "another name",
    damage: (path) => edit(path, /"name": "bad"/, '"name": "good"'),
    problem: /names another process, "good"/,
  },
  {
    what: "a name that leads out",
    damage: (path) => edit(path, /"name": "bad"/, '"name": "../good"'),
    problem: /names another process, "..\/good"/,
  },
  { what: "missing", damage: (path) => rmSync(path), problem: /is missing/ },
  {
    what: "a folder in its place",
    damage(path) {
      rmSync(path);
      mkdirSync(join(path, "inside"), { recursive: true });
    },
    problem: /is a folder/,
  },
  {
    what: "a link to itself",
    damage(path) {
      rmSync(path);
      symlinkSync("meta.json", path);
    },
    problem: /cannot be read \(ELOOP\)/,
  },
];

test.for(damages)(
  "a meta.json that is damaged ($what) is named, harms nobody, and can be deleted",
  async ({ damage, problem }) => {
    const home = makeHome();
    await startTwo(home, "bad");
    damage(metaPath(home, "bad"), home);
    const listed = await tsm(home, ["list"]);
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining("│ good") });
    expect(listed.stderr).toMatch(problem);
    expect(listed.stderr).toContain("'bad'");
    for (const words of [
      ["stop", "bad"],
      ["info", "bad"],
      ["restart", "bad"],
      ["logs", "bad", "--nostream"],
    ]) {
      const { code, stderr } = await tsm(home, words);
      expect(stderr).toMatch(/^tsm: the record of 'bad' is damaged: /);
      expect(code).toBe(65);
    }
    const start = await tsm(home, ["start", "--name", "bad", "--", "sleep", "3600"]);
    expect(start).toMatchObject({ code: 1, stderr: expect.stringContaining("tsm delete bad removes it") });
    expect(services(home)).toHaveLength(2);
    const deleted = await tsm(home, ["delete", "bad"]);
    expect(deleted.stderr).toBe("");
    expect(deleted).toMatchObject({ code: 0, stdout: "tsm: deleted 'bad' (a damaged record)\n" });
    expect(services(home)).toHaveLength(1);
    expect((await list(home)).map(({ name }) => name)).toEqual(["good"]);
  },
);

test("what is done to all names a damaged record that it leaves alone; delete of all removes it too", async () => {
  const home = makeHome();
  await startTwo(home, "bad");
  const whole = readFileSync(metaPath(home, "bad"));
  writeFileSync(metaPath(home, "bad"), whole.subarray(0, 40));
  const stderr =
    "tsm: the record of 'bad' is damaged: meta.json is not valid JSON; tsm doctor --fix mends it where it can, tsm delete bad removes it\n";
  for (const words of [
    ["restart", "*"],
    ["stop", "*"],
    ["stop", "all", "--json"],
    ["kill", "/o|b/"],
  ]) {
    const { code, stdout, ...told } = await tsm(home, words);
    expect(told.stderr, words.join(" ")).toBe(stderr);
    expect(code, words.join(" ")).toBe(65);
    expect(stdout).toContain("good");
  }
  const alone = await tsm(home, ["stop", "b*"]);
  expect(alone).toMatchObject({
    code: 65,
    stdout: "",
    stderr: expect.stringContaining("the record of 'bad' is damaged"),
  });
  const deleted = await tsm(home, ["delete", "*", "--yes"]);
  expect(deleted).toMatchObject({ code: 0, stderr: "" });
  expect(deleted.stdout.split("\n").sort()).toEqual([
    "",
    "tsm: deleted 'bad' (a damaged record)",
    "tsm: deleted 'good'",
  ]);
  expect(services(home)).toHaveLength(0);
  expect(await tsm(home, ["undo", "--yes"])).toMatchObject({ code: 0 });
  expect((await tsm(home, ["delete", "{b,c}*"])).stdout).toContain("deleted 'bad' (a damaged record)");
});

test.for([
  { what: "meta.json", mode: 0, path: metaPath },
  { what: "its folder", mode: 0, path: folderOf },
])("$what that may not be read is named, and the others list", async ({ path, mode }) => {
  const home = userHome();
  for (const name of ["good", "bad"]) {
    const { code, stderr } = await tsmAsUser(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "3600"]);
    expect(code, stderr).toBe(0);
  }
  chmodSync(path(home, "bad"), mode);
  const listed = await tsmAsUser(home, ["list"]);
  expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining("│ good") });
  expect(listed.stderr).toContain("the record of 'bad' is damaged: meta.json may not be read");
  const deleted = await tsmAsUser(home, ["delete", "bad"]);
  expect(deleted.stderr).toBe("");
  expect(deleted.code).toBe(0);
  expect(services(home)).toHaveLength(1);
});

async function startTwo(home: Home, second = "cut"): Promise<void> {
  for (const name of ["good", second]) {
    const { code, stderr } = await tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "3600"]);
    if (code !== 0) throw new Error(stderr);
  }
}

function edit(path: string, what: RegExp, into: string): void {
  const text = readFileSync(path, "utf8");
  expect(text).toMatch(what);
  writeFileSync(path, text.replace(what, into));
}

test("the id of a damaged record means that, and no other that is called so", async () => {
  const home = makeHome();
  for (const name of ["web", "0"]) await tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "3600"]);
  writeFileSync(metaPath(home, "web"), "{");
  for (const verb of ["stop", "restart", "delete", "kill", "info", "start"]) {
    const stderr: unknown = expect.stringContaining("tsm: the record of 'web' is damaged: ");
    expect(await tsm(home, [verb, "0"]), verb).toMatchObject({ code: 65, stdout: "", stderr });
  }
  expect(await list(home)).toMatchObject([{ id: 1, name: "0", status: "online", restarts: 0 }]);
});
