import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { report, times } from "../support/figures.ts";
import { makeHome } from "../support/home.ts";
import { list, meta, row, runners, services } from "../support/managed.ts";
import { freePort } from "../support/ports.ts";
import { script, server } from "../support/scripts.ts";
import { type Outcome, tsm } from "../support/tsm.ts";

test("50 starts at once: 50 records, 50 ids, 50 processes", async () => {
  const home = makeHome();
  const begun = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, at) =>
      tsm(home, ["start", "--settle", "0", "--name", `p${at}`, "--", "sleep", `${3600 + at}`]),
    ),
  );
  report(`50 concurrent starts: ${Math.round(performance.now() - begun)} ms`);
  expect(outcomes.filter(({ code }) => code !== 0)).toEqual([]);
  const rows = await list(home);
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, at) => at));
  expect(new Set(rows.map(({ name }) => name)).size).toBe(50);
  expect(rows.filter(({ status }) => status !== "online")).toEqual([]);
  expect(services(home)).toHaveLength(50);
  const stopped = await tsm(home, ["stop", "*"]);
  expect(stopped.stdout.match(/1 process, [\d.]+ s, 0 forced, 0 left/g)).toHaveLength(50);
  expect(home.processes()).toEqual([]);
});

test("10 starts of one name at once: one process, nine refusals", async () => {
  for (let round = 0; round < times(2, 20); round += 1) {
    const home = makeHome();
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => tsm(home, ["start", "--name", "one", "--settle", "0", "--", "sleep", "3600"])),
    );
    expect(codes(outcomes)).toEqual([0, ...Array<number>(9).fill(1)]);
    for (const { stderr } of outcomes.filter(({ code }) => code === 1)) {
      expect(stderr).toMatch(/^tsm: 'one' is already running \(TSM ID: 0, PID: \d+\)\n/);
    }
    expect(await row(home, "one")).toMatchObject({ id: 0, status: "online", supervised: true });
    expect(services(home)).toHaveLength(1);
    await home.remove();
  }
});

test("6 starts for one port at once, by a quoted command: one process, and of the others nothing is left", async () => {
  const home = makeHome();
  const port = await freePort();
  script(home, "server.cjs", server);
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, (_, at) =>
      tsm(home, ["start", `node server.cjs # ${at}`, "--name", `p${at}`, "--port", `${port}`]),
    ),
  );
  expect(codes(outcomes)).toEqual([0, ...Array<number>(5).fill(1)]);
  for (const { stderr } of outcomes.filter(({ code }) => code === 1)) {
    expect(stderr).toContain(`Port ${port} is already in use!`);
  }
  expect(await list(home)).toMatchObject([{ status: "online", port }]);
});

test("10 different commands of one name at once: one process, and nine are told who holds the name", async () => {
  const home = makeHome();
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, at) => tsm(home, ["start", "--name", "one", "--", "sleep", `${3600 + at}`])),
  );
  expect(codes(outcomes)).toEqual([0, ...Array<number>(9).fill(1)]);
  for (const { stderr } of outcomes.filter(({ code }) => code === 1)) {
    expect(stderr).toContain("the name 'one' is taken by another running process (TSM ID: 0, PID: ");
  }
  expect(services(home)).toHaveLength(1);
});

test("every verb on one name at once, from many shells: all come back, and never two processes", async () => {
  const home = makeHome();
  const verbs = [
    ["start", "--name", "one", "--settle", "0", "--", "sleep", "3600"],
    ["start", "--name", "one", "--settle", "0", "--", "sleep", "3600"],
    ["stop", "one"],
    ["restart", "one", "--settle", "0"],
    ["delete", "one"],
    ["kill", "one"],
    ["list"],
    ["info", "one"],
  ];
  const rounds = times(4, 40);
  for (let round = 0; round < rounds; round += 1) {
    const outcomes = await Promise.all(verbs.map((words) => tsm(home, words)));
    for (const { code, stderr } of outcomes) {
      expect([0, 1], stderr).toContain(code);
      expect(stderr).not.toContain("bug of tsm");
    }
    const live = services(home);
    const [only] = await list(home);
    expect(live.length).toBe(only?.status === "online" ? 1 : 0);
    expect(runners(home)).toHaveLength(live.length);
    if (only?.status === "online") expect(only.pid).toBe(live[0]?.pid);
  }
  expect((await tsm(home, ["start", "--name", "last", "--", "sleep", "3600"])).code).toBe(0);
  expect(readdirSync(join(home.path, "locks"))).toEqual([]);
  report(`${rounds * verbs.length} verbs on one name, ${verbs.length} at a time: 0 duplicates`);
});

test("mixed verbs on ten processes from ten shells end, and leave what they say", async () => {
  const home = makeHome();
  const names = Array.from({ length: 10 }, (_, at) => `p${at}`);
  await Promise.all(names.map((name) => tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "3600"])));
  const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)] as T; // never empty here
  const shell = async (): Promise<string[]> => {
    const complaints: string[] = [];
    for (let turn = 0; turn < times(3, 10); turn += 1) {
      const name = pick(names);
      const words = pick([
        ["restart", name, "--settle", "0"],
        ["stop", name],
        ["list", "all"],
        ["start", "--name", name, "--settle", "0", "--", "sleep", "3600"],
        ["kill", name],
      ]);
      const { code, stderr } = await tsm(home, words);
      if (code !== 0 && !/already running/.test(stderr)) complaints.push(`${words.join(" ")}: ${code} ${stderr}`);
    }
    return complaints;
  };
  const complaints = await Promise.all(names.map(shell));
  expect(complaints.flat()).toEqual([]);
  const rows = await list(home);
  expect(rows.map(({ id }) => id)).toEqual(names.map((_, at) => at));
  const online = rows.filter(({ status }) => status === "online");
  expect(
    services(home)
      .map(({ pid }) => pid)
      .sort(),
  ).toEqual(online.map(({ pid }) => pid).sort());
  expect(runners(home)).toHaveLength(online.length);
  for (const { name, pid } of online) expect(meta(home, name).pid).toBe(pid);
  expect(readdirSync(join(home.path, "locks"))).not.toContain("p0.lock");
});

function codes(outcomes: readonly Outcome[]): (number | null)[] {
  return outcomes.map(({ code }) => code).sort();
}
