import { expect, test } from "vitest";
import type { RunDiff } from "../../../src/core/run-diff.ts";
import type { RunRow } from "../../../src/core/run-history.ts";
import { plain } from "../../../src/view/paint.ts";
import { runDiffLines } from "../../../src/view/run-diff.ts";
import { displayWidth } from "../../../src/view/width.ts";

const row = (run: number, more: Partial<RunRow> = {}): RunRow => ({
  run,
  start: 1_767_355_200,
  end: 1_767_355_260,
  duration: 60,
  exit: null,
  how: "killed by SIGTERM, wanted by user",
  bad: false,
  began: "start",
  peakMemory: 81_200_000,
  gitHead: null,
  ...more,
});

const diff = (more: Partial<RunDiff>): RunDiff => ({
  name: "api",
  id: 0,
  from: row(16),
  to: row(17),
  changes: [],
  commits: null,
  logs: [],
  notes: [],
  ...more,
});

const hostile = "\u001b[2J\r\n\u202Eevil ".repeat(20);
const change = (of: "variable" | "setting" | "source" | "folder", from: string | null, to: string | null) =>
  ({ of, name: of === "folder" ? "" : "V", from, to, hidden: from !== null && from === to }) as const;

test.for([80, 60, 40])("in %s columns every line fits, and nothing in it moves the cursor", (columns) => {
  const shown = diff({
    from: row(16, { how: hostile }),
    changes: [
      change("variable", hostile, null),
      change("variable", null, hostile),
      change("setting", hostile, "x"),
      change("source", hostile, hostile),
      { of: "git HEAD", name: "", from: "a".repeat(40), to: "b".repeat(40), hidden: false },
    ],
    commits: { added: 2, removed: 1, subjects: [hostile], command: "git log --oneline aaaaaaaaaa..bbbbbbbbbb" },
    logs: [{ change: "new", level: "error", fingerprint: "x", message: hostile, from: 0, to: 3 }],
  });
  const lines = [...runDiffLines(shown, { columns, terminal: true, paint: plain })];
  for (const line of lines) {
    expect(displayWidth(line), line).toBeLessThanOrEqual(columns);
    expect(line).not.toMatch(/[\x00-\x1f\x7f\u202E]/);
  }
});

test("a pipe gets all of it: what was added, taken away, changed, and changed where it is masked", () => {
  const long = "v".repeat(250);
  const shown = diff({
    changes: [
      { of: "command", name: "", from: "node a.js", to: "node b.js", hidden: false },
      change("folder", "/a", "/b"),
      change("setting", "always", "no"),
      change("variable", null, long),
      change("variable", long, null),
      change("variable", "***MASKED***", "***MASKED***"),
    ],
  });
  const lines = [...runDiffLines(shown, { columns: undefined, terminal: false, paint: plain })];
  expect(lines.slice(-8)).toEqual([
    "command     - node a.js",
    "            + node b.js",
    "folder      /a → /b",
    "setting     ~ V: always → no",
    `variable    + V=${long}`,
    `variable    - V=${long}`,
    "variable    ~ V=***MASKED*** → another",
    "The same: git HEAD, sources",
  ]);
});

test("what is not known is said, also when the runs stand the other way round, and times of none are none", () => {
  const screen = { columns: undefined, terminal: false, paint: plain };
  const nothing = { start: null, end: null, duration: null, peakMemory: null, began: null, how: "nobody saw it end" };
  const text = (more: Partial<RunDiff>) => [...runDiffLines(diff(more), screen)].join("\n");
  expect(text({ from: row(17, nothing), to: row(16, nothing), changes: null })).toContain(
    "What run 16 was started with",
  );
  expect(text({ from: row(16, nothing), changes: null })).not.toMatch(/NaN|null|1970/);
  expect(text({})).toContain("Both were started in the same way.");
});
