import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { homeAt } from "../../src/core/home.ts";
import { migrate } from "../../src/core/migrate.ts";
import { hasOldLayout } from "../../src/core/old-layout.ts";
import { readRecords } from "../../src/core/records.ts";
import { readSettings } from "../../src/core/settings.ts";
import type { World } from "../../src/core/world.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import type { Files } from "../../src/platform/platform.ts";
import { noPrograms } from "../support/programs.ts";

/** What the next step that changes the disk does when the power is gone. */
class Cut extends Error {}

const changing = ["writeWhole", "appendLine", "makeFolder", "link", "remove", "removeFolder", "rename"] as const;

/** The files of this machine, until so many steps have changed something. */
function until(steps: number): { files: Files; taken: () => number } {
  const { files } = detectPlatform();
  let taken = 0;
  const cut = Object.fromEntries(
    changing.map((name) => [
      name,
      (...words: unknown[]) => {
        if (taken >= steps) throw new Cut(name);
        taken += 1;
        // As it was called: only counted.
        return Reflect.apply(files[name], files, words);
      },
    ]),
  );
  return { files: { ...files, ...cut }, taken: () => taken };
}

function worldOf(root: string, files: Files): World {
  const platform = { ...detectPlatform(), files };
  const home = homeAt(root);
  return {
    platform,
    home,
    env: { PATH: process.env["PATH"] ?? "", TSM_PORTS_FILE: join(dirname(root), "ports") },
    cwd: dirname(root),
    programs: noPrograms,
    settings: () => readSettings(detectPlatform().files, home.settings),
    saveSetting: () => Promise.reject(new Error("a migration changes no setting")),
  };
}

/** Some of everything that rests. */
function oldHome(): string {
  const base = mkdtempSync(join(tmpdir(), "tsm-migrate-"));
  onTestFinished(() => rmSync(base, { recursive: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  };
  const link = (path: string, target: string) => {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    symlinkSync(target, join(base, path));
  };
  write(
    "home/processes/a-4000.meta",
    "script=/srv/a.sh pid=4194000 port=4000 start_time=1757566677 type=cli tpm_id=3\n",
  );
  write("home/processes/c-4002.meta", "script=/srv/c.sh pid=4194000 start_time=1757566677 type=cli tpm_id=3\n");
  write("home/processes/junk.meta", "nothing\n");
  write("home/pids/a-4000.pid", "4194000\n");
  write("home/logs/a-4000.out", "out of a\n");
  write("home/logs/a-4000.err", "err of a\n");
  write("home/next_id", "4\n");
  write("home/runtime/processes/b-4001.json", '{"tsm_id":1,"pid":4194000,"port":4001,"command":"sleep 600"}');
  write(
    "home/runtime/processes/d/meta.json",
    '{"tsm_id":5,"pid":4194000,"port":"none","command":"sleep 1","status":"online"}',
  );
  write("home/runtime/processes/d/current.out", "out of d\n");
  write("home/runtime/ports/registry.tsv", "1\tb-4001\t4001\n");
  write("home/db/1.tsm.meta", '{"pid":4194000,"command":"sleep 600"}');
  link("home/active/e.tsm.meta", "../db/1.tsm.meta");
  write("home/services-available/quasar.tsm", 'TSM_COMMAND="sleep 600"\n');
  link("home/services-enabled/quasar.tsm", "../services-available/quasar.tsm");
  write("orgs/pj/tsm/services-available/web.tsm", 'TSM_COMMAND="sleep 601"\n');
  link("orgs/pj/tsm/services-enabled/web.tsm", "../services-available/web.tsm");
  link("orgs/pj/tsm/services-enabled/gone.tsm", "../services-available/gone.tsm");
  link("orgs/pj/tsm/services-enabled/quasar.tsm", "../../../../home/services-available/quasar.tsm");
  write("ports", "c-4002:4002\n");
  return join(base, "home");
}

/** Every file and link below, and what it holds; without what tells the time, and the launch files. */
function treeOf(root: string): Record<string, string> {
  const base = dirname(root);
  const entries = readdirSync(base, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/\/(?:launch|\.launch-next)\/|\/locks\/|\/report\.json$|\/names$/.test(path))
      .map((path): [string, string] => [path.slice(base.length), held(path).replaceAll(base, "BASE")])
      .sort(),
  );
}

function held(path: string): string {
  try {
    return `→ ${readlinkSync(path)}`;
  } catch {
    // It is no link.
    return readFileSync(path, "utf8").replaceAll(/"(?:start_time|created)": \d+/g, '"time": 0');
  }
}

test("cut off before any of its steps, the next run comes to the same, and nothing is lost", {
  timeout: 300_000,
}, async () => {
  const { signal } = new AbortController();
  const whole = oldHome();
  const counted = until(Number.POSITIVE_INFINITY);
  await migrate(worldOf(whole, counted.files), signal);
  const expected = treeOf(whole);
  expect(
    readRecords(worldOf(whole, detectPlatform().files)).records.map(({ tsm_id, name, port }) => [tsm_id, name, port]),
  ).toEqual([
    [0, "e", "none"],
    [1, "b-4001", 4001],
    [2, "c-4002", 4002],
    [3, "a-4000", 4000],
    [5, "d", "none"],
  ]);
  expect(counted.taken()).toBeGreaterThan(80);

  for (let steps = 0; steps < counted.taken(); steps += 1) {
    const root = oldHome();
    await expect(migrate(worldOf(root, until(steps).files), signal)).rejects.toThrow(Cut);
    const again = worldOf(root, detectPlatform().files);
    expect(hasOldLayout(again), `after ${steps} steps`).toBe(true);
    await migrate(again, signal);
    expect(treeOf(root), `cut off after ${steps} steps`).toEqual(expected);
    expect(hasOldLayout(again)).toBe(false);
  }
});
