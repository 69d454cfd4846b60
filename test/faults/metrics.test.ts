import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { diskKinds, makeSmallDisk } from "../support/small-disk.ts";
import { holdTicker } from "../support/ticker.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

test.for(diskKinds)(
  "on %s that is full or read-only no sample is taken, and nothing is said; then they go on",
  async (kind) => {
    const disk = makeSmallDisk(kind);
    const { home, env } = disk;
    await tsm(home, ["start", "--name", "api", "--settle", "0", "--", "sleep", "600"], { env });
    await holdTicker(home);
    const last = join(home.path, "db/metrics/last");
    const pass = async () => {
      const done = await tsm(home, ["patrol", "--quick"], { env });
      expect(done).toMatchObject({ code: 0, stderr: "" });
    };
    const samples = async () => (await tsmJson(home, ["metrics", "api"], { env })) as { samples: unknown[] }[];
    disk.fill(0);
    await pass();
    expect((await samples())[0]?.samples).toEqual([]);
    disk.drain();
    disk.makeReadOnly();
    await pass();
    disk.makeWritable();
    await pass();
    expect((await samples())[0]?.samples).toHaveLength(1);
    // A minute later.
    if (existsSync(last))
      writeFileSync(
        last,
        readFileSync(last, "utf8").replace(/^\d+/, (at) => String(Number(at) - 60_000)),
      );
    await pass();
    expect((await samples())[0]?.samples).toHaveLength(2);
  },
);

test("where samples would lie is something else: the pass goes on, and metrics has none", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "api", "--settle", "0", "--", "sleep", "600"]);
  rmSync(join(home.path, "db/metrics"), { recursive: true, force: true });
  mkdirSync(join(home.path, "db"), { recursive: true });
  writeFileSync(join(home.path, "db/metrics"), "a file");
  expect(await tsm(home, ["patrol", "--quick"])).toMatchObject({ code: 0, stderr: "" });
  expect(await tsmJson(home, ["metrics", "api"])).toMatchObject([{ samples: [] }]);
});

test("passes that are killed at any moment leave whole samples", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "api", "--settle", "0", "--", "sleep", "600"]);
  const begun = performance.now();
  await tsm(home, ["patrol", "--quick"]);
  const longestMs = performance.now() - begun;
  const last = join(home.path, "db/metrics/last");
  for (let round = 0; round < 12; round += 1) {
    rmSync(last, { force: true });
    const running = startTsm(home, ["patrol", "--quick"]);
    const timer = setTimeout(() => running.child.kill("SIGKILL"), (0.3 + (0.7 * round) / 12) * longestMs);
    await running.outcome;
    clearTimeout(timer);
  }
  rmSync(last, { force: true });
  await until("a pass has taken one", async () => {
    await tsm(home, ["patrol", "--quick"]);
    return existsSync(last);
  });
  const [api] = (await tsmJson(home, ["metrics", "api"])) as { samples: { cpu: number; memory: number }[] }[];
  expect(api?.samples.length).toBeGreaterThan(0);
  for (const { cpu, memory } of api?.samples ?? []) {
    expect(cpu).toBeGreaterThanOrEqual(0);
    expect(memory).toBeGreaterThan(0);
  }
});
