import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lastLife } from "../../../src/core/log-life.ts";
import { detectPlatform } from "../../../src/platform/detect.ts";

const { files } = detectPlatform();

test.for([
  { of: "one life", clock: "@ 100 0 1 77\n", life: { run: 1, inode: 77 } },
  {
    of: "the last of several, with times behind it",
    clock: "@ 1 0 1 7\n5 10\n@ 9 10 2 8\n11 20\n12 30\n",
    life: { run: 2, inode: 8 },
  },
  { of: "an older runner, that knew no inode", clock: "= 40\n@ 9 10 2\n", life: { run: 2, inode: 0 } },
  { of: "the one before a line that was cut", clock: "@ 1 0 1 7\n5 10\n@ 9 1", life: { run: 1, inode: 7 } },
  { of: "the one before a damaged line", clock: "5 10\n@ 1 0 1 7\n@ x\n", life: { run: 1, inode: 7 } },
  { of: "times alone", clock: "5 10\n6 20\n", life: undefined },
  { of: "an empty clock", clock: "", life: undefined },
])("the last life on record: $of", ({ clock, life }) => {
  const folder = mkdtempSync(join(tmpdir(), "tsm-life-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "clock.out"), clock);
  expect(lastLife(files, folder, "out")).toEqual(life);
  expect(lastLife(files, folder, "err")).toBeUndefined();
});
