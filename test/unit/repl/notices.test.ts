import { expect, onTestFinished, test } from "vitest";
import type { ShellNotice } from "../../../src/command/shell.ts";
import type { Happening } from "../../../src/core/happenings.ts";
import type { ProcessSummary } from "../../../src/core/process.ts";
import { Notices } from "../../../src/repl/notices.ts";
import { summaryOf } from "../../support/summary.ts";
import { until } from "../../support/until.ts";

const summary = (id: number, change: Partial<ProcessSummary> = {}): ProcessSummary => ({
  ...summaryOf(id, `p${id}`, "online"),
  unstableRestarts: 1,
  ...change,
});

const exited = (id: number, by: "crash" | "user" | "memory" | "health" = "crash"): Happening => ({
  event: "exit",
  id,
  name: `p${id}`,
  exit: { code: 3, signal: null, core: false, at: 1, uptime: 1, by },
  how: "exit code 3",
});

const began = (id: number): Happening => ({ event: "start", id, name: `p${id}`, exit: undefined, how: "" });

function open(world: Map<string, ProcessSummary>) {
  const shown: { notices: readonly ShellNotice[]; leftOut: number }[] = [];
  const notices = new Notices({
    summaryOf: (name) => world.get(name),
    lastWordsOf: () => "boom",
    portHolder: async (port) => (port === 3000 ? "PID 42 (node x.js)" : undefined),
    memoryExcess: async () => "used 91 MB of memory, 80M (84 MB) are allowed",
    show: (some, leftOut) => shown.push({ notices: some, leftOut }),
  });
  onTestFinished(() => notices.end());
  const texts = () => shown.flatMap((each) => each.notices.map(({ text }) => text));
  return { notices, shown, texts };
}

function worldOf(...summaries: ProcessSummary[]): Map<string, ProcessSummary> {
  return new Map(summaries.map((each) => [each.name, each]));
}

test.for([
  { what: "is started again", now: {}, says: "p0 (#0) crashed: exit code 3; it is started again" },
  {
    what: "waits for its turn",
    now: { status: "waiting", retryInMs: 400, unstableRestarts: 3 },
    says: "p0 (#0) crashed: exit code 3; retry in 0.4 s (3rd)",
  },
  {
    what: "waits for its turn, and was reset meanwhile",
    now: { status: "waiting", retryInMs: 400, unstableRestarts: 0 },
    says: "p0 (#0) crashed: exit code 3; retry in 0.4 s (1st)",
  },
  {
    what: "waits for its port",
    now: { status: "waiting", reason: "its port is held by another process", port: 3000 },
    says: "p0 (#0) crashed: exit code 3; it waits for port 3000",
  },
  { what: "rests", now: { status: "crashed" }, says: "p0 (#0) crashed: exit code 3; it is not started again" },
  {
    what: "is given up",
    now: { status: "crashed", reason: "gave up after 16 restarts that did not last" },
    says: "p0 (#0) crashed: exit code 3; gave up after 16 restarts that did not last",
  },
] as const)("a crash, where it $what", async ({ now, says }) => {
  const { notices, texts } = open(worldOf(summary(0, now)));
  notices.take([exited(0)]);
  await until("it is told", () => texts().length > 0);
  expect(texts()).toEqual([says]);
  expect(notices.all()).toMatchObject([{ kind: "bad", text: says, words: "boom" }]);
});

test("what a person asked for is not told, and what was deleted or stopped since is not either", async () => {
  const { notices, texts } = open(worldOf(summary(0), summary(2, { status: "stopped" }), summary(3)));
  notices.take([exited(0, "user"), exited(1), exited(2), exited(3, "memory")]);
  await until("the last is told", () => texts().length > 0);
  expect(texts()).toEqual(["p3 (#3) used 91 MB of memory, 80M (84 MB) are allowed; it is started again"]);
});

test("who was told to be down is told to be online again, once", async () => {
  const world = worldOf(summary(0, { status: "waiting", retryInMs: 100 }));
  const { notices, texts } = open(world);
  notices.take([exited(0)]);
  await until("it is told", () => texts().length === 1);
  world.set("p0", summary(0));
  notices.take([began(0)]);
  await until("it is told", () => texts().length === 2);
  expect(texts()[1]).toBe("p0 (#0) is online again");
  notices.take([began(0), exited(0)]);
  await until("the next is told", () => texts().length === 3);
  expect(texts()[2]).toContain("crashed");
});

test("who has begun and is not ready yet is told to be online again when it is", async () => {
  const world = worldOf(summary(0, { status: "starting" }));
  const { notices, texts } = open(world);
  notices.take([exited(0), began(0)]);
  await until("it is told", () => texts().length === 1);
  world.set("p0", summary(0));
  notices.take([{ ...began(0), event: "ready" }]);
  await until("it is told", () => texts().length === 2);
  expect(texts()).toEqual(["p0 (#0) crashed: exit code 3; it is started again", "p0 (#0) is online again"]);
});

test("a thousand crashes are a few lines and a number, and /notices has them", async () => {
  const world = worldOf(...Array.from({ length: 1000 }, (_, id) => summary(id)));
  const { notices, shown } = open(world);
  for (let id = 0; id < 1000; id += 1) notices.take([exited(id), exited(id)]);
  await until("they are told", () => shown.length > 0);
  expect(shown).toHaveLength(1);
  expect(shown[0]?.notices).toHaveLength(4);
  expect(shown[0]?.leftOut).toBe(996);
  expect(shown[0]?.notices[0]?.text).toBe("p0 (#0) crashed 2 times, last: exit code 3; it is started again");
  expect(notices.all()).toHaveLength(500);
});

test("while another has the terminal nothing is shown, and nothing lost", async () => {
  const { notices, texts } = open(worldOf(summary(0), summary(1)));
  notices.hold(true);
  notices.take([exited(0)]);
  await until("it is kept", () => notices.all().length === 1);
  expect(texts()).toEqual([]);
  notices.hold(false);
  await until("it is told", () => texts().length === 1);
});

test("of more than there is room for, what each process has come to is shown", async () => {
  const world = worldOf(summary(0), summary(1));
  const { notices, shown, texts } = open(world);
  notices.hold(true);
  for (let times = 1; times <= 5; times += 1) {
    notices.take([exited(0)]);
    await until("it is kept", () => notices.all().length === times);
  }
  world.set("p1", summary(1, { status: "crashed" }));
  notices.take([exited(1)]);
  await until("it is kept", () => notices.all().length === 6);
  notices.hold(false);
  await until("it is told", () => shown.length === 1);
  expect(texts()).toEqual([
    "p0 (#0) crashed: exit code 3; it is started again",
    "p1 (#1) crashed: exit code 3; it is not started again",
  ]);
  expect(shown[0]?.leftOut).toBe(4);
});

test("what fails as this shell starts it is told by the command alone", async () => {
  const { notices, texts } = open(worldOf(summary(0, { status: "crashed" }), summary(1)));
  notices.starting(true);
  notices.take([began(0), exited(0), exited(1)]);
  notices.starting(false);
  await until("the other is told", () => texts().length > 0);
  expect(texts()).toEqual([expect.stringContaining("p1 (#1) crashed")]);
});

test("what fails once the command that started it has said that it runs is told, however soon", async () => {
  const world = worldOf(summary(0, { unstableRestarts: 0 }));
  const { notices, texts } = open(world);
  notices.starting(true);
  notices.take([began(0)]);
  notices.starting(false);
  world.set("p0", summary(0, { status: "crashed" }));
  notices.take([exited(0)]);
  await until("it is told", () => texts().length > 0);
  expect(texts()).toEqual(["p0 (#0) crashed: exit code 3; it is not started again"]);
});

test("who is started by this shell is not told to be online again, who is brought back meanwhile is", async () => {
  const world = worldOf(summary(0, { status: "crashed" }), summary(1, { status: "waiting", retryInMs: 100 }));
  const { notices, texts } = open(world);
  notices.take([exited(0), exited(1)]);
  await until("they are told", () => texts().length === 2);
  notices.starting(true);
  world.set("p0", summary(0)).set("p1", summary(1));
  notices.take([began(0), began(1)]);
  await until("one is back", () => texts().length === 3);
  world.set("p1", summary(1, { status: "crashed" }));
  notices.take([exited(1)]);
  await until("it is told that it has crashed again", () => texts().length === 4);
  notices.starting(false);
  expect(texts().slice(2)).toEqual([
    "p1 (#1) is online again",
    "p1 (#1) crashed: exit code 3; it is not started again",
  ]);
});

test.for([
  { port: 3000, says: "p0 (#0) waits: port 3000 is held by PID 42 (node x.js)" },
  { port: 3001, says: "p0 (#0) waits: port 3001 is held by another" },
])("who holds the port of what waits is named where it can be told: $says", async ({ port, says }) => {
  const { notices, texts } = open(worldOf(summary(0, { status: "waiting", port })));
  notices.take([{ ...began(0), event: "port-held" }]);
  await until("it is told", () => texts().length > 0);
  expect(texts()).toEqual([says]);
});
