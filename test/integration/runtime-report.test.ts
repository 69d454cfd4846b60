import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { folderOf } from "../support/record.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

test("info shows what a process says of itself in its runtime.json", async () => {
  const home = makeHome();
  const report = '{"requests":12,"queue":{"length":3},"state":"warm \\u001b[2J"}';
  const script = `echo '${report}' >"$TSM_RUN_DIR/.new" && mv "$TSM_RUN_DIR/.new" "$TSM_RUN_DIR/runtime.json"; sleep 600`;
  await tsm(home, ["start", "--settle", "0", "--name", "api", "--", "bash", "-c", script]);
  const stdout = await until("it has said so", async () => {
    const { stdout: page } = await tsm(home, ["info", "api"]);
    return page.includes("runtime") && page;
  });
  expect(stdout).toMatch(/\nruntime +reported 20\S+ \S+ UTC\n +requests: 12\n +queue\.length: 3\n +state: warm /);
  expect(stdout).not.toContain("\u001b");
  expect(await tsmJson(home, ["info", "api"])).toMatchObject({
    runtime: { values: { requests: 12, "queue.length": 3 } },
  });
});

test("a runtime.json that is none is said to be, and hurts nobody", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--settle", "0", "--name", "api", "--", "sleep", "600"]);
  const file = join(folderOf(home, "api"), "run/runtime.json");
  const said = async () => (await tsmJson(home, ["info", "api"])) as { runtime: unknown };
  expect(await said()).toMatchObject({ runtime: null });
  for (const [text, problem] of [
    ["", "not JSON"],
    ["[1]", "no object"],
    ['{"a":{"b":{"c":{"d":{"e":1}}}}}', "deeper than 4"],
    [JSON.stringify({ many: Array.from({ length: 101 }, () => 1) }), "more than 100"],
    [JSON.stringify({ ["k".repeat(101)]: 1 }), "key of more than"],
    ["[".repeat(60_000), "not JSON"],
  ] as const) {
    writeFileSync(file, text);
    expect(await said()).toMatchObject({ runtime: { problem: expect.stringContaining(problem) } });
  }
  truncateSync(file, 1_000_000_000);
  expect(await said()).toMatchObject({ runtime: { problem: expect.stringContaining("longer than") } });
  rmSync(file);
  execFileSync("bash", ["-c", 'mkfifo "$0"', file]);
  expect(await said()).toMatchObject({ runtime: { problem: "runtime.json is not a file" } });
  rmSync(file);
  writeFileSync(join(home.folder, "other.json"), '{"secret":1}');
  symlinkSync(join(home.folder, "other.json"), file);
  expect(await said()).toMatchObject({ runtime: { problem: "runtime.json is a link" } });
  rmSync(file);
  writeFileSync(file, '{"db":{"password":"sesame","url":"pg://me:sesame@db/x"},"token":"sesame","tokens":12}');
  expect(await said()).toMatchObject({ runtime: { values: { "db.password": "***MASKED***", tokens: 12 } } });
  expect(JSON.stringify((await said()).runtime)).not.toContain("sesame");
  rmSync(file);
  writeFileSync(file, '{"__proto__":1,"constructor":"x"}');
  expect(Object.keys(((await said()).runtime as { values: object }).values)).toContain("constructor");
  // Of an earlier life.
  utimesSync(file, 1000, 1000);
  expect(await said()).toMatchObject({ runtime: null });
  expect(readFileSync(file, "utf8")).toContain("constructor");
});
