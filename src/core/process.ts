import type { Identity } from "../platform/platform.ts";

/** When the runner brings a process back: never, after a failure (code not 0 or a signal), after every exit. */
export const restartPolicies = ["no", "on-failure", "always"] as const;
export type RestartPolicy = (typeof restartPolicies)[number];

/** How a run ended: `code` or `signal` is set, and neither when it ended while nobody watched. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Was a core dumped? */
  readonly core: boolean;
  /** Epoch seconds. */
  readonly at: number;
  /** Seconds from start to end. */
  readonly uptime: number;
  /** Who wanted it: nobody (`crash`), a person (`user`), or what watches over the process. */
  readonly by: ExitCause;
}

export const exitCauses = ["crash", "user", "watch", "cron", "memory", "health", "port"] as const;
export type ExitCause = (typeof exitCauses)[number];

/** What `meta.json` holds: the 14 fields of the founding documents in their order, then ours. */
export interface ProcessRecord {
  readonly tsm_id: number;
  readonly name: string;
  /** 0 when no process is or was running under this record. */
  readonly pid: number;
  /** The argument vector as one shell-quoted line, interpreter resolved, secrets masked. */
  readonly command: string;
  readonly port: number | "none";
  readonly cwd: string;
  /** Full path of the interpreter or program. */
  readonly interpreter: string;
  readonly process_type: string;
  /** Absolute path, or "". */
  readonly env_file: string;
  readonly prehook: string;
  /** Epoch seconds of the last start. */
  readonly start_time: number;
  readonly status: RecordedStatus;
  /** Starts after the first, by `restart` or by the restart policy. */
  readonly restarts: number;
  readonly unstable_restarts: number;
  /** With `pid` and `boot_id` the identity of the process. */
  readonly start_mark: string;
  readonly boot_id: string;
  /** The runner that supervises it (or the `tsm` that is about to start one), 0 when none. */
  readonly runner_pid: number;
  readonly runner_mark: string;
  /** When a waiting process is started again: milliseconds since boot; 0 when nothing is waited for, or a port. */
  readonly retry_at: number;
  /** Why it waits or gave up, in a few words; "port" while a stranger holds its port. */
  readonly reason: string;
  readonly last_exit: Exit | null;
  /** The port that it was seen to listen on instead of the declared one; null: none. */
  readonly actual_port: number | null;
  readonly restart_policy: RestartPolicy;
  /** Epoch seconds of the first start. */
  readonly created: number;
  /** What several processes are called together; missing: `default`. */
  readonly namespace?: string;
}

/** The namespace of processes that were given none. */
export const defaultNamespace = "default";

export const recordedStatuses = ["starting", "online", "waiting", "stopping", "stopped", "crashed"] as const;
/** What the last writer knew. What is true now is `Observed`. */
export type RecordedStatus = (typeof recordedStatuses)[number];

/** What is true of a process now: the record held against the kernel. */
export type Observed =
  | { readonly kind: "starting"; readonly identity: Identity | undefined; readonly supervised: boolean }
  | { readonly kind: "online"; readonly identity: Identity; readonly supervised: boolean }
  /** The runner waits before it starts it again: until `retryAt` (milliseconds since boot), or for its port to be free. */
  | { readonly kind: "waiting"; readonly retryAt: number | undefined }
  | { readonly kind: "stopping"; readonly identity: Identity }
  | { readonly kind: "stopped" }
  | { readonly kind: "crashed" };

export type Status = Observed["kind"];

/** A record and what is true of it. */
export interface Process {
  readonly record: ProcessRecord;
  readonly observed: Observed;
}

/** One row of `list`, and one item of `list --json`. */
export interface ProcessSummary {
  readonly id: number;
  readonly name: string;
  readonly status: Status;
  readonly pid: number | null;
  readonly port: number | "none";
  /** Milliseconds; null unless a process is running. */
  readonly uptimeMs: number | null;
  readonly restarts: number;
  /** Percent of one core since its start, the whole tree; null unless running. */
  readonly cpu: number | null;
  /** Bytes resident, the whole tree; null unless running. */
  readonly memory: number | null;
  readonly type: string;
  readonly command: string;
  readonly cwd: string;
  readonly namespace: string;
  readonly supervised: boolean;
  /** Milliseconds until a waiting process is started again; null when it does not wait, or waits for its port. */
  readonly retryInMs: number | null;
  /** Restarts in a row that did not last. */
  readonly unstableRestarts: number;
  /** Why it waits or gave up; "" when there is nothing to say. */
  readonly reason: string;
  readonly lastExit: Exit | null;
}

/** One whose `cpu` and `memory` are worked out when they are asked for: `...` would leave them out. */
export interface LiveSummary extends ProcessSummary {
  /** All of it, with what has been assigned to it too. */
  toJSON(): ProcessSummary;
}
