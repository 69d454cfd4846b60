import { TsmError } from "./errors.ts";
import { writeEvent } from "./journal.ts";
import { identityOf } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { belongings, marksOf } from "./tree.ts";
import type { World } from "./world.ts";

/** What became of a signal. */
export interface Delivery {
  readonly id: number;
  readonly name: string;
  readonly signal: NodeJS.Signals;
  /** How many processes of the tree got it. */
  readonly delivered: number;
  /** It had ended, and waited to be started again: that will not be. */
  readonly cancelled?: boolean;
}

/** Signals a process and everything it started, and leaves the rest to its restart policy. */
export function signalProcess(world: World, record: ProcessRecord, signal: NodeJS.Signals): Delivery {
  const { processes } = world.platform;
  let delivered = 0;
  for (const { identity } of belongings(world, marksOf(world.home, record), identityOf(record), false)) {
    try {
      if (processes.signal(identity, signal)) delivered += 1;
    } catch (error) {
      throw new TsmError(
        "SIGNAL_FAILED",
        `process ${identity.pid} of '${record.name}' may not be signalled: ${error instanceof Error ? error.message : String(error)}`,
        {
          hint: "It belongs to another user",
        },
      );
    }
  }
  writeEvent(world, { event: "kill", id: record.tsm_id, name: record.name, signal, processes: delivered });
  return { id: record.tsm_id, name: record.name, signal, delivered };
}
