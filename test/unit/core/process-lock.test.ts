import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { homeAt } from "../../../src/core/home.ts";
import { lockProcess } from "../../../src/core/process-lock.ts";
import { readSettings } from "../../../src/core/settings.ts";
import type { World } from "../../../src/core/world.ts";
import { detectPlatform } from "../../../src/platform/detect.ts";
import { noPrograms } from "../../support/programs.ts";

const platform = detectPlatform();

test("a folder of locks that somebody removes while it is waited for is made again", async () => {
  const root = mkdtempSync(join(tmpdir(), "tsm-lock-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const home = homeAt(root);
  let isRemoved = false;
  const locks: typeof platform.locks = {
    ...platform.locks,
    acquire: (path, options) => {
      if (!isRemoved) rmSync(home.locks, { recursive: true });
      isRemoved = true;
      return platform.locks.acquire(path, options);
    },
  };
  const world: World = {
    platform: { ...platform, locks },
    home,
    env: {},
    cwd: "/",
    programs: noPrograms,
    settings: () => readSettings(platform.files, home.settings),
    saveSetting: () => Promise.reject(new Error("a lock changes no setting")),
  };
  const release = await lockProcess(world, "api");
  const lock = join(home.locks, "api.lock");
  expect(platform.locks.look(lock)).toMatchObject({ holder: platform.processes.self() });
  release();
  expect(existsSync(home.locks)).toBe(true);
  expect(platform.locks.look(lock)).toBeUndefined();
});
