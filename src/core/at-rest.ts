import type { ProcessRecord } from "./process.ts";

/** What a record says of a life; the rest of it says what is run. */
type Life = Pick<
  ProcessRecord,
  | "start_time"
  | "status"
  | "restarts"
  | "unstable_restarts"
  | "start_mark"
  | "boot_id"
  | "runner_pid"
  | "runner_mark"
  | "retry_at"
  | "reason"
  | "last_exit"
  | "actual_port"
>;

/** Of one that does not live, in the order in which meta.json has it. */
export const atRest: Life = {
  start_time: 0,
  status: "stopped",
  restarts: 0,
  unstable_restarts: 0,
  start_mark: "0",
  boot_id: "",
  runner_pid: 0,
  runner_mark: "0",
  retry_at: 0,
  reason: "",
  last_exit: null,
  actual_port: null,
};
