import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { homeAt } from "../../../src/core/home.ts";
import type { ProcessRecord } from "../../../src/core/process.ts";
import { formatRecord } from "../../../src/core/record.ts";
import { recordReader } from "../../../src/core/records.ts";
import type { World } from "../../../src/core/world.ts";
import { detectPlatform } from "../../../src/platform/detect.ts";
import { noPrograms } from "../../support/programs.ts";

function recordOf(id: number, restarts = 0): ProcessRecord {
  return {
    tsm_id: id,
    name: `p${id}`,
    pid: 0,
    command: "",
    port: "none",
    cwd: "/",
    interpreter: "",
    process_type: "command",
    env_file: "",
    prehook: "",
    start_time: 1,
    status: "stopped",
    restarts,
    unstable_restarts: 0,
    start_mark: "",
    boot_id: "",
    runner_pid: 0,
    runner_mark: "",
    retry_at: 0,
    reason: "",
    last_exit: null,
    actual_port: null,
    restart_policy: "no",
    created: 1,
  };
}

/** A home with a few processes, a reader of it, and which files were read since the last look. */
function open(...records: ProcessRecord[]) {
  const root = mkdtempSync(join(tmpdir(), "tsm-records-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const home = homeAt(root);
  const read: string[] = [];
  const platform = detectPlatform();
  const files: typeof platform.files = {
    ...platform.files,
    readText(path) {
      read.push(path.split("/").at(-2) ?? "");
      return platform.files.readText(path);
    },
  };
  const unused = (): never => {
    throw new Error("a look needs none of it");
  };
  const world: World = {
    platform: { ...platform, files },
    home,
    env: {},
    cwd: "/",
    programs: noPrograms,
    settings: unused,
    saveSetting: unused,
  };
  const write = (record: ProcessRecord): void => {
    const folder = join(home.processes, record.name);
    mkdirSync(join(folder, "launch"), { recursive: true });
    writeFileSync(join(folder, "new"), formatRecord(record));
    renameSync(join(folder, "new"), join(folder, "meta.json"));
  };
  for (const record of records) write(record);
  const reader = recordReader(world);
  const look = () => {
    read.length = 0;
    return [...reader()]
      .map(({ name, record }) => ("problem" in record ? `${name}: ${record.problem}` : `${name} ${record.restarts}`))
      .sort();
  };
  return { home, write, look, read };
}

test("from the second look on, what has not been written since the last one is not read again", () => {
  const { write, look, read } = open(recordOf(0), recordOf(1), recordOf(2));
  for (const _ of [1, 2]) {
    expect(look()).toEqual(["p0 0", "p1 0", "p2 0"]);
    expect(read.toSorted()).toEqual(["p0", "p1", "p2"]);
  }
  write(recordOf(1, 7));
  expect(look()).toEqual(["p0 0", "p1 7", "p2 0"]);
  expect(read).toEqual(["p1"]);
});

test("what has gone is gone, what has come is there, and a damaged one is told until it is whole", () => {
  const { home, write, look } = open(recordOf(0), recordOf(1));
  look();
  look();
  rmSync(join(home.processes, "p0"), { recursive: true });
  write(recordOf(2));
  writeFileSync(join(home.processes, "p1/meta.json"), "{");
  expect(look()).toEqual(["p1: meta.json is not valid JSON", "p2 0"]);
  write(recordOf(1, 1));
  expect(look()).toEqual(["p1 1", "p2 0"]);
});

test("a stray file among the processes is nothing", () => {
  const { home, look } = open(recordOf(0));
  writeFileSync(join(home.processes, "stray"), "");
  expect(look()).toEqual(["p0 0"]);
});
