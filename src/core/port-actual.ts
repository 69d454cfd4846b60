import { isDiskUnwritable } from "./errors.ts";
import { processPaths } from "./home.ts";
import { identityOf, runnerOf } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { goodRecord } from "./records.ts";
import { familyOf, tableOf } from "./tree.ts";
import type { World } from "./world.ts";

/**
 * The record of a process that is up, which holds the port that it listens on where that is another than the declared
 * one. Its runner writes it down, as it alone writes the record.
 */
export async function withActualPort(world: World, record: ProcessRecord): Promise<ProcessRecord> {
  const actual = actualPort(world, record);
  const runner = runnerOf(record);
  if (actual === undefined || runner === undefined) return record;
  const { files, processes, clock } = world.platform;
  const { bound } = processPaths(world.home, record.name);
  try {
    files.writeWhole(bound, `${record.pid} ${actual}\n`);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
    return { ...record, actual_port: actual };
  }
  while (processes.isAlive(runner) && files.kind(bound) === "file") {
    processes.signal(runner, "SIGUSR1");
    // Heard at once, and asked again should it have been busy.
    for (let look = 0; look < 50 && files.kind(bound) === "file" && processes.isAlive(runner); look += 1)
      await clock.sleep(4);
  }
  return goodRecord(world, record.name) ?? record;
}

/** The port that it listens on instead of the declared one; undefined when it listens on that, on none, or declares none. */
function actualPort({ platform: { processes, ports } }: World, record: ProcessRecord): number | undefined {
  const identity = identityOf(record);
  if (record.port === "none" || identity === undefined) return undefined;
  const members = familyOf(identity, tableOf(processes.table()));
  const found = ports.portsOf(members.map(({ pid }) => pid));
  return found.includes(record.port) ? undefined : found[0];
}
