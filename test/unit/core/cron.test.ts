import { expect, test } from "vitest";
import { checkCron, nextRun } from "../../../src/core/cron.ts";

test.for(["0 3 * * *", "*/5 * * * * *", "@daily", "0 0 29 2 *"])("%s is a time that comes", async (expression) => {
  await expect(checkCron(expression)).resolves.toBeUndefined();
});

test.for([
  { expression: "60 * * * *", says: "'60 * * * *' is not a cron expression" },
  { expression: "x y z a b", says: "is not a cron expression" },
  { expression: "0 0 31 2 *", says: "is a time that never comes" },
])("$expression is refused: $says", async ({ expression, says }) => {
  await expect(checkCron(expression)).rejects.toThrow(says);
});

test("the next run is behind the moment it is asked from", async () => {
  const noon = new Date(2026, 10, 21, 12, 0, 0);
  expect(await nextRun("0 3 * * *", noon.getTime())).toBe(new Date(2026, 10, 22, 3, 0, 0).getTime());
  expect(await nextRun("0 12 * * *", noon.getTime())).toBe(new Date(2026, 10, 22, 12, 0, 0).getTime());
  expect(await nextRun("30 * * * * *", noon.getTime())).toBe(noon.getTime() + 30_000);
});
