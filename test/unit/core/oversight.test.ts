import { expect, test } from "vitest";
import {
  noOversight,
  type Oversight,
  readOversight,
  takesResident,
  writtenOversight,
} from "../../../src/core/oversight.ts";
import { parseProbe } from "../../../src/core/probe.ts";
import { recordedStatuses } from "../../../src/core/process.ts";

const full: Oversight = {
  ready: parseProbe("log:/up/i"),
  readyTimeoutMs: 1,
  health: parseProbe("cmd:true"),
  healthIntervalMs: 100,
  healthFailures: 1,
  maxMemory: 1,
  cron: "0 3 * * *",
  watch: ["/a"],
  restingWatch: ["/b"],
  ignoreWatch: ["*.tmp"],
  watchEndings: ["js"],
  watchDelayMs: 1,
  maxMemoryAction: "stop",
  cronMode: "skip-if-running",
  watchOptions: { followSymlinks: true, pollMs: 100, depth: 2, settledMs: 500 },
};

test.for([{ oversight: full }, { oversight: noOversight }])("what is written is read again", ({ oversight }) => {
  expect(readOversight(JSON.parse(JSON.stringify(writtenOversight(oversight))))).toEqual(oversight);
});

test.for([
  undefined,
  null,
  "x",
  7,
  [],
  { ready: "soon", health: 3, healthIntervalMs: -1, healthFailures: 0, maxMemory: "1G", cron: [], watch: "x" },
  { ready: "log:/(/", readyTimeoutMs: null, healthIntervalMs: 0, maxMemory: 0, ignoreWatch: {} },
])("%j is as if nothing had been asked", (value) => {
  expect(readOversight(value)).toEqual(noOversight);
});

test("a resident patrol is for what must be looked at, and for as long as it must", () => {
  const taken = (part: Partial<Oversight>) =>
    recordedStatuses.filter((status) => takesResident({ oversight: { ...noOversight, ...part } }, status));
  expect(taken({})).toEqual([]);
  expect(taken({ ready: full.ready })).toEqual(["starting", "waiting"]);
  for (const part of [{ health: full.health }, { maxMemory: 1 }, { cron: "x" }, { watch: ["/"] }])
    expect(taken(part)).toEqual(["starting", "online", "waiting", "stopping"]);
  // Its hour starts what has ended by itself.
  expect(taken({ cron: "x", cronMode: "skip-if-running" })).toEqual(recordedStatuses);
});
