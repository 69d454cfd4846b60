import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sanitizeButColours } from "../../src/view/sanitize.ts";
import { makeHome } from "../support/home.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

test.for([["config", "set", "lines", "5"], ["setup"], ["start", "sleep", "60"]])(
  "where no folder can ever be made, %s says so and ends",
  async (words) => {
    const home = makeHome();
    const { code, stderr } = await tsm({ ...home, path: "/proc/tsm-home" }, words);
    expect(code).toBe(1);
    expect(stderr).toMatch(/may not be changed|does not exist|cannot/);
    expect(stderr).not.toContain("bug");
  },
);

test("a home that is a file is an error, not an empty list", async () => {
  const home = makeHome();
  const file = join(home.folder, "plain");
  writeFileSync(file, "");
  const { code, stderr } = await tsm({ ...home, path: file }, ["list"]);
  expect(code).toBe(1);
  expect(stderr).toContain("is a file");
});

test("the folder of the settings is closed to others", async () => {
  const home = makeHome();
  await tsm(home, ["config", "set", "lines", "7"]);
  expect(statSync(join(home.path, "config")).mode & 0o777).toBe(0o700);
});

test.for([
  { words: ["sleep 3000 && echo x"], because: "a number of a shell line" },
  { words: ["sleep 1000 | cat"], because: "a number before a pipe" },
  { words: ["sh", "-c", "sleep 60", "12:30"], because: "a time of day" },
])("$because is no port", async ({ words }) => {
  const home = makeHome();
  const started = await tsmJson(home, ["start", "--json", "--settle", "0", "--name", "it", "--", ...words]);
  expect(started).toMatchObject({ name: "it", port: "none" });
});

test("a line of a log keeps its colours and nothing that moves the cursor, clears or retitles", () => {
  expect(sanitizeButColours("\x1b[31mred\x1b[0m\tx\x1b[2J\x1b]0;pwn\x07")).toBe("\x1b[31mred\x1b[0m\tx^[[2J^[]0;pwn^G");
});
