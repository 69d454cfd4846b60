import { platform } from "node:os";
import { describe, expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

describe.runIf(platform() === "linux")("limits", () => {
  test("tells what the process has and what was asked", async () => {
    const home = makeHome();
    const asked = ["--nice", "5", "--limit-nofile", "99", "--max-memory", "200M"];
    const started = await tsm(home, ["start", "--settle", "0", ...asked, "--name", "api", "sleep", "600"]);
    expect(started).toMatchObject({ code: 0 });
    expect(await tsmJson(home, ["limits", "api"])).toMatchObject({
      name: "api",
      asked: { nice: 5, openFiles: 99, maxMemory: 200 * 1024 * 1024 },
      has: { nice: 5, openFiles: { soft: 99, hard: 99, used: expect.any(Number) } },
    });
    const { stdout } = await tsm(home, ["limits", "api"]);
    expect(stdout).toMatch(/open files {5}\d+ of 99\n/);
    expect(stdout).toContain("memory         looked at every 5 s by tsm, no limit of the kernel's");
  });

  test("of what does not run are those that were asked", async () => {
    const home = makeHome();
    await tsm(home, ["start", "--settle", "0", "--name", "api", "sleep", "600"]);
    await tsm(home, ["stop", "api"]);
    expect(await tsmJson(home, ["limits", "api"])).toMatchObject({ has: null });
    expect((await tsm(home, ["limits", "api"])).stdout).toContain("asked          nothing\n");
  });
});
