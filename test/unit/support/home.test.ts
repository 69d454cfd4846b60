import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { isErrno } from "../../../src/core/errors.ts";
import { makeLastingHome } from "../../support/home.ts";
import { freePorts } from "../../support/ports.ts";
import { until } from "../../support/until.ts";

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if (!isErrno(error, "ESRCH")) throw error; // the test has ended it already
  }
}

describe("a test's home", () => {
  test("ends what carries its mark or names it, and nothing else, when it goes", async () => {
    const home = makeLastingHome();
    const sleeper = (env: NodeJS.ProcessEnv, ...words: string[]) => {
      const child = spawn("bash", ["-c", "sleep 300; :", "sleeper", ...words], {
        env,
        stdio: "ignore",
        detached: true,
      });
      onTestFinished(() => void (child.pid !== undefined && killGroup(child.pid)));
      return child;
    };
    const marked = sleeper({ ...process.env, TSM_HOME: home.path });
    const naming = sleeper(process.env, `${home.path}/runtime/processes/api`);
    const stranger = sleeper({ ...process.env, TSM_HOME: `${dirname(home.path)}-of-another/home` });

    await until("both and the child of the marked one are seen", () => home.processes().length >= 3);
    expect(home.processes().map((found) => found.pid)).toEqual(expect.arrayContaining([marked.pid, naming.pid]));
    await home.remove();

    expect(home.processes()).toEqual([]);
    await until("the marked one is gone", () => marked.signalCode === "SIGKILL" && naming.signalCode === "SIGKILL");
    expect(stranger.signalCode).toBe(null);
    expect(existsSync(dirname(home.path))).toBe(false);
  });
});

describe("until", () => {
  test("returns the first truthy look", async () => {
    let looks = 0;
    expect(await until("three looks", () => (++looks === 3 ? looks : undefined))).toBe(3);
  });

  test("says what it waited for and what it saw last", async () => {
    const waiting = until("pigs fly", () => 0 as const, { timeoutMs: 30 });
    await expect(waiting).rejects.toThrow("waited 30 ms until pigs fly; last saw: 0");
  });

  test("a look that throws is shown when the time is up", async () => {
    const look = () => {
      throw new Error("no pig");
    };
    await expect(until("pigs fly", look, { timeoutMs: 30 })).rejects.toThrow("no pig");
  });
});

test("free ports are all different", async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
});
