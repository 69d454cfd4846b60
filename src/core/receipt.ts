import type { ProcessRecord } from "./process.ts";

/** What a stop did, counted and not assumed. */
export interface Receipt {
  readonly id: number;
  readonly name: string;
  /** False when nothing of it was running. */
  readonly wasRunning: boolean;
  /** What it rests as: who had crashed before stays so. */
  readonly status: "stopped" | "crashed";
  /** Processes that were ended, the whole tree. */
  readonly processes: number;
  readonly seconds: number;
  /** How many needed SIGKILL. */
  readonly forced: number;
  /** How many are alive afterwards: 0, or something is wrong with the machine. */
  readonly left: number;
}

/** What was counted of a process that was ended. */
type Counted = Pick<Receipt, "processes" | "seconds" | "forced" | "left">;

export function receiptOf(record: ProcessRecord, { processes, seconds, forced, left }: Counted): Receipt {
  return {
    id: record.tsm_id,
    name: record.name,
    wasRunning: true,
    status: "stopped",
    processes,
    seconds: Math.round(seconds * 100) / 100,
    forced,
    left,
  };
}

/** Of a process that was not running. */
export function emptyReceipt(record: ProcessRecord): Receipt {
  return { ...receiptOf(record, { processes: 0, seconds: 0, forced: 0, left: 0 }), wasRunning: false };
}
