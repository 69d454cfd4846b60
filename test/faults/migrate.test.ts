import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { report, times } from "../support/figures.ts";
import { type Home, makeHome } from "../support/home.ts";
import { killAfter, moments } from "../support/killing.ts";
import { list } from "../support/managed.ts";
import { flatLife, flatRest, inHome, linkInHome } from "../support/old-home.ts";
import { isAlive, logOf } from "../support/record.ts";
import { define, tetraOf } from "../support/services.ts";
import { startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const resting = Array.from({ length: 8 }, (_, at) => ({
  name: `rest-${at}-${18_400 + at}`,
  port: 18_400 + at,
  id: at + 3,
}));

/** Two that live, eight that do not, three services. */
async function oldHome(): Promise<{ home: Home; pids: number[] }> {
  const home = makeHome();
  const lives = await Promise.all([flatLife(home, "one-18390", 18390, 1), flatLife(home, "two-18391", 18391, 2)]);
  for (const { name, port, id } of resting) flatRest(home, name, port, id);
  inHome(home, "next_id", "11\n");
  inHome(home, "services-available/quasar.tsm", 'TSM_COMMAND="sleep 600"\n');
  linkInHome(home, "services-enabled/quasar.tsm", "../services-available/quasar.tsm");
  define(home, "pj/web", 'TSM_COMMAND="sleep 601"\n');
  const links = join(tetraOf(home), "orgs/pj/tsm/services-enabled");
  mkdirSync(links, { recursive: true });
  symlinkSync("../services-available/web.tsm", join(links, "web.tsm"));
  symlinkSync("../services-available/gone.tsm", join(links, "gone.tsm"));
  return { home, pids: lives.map(({ pid }) => pid) };
}

/** Everything is where it belongs, and every old file is kept. */
async function expectDone(home: Home, pids: readonly number[]): Promise<void> {
  const rows = await list(home);
  expect(rows.map(({ id, name, status, pid }) => ({ id, name, status, pid }))).toEqual([
    { id: 1, name: "one-18390", status: "online", pid: pids[0] },
    { id: 2, name: "two-18391", status: "online", pid: pids[1] },
    ...resting.map(({ id, name }) => ({ id, name, status: "stopped", pid: null })),
  ]);
  await until("both are watched", async () => (await list(home)).slice(0, 2).every(({ supervised }) => supervised));
  expect(pids.every(isAlive)).toBe(true);
  for (const { name } of resting) expect(logOf(home, name)).toBe(`last of ${name}\n`);
  for (const name of ["one-18390", "two-18391"]) {
    // From its first line on, and it goes on.
    expect(logOf(home, name)).toMatch(/^(?:tick a {2}b\n)+/);
    const { length } = logOf(home, name);
    await until("it goes on writing", () => logOf(home, name).length > length);
  }
  expect(readdirSync(join(home.path, "services-enabled")).sort()).toEqual(["pj-web.tsm", "tetra-quasar.tsm"]);
  const folders = readdirSync(home.path).filter((name) => name.startsWith("migrated-"));
  expect(folders).toHaveLength(1);
  const kept = readdirSync(join(home.path, folders[0] ?? ""), { recursive: true, encoding: "utf8" });
  for (const name of ["one-18390", "two-18391", ...resting.map((each) => each.name)]) {
    expect(kept).toContain(`processes/${name}.meta`);
    expect(kept).toContain(`pids/${name}.pid`);
  }
  for (const file of ["next_id", "services-available/quasar.tsm", "services-enabled/quasar.tsm"])
    expect(kept).toContain(file);
  for (const link of ["web", "gone"]) expect(kept).toContain(`beside/orgs/pj/tsm/services-enabled/${link}.tsm`);
  expect(readdirSync(home.path)).not.toContain("processes");
  const one = join(home.path, folders[0] ?? "", "processes/one-18390.meta");
  expect(readFileSync(one, "utf8")).toContain(`pid=${pids[0]} `);
}

test("killed at any moment, and again: it goes on where it was, and nothing is lost", {
  timeout: 300_000,
}, async () => {
  const { home: first } = await oldHome();
  const begun = performance.now();
  await tsm(first, ["list"]);
  const longestMs = performance.now() - begun;
  await first.remove();

  // A few: migrate-cut.test.ts cuts it off before each of its steps.
  const rounds = times(3, 60);
  let cut = 0;
  for (const moment of moments(rounds, longestMs)) {
    const { home, pids } = await oldHome();
    // The second is killed too: what the first has left is another beginning.
    for (const share of [1, 0.8]) {
      const running = startTsm(home, ["list"]);
      running.child.stdin.end();
      await killAfter(running.child.pid ?? 0, moment * share);
      await running.outcome;
    }
    if (readdirSync(home.path).includes("runtime") && readdirSync(join(home.path, "runtime")).includes("migrating"))
      cut += 1;
    const last = await tsm(home, ["list"]);
    expect(last.code).toBe(0);
    expect(last.stderr).not.toMatch(/bug of tsm|damaged|not brought over/);
    await expectDone(home, pids);
    await home.remove();
  }
  report(`${rounds} migrations killed within ${Math.round(longestMs)} ms, ${cut} of them in the middle`);
});

test("six at once: one brings it over and says so, all see the same", { timeout: 300_000 }, async () => {
  const { home, pids } = await oldHome();
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => tsm(home, ["list", "all", "--json"])));
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(outcomes.filter(({ stderr }) => stderr.includes("it has been brought over:"))).toHaveLength(1);
  expect(outcomes.filter(({ stderr }) => stderr === "")).toHaveLength(5);
  for (const { stdout } of outcomes) expect(JSON.parse(stdout)).toHaveLength(10);
  await expectDone(home, pids);
});

test("a hundred processes of the older kind, a third of them alive", { timeout: 300_000 }, async () => {
  const home = makeHome();
  const lives = await Promise.all(
    Array.from({ length: 33 }, (_, at) => flatLife(home, `live-${at}-${19_000 + at}`, 19_000 + at, at * 3)),
  );
  for (let at = 0; at < 67; at += 1) flatRest(home, `rest-${at}-${19_100 + at}`, 19_100 + at, 200 + at);
  const begun = performance.now();
  expect((await tsm(home, ["list"])).code).toBe(0);
  report(`100 processes brought over, 33 of them adopted: ${Math.round(performance.now() - begun)} ms`);
  const rows = await list(home);
  expect(rows).toHaveLength(100);
  const online = rows.filter(({ status }) => status === "online");
  expect(online.map(({ id, pid }) => [id, pid])).toEqual(lives.map(({ pid }, at) => [at * 3, pid]));
  expect(online.every(({ supervised }) => supervised)).toBe(true);
});
