import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { busyMs, report, times } from "../support/figures.ts";
import { type Home, hasty, makeHome } from "../support/home.ts";
import { killAfter, moments } from "../support/killing.ts";
import { folderOf, list, runners, services } from "../support/managed.ts";
import { diskKinds, makeSmallDisk } from "../support/small-disk.ts";
import { startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

vi.setConfig({ testTimeout: busyMs });

const start = ["start", "--name", "one", "--settle", "0", "--", "sleep", "3600"];

async function done(home: Home, words: readonly string[]): Promise<void> {
  const { code, stderr } = await tsm(home, words);
  if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
}

/** Runs it and kills it after so long. */
async function cutOff(home: Home, words: readonly string[], afterMs: number): Promise<void> {
  const running = startTsm(home, words);
  running.child.stdin.end();
  await killAfter(running.child.pid ?? 0, afterMs);
  await running.outcome;
}

/** A `tsm` that was killed before it had written what it was about to do leaves an empty folder for a day. */
function deeds(home: Home): string[] {
  const folder = join(home.path, "runtime/undo");
  return readdirSync(folder).filter((id) => existsSync(join(folder, id, "deed.json")));
}

test.for([
  { what: "undo of a delete", before: "delete one", cut: ["undo"] },
  { what: "undo of a delete that left the logs", before: "delete one --keep-logs", cut: ["undo"] },
  { what: "undo of a stop", before: "stop one", cut: ["undo"] },
  { what: "delete", before: "", cut: ["delete", "one"] },
  { what: "delete that leaves the logs", before: "", cut: ["delete", "one", "--keep-logs"] },
])("a $what killed at any moment: the next tsm reads all, and undo brings it back whole", async ({ before, cut }) => {
  const home = hasty(makeHome());
  await done(home, ["start", "--name", "zero", "--", "sleep", "7200"]);
  const prepare = async () => {
    await done(home, ["start", "--name", "one", "--", "sleep", "3600"]);
    appendFileSync(join(folderOf(home, "one"), "current.out"), "kept\n");
    if (before !== "") await done(home, before.split(" "));
  };
  const forget = () => done(home, ["repl", "-c", "delete one --purge; undo --forget"]);
  await prepare();
  const begun = performance.now();
  await done(home, cut);
  const longestMs = performance.now() - begun;
  if (cut[0] === "delete") await done(home, ["undo"]);
  await forget();

  const seen = new Map<string, number>();
  const rounds = times(3, 100);
  for (const moment of moments(rounds, longestMs)) {
    await prepare();
    await cutOff(home, cut, moment);
    let found: string | undefined;
    const one = await until("it is back", async () => {
      const row = (await list(home)).find(({ name }) => name === "one");
      found ??= row?.status ?? "no record";
      if (row?.status === "online" && services(home).length === 2) return row;
      // What was only asked to end by then ends in its own time.
      if (row?.status !== "stopping") await done(home, ["undo"]);
      return undefined;
    });
    seen.set(found ?? "", (seen.get(found ?? "") ?? 0) + 1);
    expect(one, `after ${found}`).toMatchObject({ id: 1, supervised: true });
    expect(readFileSync(join(folderOf(home, "one"), "current.out"), "utf8")).toContain("kept\n");
    for (const file of ["argv", "env", "policy.json"])
      expect(existsSync(join(folderOf(home, "one"), "launch", file)), file).toBe(true);
    await forget();
    expect(deeds(home)).toEqual([]);
    expect(runners(home)).toHaveLength(1);
  }
  report(
    `${rounds} × ${cut.join(" ")} killed within ${Math.round(longestMs)} ms: ${JSON.stringify(Object.fromEntries(seen))}`,
  );
});

test.for([
  {
    what: "an undo killed when it has put the process back and not started it",
    words: ["delete", "one"],
    half(home: Home, kept: string) {
      mkdirSync(join(home.path, "runtime/under-way"), { recursive: true });
      writeFileSync(join(home.path, "runtime/under-way/one"), "999999999 1 nobody restart\n");
      renameSync(kept, folderOf(home, "one"));
    },
    next: ["version"],
  },
  {
    what: "an undo killed when it has put the launch files back to the logs",
    words: ["delete", "one", "--keep-logs"],
    half: (home: Home, kept: string) => renameSync(join(kept, "launch"), join(folderOf(home, "one"), ".launch-before")),
    next: ["undo"],
  },
  {
    what: "an undo killed when it has put the record back to the logs",
    words: ["delete", "one", "--keep-logs"],
    half(home: Home, kept: string) {
      renameSync(join(kept, "launch"), join(folderOf(home, "one"), ".launch-before"));
      renameSync(join(kept, "meta.json"), join(folderOf(home, "one"), "meta.json"));
    },
    next: ["undo"],
  },
  {
    what: "a delete that leaves the logs killed when half of the launch files were gone",
    words: ["delete", "one", "--keep-logs"],
    half(home: Home, kept: string) {
      cpSync(kept, folderOf(home, "one"), { recursive: true });
      rmSync(join(folderOf(home, "one"), "launch/env"));
    },
    next: ["undo"],
  },
])("$what: $next brings it back", async ({ words, half, next }) => {
  const home = hasty(makeHome());
  await done(home, start);
  appendFileSync(join(folderOf(home, "one"), "current.out"), "kept\n");
  await done(home, words);
  const folder = join(home.path, "runtime/undo");
  const [id = ""] = readdirSync(folder);
  half(home, join(folder, id, "deleted/one"));
  const rows = await tsm(home, ["list", "all"]);
  expect(rows).toMatchObject({ code: 0, stderr: "" });
  await done(home, next);
  expect(await list(home)).toMatchObject([{ id: 0, name: "one", status: "online", supervised: true }]);
  expect(services(home)).toHaveLength(1);
  expect(readFileSync(join(folderOf(home, "one"), "current.out"), "utf8")).toContain("kept\n");
  expect(existsSync(join(folderOf(home, "one"), "launch/env"))).toBe(true);
});

test.for([
  { what: "cut off", text: '{"verb":"delete","by":"she' },
  { what: "of another kind", text: "[1, 2]" },
  { what: "of a later version", text: '{"verb":"rename","by":"shell","processes":[]}' },
  { what: "one that would lead out", text: '{"verb":"delete","by":"shell","processes":[{"name":"../../../evil"}]}' },
])("an entry that is $what harms nobody", async ({ text }) => {
  const home = hasty(makeHome());
  await done(home, start);
  await done(home, ["stop", "one"]);
  const folder = join(home.path, "runtime/undo");
  const [id = ""] = readdirSync(folder);
  writeFileSync(join(folder, id, "deed.json"), text);
  await done(home, ["start", "one"]);
  await done(home, ["stop", "one"]);
  const listed = await tsm(home, ["undo", "--list"]);
  expect(listed).toMatchObject({ code: 0, stderr: "" });
  expect(listed.stdout).toContain("stop of 'one'");
  expect(listed.stdout).not.toContain("evil");
  await done(home, ["undo"]);
  expect(services(home)).toHaveLength(1);
});

test("many deletes and undos at once lose nothing and start nothing twice", async () => {
  const home = hasty(makeHome());
  const names = ["a", "b", "c", "d"];
  for (const name of names) await done(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "3600"]);
  await Promise.all(names.map((name) => done(home, ["delete", name])));
  expect(services(home)).toEqual([]);
  // Two for each: who comes second finds that it was undone, or undoes the one before.
  for (let round = 0; round < names.length; round += 1) await Promise.all([tsm(home, ["undo"]), tsm(home, ["undo"])]);
  const rows = await list(home);
  expect(rows.map(({ name, status }) => `${name} ${status}`).sort()).toEqual(names.map((name) => `${name} online`));
  expect(new Set(rows.map(({ id }) => id)).size).toBe(names.length);
  expect(services(home)).toHaveLength(names.length);
  expect(runners(home)).toHaveLength(names.length);
});

test.for(diskKinds)("on %s that is full a delete keeps nothing, says so, and gives its space back", async (kind) => {
  const { home, env, fill, drain } = makeSmallDisk(kind);
  await done(home, start);
  fill(0);
  const deleted = await tsm(home, ["delete", "one"], { env });
  expect(deleted).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringContaining("; no room to keep it for undo\n"),
  });
  drain();
  expect(await tsm(home, ["undo"])).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing to undo") });
  const folder = join(home.path, "runtime/undo");
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
});

test.runIf(diskKinds.includes("a disk of 1 MB"))(
  "on a disk with no room for another start a delete keeps nothing either, and gives the space of the logs back",
  async () => {
    const { home, fill } = makeSmallDisk("a disk of 1 MB");
    await done(home, start);
    appendFileSync(join(folderOf(home, "one"), "current.out"), "x".repeat(300_000));
    fill(8);
    expect(await tsm(home, ["delete", "one"])).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining("; no room to keep it for undo\n"),
    });
    expect(await tsm(home, ["undo"])).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing to undo") });
    await done(home, start);
  },
);
