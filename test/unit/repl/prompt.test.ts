import { expect, test } from "vitest";
import type { Status } from "../../../src/core/process.ts";
import { whatKeepsRunning } from "../../../src/repl/prompt.ts";
import { summaryOf } from "../../support/summary.ts";

test.for<{ statuses: readonly Status[]; says: string }>([
  { statuses: [], says: "no process is running" },
  { statuses: ["stopped", "crashed", "stopping"], says: "no process is running" },
  { statuses: ["online", "stopping"], says: "1 process keeps running" },
  { statuses: ["online", "starting", "waiting"], says: "3 processes keep running" },
])("who leaves $statuses behind is told: $says", ({ statuses, says }) => {
  expect(whatKeepsRunning(statuses.map((status, id) => summaryOf(id, `p${id}`, status)))).toBe(says);
});
