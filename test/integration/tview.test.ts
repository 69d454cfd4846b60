import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { define } from "../support/services.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

test("status counts services, and list tells each process between tabs", async () => {
  const home = makeHome();
  define(home, "tetra/one", "TSM_COMMAND='sleep 600'\n");
  define(home, "tetra/two", "TSM_COMMAND='sleep 600'\n");
  await tsm(home, ["enable", "one"]);
  await tsm(home, ["start", "--settle", "0", "--name", "api", "sleep", "600"]);
  const status = await tsm(home, ["tview", "status"]);
  expect(status).toMatchObject({ code: 0, stdout: "Services: 1 running, 1 enabled, 2 available\n" });
  const { stdout } = await tsm(home, ["tview", "list"]);
  expect(stdout).toMatch(/^0\tapi\tonline\t\d+\t-\t\d+\n$/);
  expect(await tsmJson(home, ["tview", "status"])).toEqual({ running: 1, enabled: 1, available: 2 });
});

test("commands tells what each may do", async () => {
  const home = makeHome();
  const lines = (await tsm(home, ["tview", "commands"])).stdout.split("\n");
  expect(lines).toContain("kill\tdestroys\tSignal processes and everything they started; SIGKILL ends them for good");
  expect(lines.some((line) => line.startsWith("list\treads\t"))).toBe(true);
});

test("dispatch runs one command and ends as that does", async () => {
  const home = makeHome();
  const started = await tsm(home, ["tview", "dispatch", "start", "--settle", "0", "--name", "api", "sleep", "600"]);
  expect(started).toMatchObject({ code: 0 });
  expect(started.stdout).toContain("tsm: started 'api'");
  expect(await tsm(home, ["tview", "dispatch", "stop", "nobody"])).toMatchObject({ code: 1 });
  expect(await tsmJson(home, ["tview", "dispatch", "stop", "api"])).toMatchObject({ exitCode: 0 });
  for (const words of [
    ["dispatch"],
    ["dispatch", "tview", "list"],
    ["dispatch", "nonsense"],
    ["status", "more"],
    ["what"],
  ])
    expect(await tsm(home, ["tview", ...words]), words.join(" ")).toMatchObject({ code: 64 });
});
