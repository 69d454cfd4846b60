import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { homeAt } from "../../../src/core/home.ts";
import { unrecorded } from "../../../src/core/lost-record.ts";
import type { World } from "../../../src/core/world.ts";
import { detectPlatform } from "../../../src/platform/detect.ts";
import { makeHome } from "../../support/home.ts";
import { noPrograms } from "../../support/programs.ts";
import { until } from "../../support/until.ts";

test("of a name that nothing runs under, the environments of all processes tell once", async () => {
  const { path, folder } = makeHome();
  const platform = detectPlatform();
  let read = 0;
  const processes: typeof platform.processes = {
    ...platform.processes,
    environment(pid) {
      read += 1;
      return platform.processes.environment(pid);
    },
  };
  const unused = (): never => {
    throw new Error("a look needs none of it");
  };
  const world: World = {
    platform: { ...platform, processes },
    home: homeAt(path),
    env: {},
    cwd: "/",
    programs: noPrograms,
    settings: unused,
    saveSetting: unused,
  };
  const know = (name: string): void => writeFileSync(join(world.home.known, name), "");
  mkdirSync(world.home.known, { recursive: true });
  const gone = new Set<string>();
  const look = (...recorded: string[]) => {
    read = 0;
    return unrecorded(world, (name) => !recorded.includes(name), gone);
  };

  know("stale");
  expect(look()).toEqual([]);
  expect(read).toBeGreaterThan(0);
  expect(look()).toEqual([]);
  expect(read).toBe(0);

  know("lost");
  const child = spawn("sleep", ["600"], {
    cwd: folder,
    env: { PATH: "/usr/bin:/bin", TSM_HOME: path, TSM_NAME: "lost" },
  });
  const found = [{ name: "lost", pid: child.pid }];
  await until("its environment is its own", () => platform.processes.environment(child.pid ?? 0)?.has("TSM_NAME"));
  for (const _ of [1, 2]) {
    expect(look()).toEqual(found);
    expect(read).toBeGreaterThan(0);
  }

  // Somebody has started it anew, and removed its folder after that.
  expect(look("stale", "lost")).toEqual([]);
  expect(look("lost")).toEqual([]);
  expect(read).toBeGreaterThan(0);
});
