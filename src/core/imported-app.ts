/**
 * What a file of another program describes, in the words of an ecosystem file: pm2's names, and ours. What is undefined
 * is not said.
 */
export interface ImportedApp {
  readonly name: string;
  /** A program or script; with a blank in it, one shell string. */
  readonly script: string;
  readonly args?: readonly string[] | undefined;
  readonly interpreter?: string | undefined;
  readonly node_args?: readonly string[] | undefined;
  readonly cwd?: string | undefined;
  readonly namespace?: string | undefined;
  readonly port?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Written as `env_NAME`. */
  readonly environments?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  readonly env_file?: string | undefined;
  readonly filter_env?: readonly string[] | boolean | undefined;
  readonly instances?: number | undefined;
  readonly instance_var?: string | undefined;
  readonly increment_var?: string | undefined;
  readonly depends_on?: readonly string[] | undefined;
  readonly autostart?: boolean | undefined;
  readonly autorestart?: boolean | "on-failure" | undefined;
  readonly stop_exit_codes?: readonly number[] | undefined;
  readonly max_restarts?: number | undefined;
  /** Lengths of time are in milliseconds. */
  readonly min_uptime?: number | undefined;
  readonly restart_delay?: number | undefined;
  readonly exp_backoff_restart_delay?: number | undefined;
  readonly kill_signal?: string | undefined;
  readonly kill_timeout?: number | undefined;
  readonly treekill?: boolean | undefined;
  readonly ready?: string | undefined;
  readonly ready_timeout?: number | undefined;
  readonly wait_ready?: boolean | undefined;
  readonly listen_timeout?: number | undefined;
  /** Written as one object where more than the probe is said. */
  readonly health?: string | undefined;
  readonly health_interval?: number | undefined;
  readonly health_failures?: number | undefined;
  /** As `200M`, or bytes. */
  readonly max_memory_restart?: string | number | undefined;
  readonly cron_restart?: string | undefined;
  readonly watch?: boolean | readonly string[] | undefined;
  readonly ignore_watch?: readonly string[] | undefined;
  readonly watch_delay?: number | undefined;
  readonly watch_options?: Readonly<Record<string, unknown>> | undefined;
  readonly pid_file?: string | undefined;
  readonly uid?: string | number | undefined;
  readonly gid?: string | number | undefined;
  readonly out_file?: string | undefined;
  readonly error_file?: string | undefined;
  readonly log_file?: string | undefined;
  readonly merge_logs?: boolean | undefined;
  readonly disable_logs?: boolean | undefined;
  readonly log_type?: string | undefined;
  readonly log_date_format?: string | undefined;
  readonly time?: boolean | undefined;
  readonly log?: { readonly max_size?: string | undefined; readonly keep?: number | undefined } | undefined;
}

/** Something of the file that the app does not have, or has otherwise. */
export interface Remark {
  /** What it is about, by the name that it has in the file; null: the file as a whole. */
  readonly app: string | null;
  /** Counted from 1; null where the file has no lines to speak of. */
  readonly line: number | null;
  /** As the file calls it. */
  readonly attribute: string;
  /** `lost`: nothing of it was carried. `changed`: it is carried, and means something else or is written elsewhere. */
  readonly kind: "lost" | "changed";
  readonly what: string;
}

/** What became of a file. */
export interface Imported {
  readonly apps: readonly ImportedApp[];
  readonly remarks: readonly Remark[];
}

/** A file to be read, and what lies around it. Nothing of it is run. */
export interface ImportSource {
  /** Absolute. */
  readonly file: string;
  /** The folder that it lies in. */
  readonly folder: string;
  readonly text: string;
  /** The caller's environment: what `${VAR}` of a compose file means. */
  readonly env: Readonly<Record<string, string>>;
  /** What this machine is called. */
  readonly hostName: string;
  /** Is there a file or folder, relative to the folder? */
  has(path: string): boolean;
  /** The values of a file of KEY=VALUE lines; undefined when there is none. */
  variables(path: string): ReadonlyMap<string, string> | undefined;
  /** Files of the folder that match a path with `*` in its last part, in order, with their text. */
  matching(pattern: string): readonly { readonly file: string; readonly text: string }[];
  /** Names in the environment of whoever started it that are to be carried all the same. */
  readonly keepEnv: readonly string[];
  /** Only these, by name; empty: all. */
  readonly only: readonly string[];
}
