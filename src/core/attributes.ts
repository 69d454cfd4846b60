import type { Reader } from "./attribute-values.ts";
import * as values from "./attribute-values.ts";
import { cronModes, memoryActions } from "./oversight.ts";

interface Attribute<T> {
  /** Other spellings that mean the same. */
  readonly also?: readonly string[];
  readonly read: Reader<T>;
}

/** What an app may say of itself in an ecosystem file, as pm2 spells it, and then what pm2 has not. */
export const attributes = {
  script: { also: ["exec", "cmd", "command"], read: values.text },
  name: { read: values.name },
  name_prefix: { read: values.text },
  append_env_to_name: { read: values.toggle },
  namespace: { read: values.name },
  cwd: { read: values.text },
  args: { read: values.words },
  interpreter: { also: ["exec_interpreter"], read: values.text },
  interpreter_args: { also: ["node_args"], read: values.words },
  env: { read: values.variables },
  env_file: { read: values.text },
  filter_env: { read: values.kept },
  out_file: { also: ["out", "output", "out_log"], read: values.text },
  error_file: { also: ["error", "err", "err_file", "err_log"], read: values.text },
  log_file: { read: values.log },
  log: { read: values.log },
  merge_logs: { also: ["combine_logs"], read: values.toggle },
  disable_logs: { read: values.toggle },
  log_type: { read: values.logType },
  log_date_format: { read: values.text },
  time: { read: values.toggle },
  autostart: { read: values.toggle },
  autorestart: { read: values.restarts },
  stop_exit_codes: { read: values.exitCodes },
  max_restarts: { read: values.count(0) },
  min_uptime: { read: values.milliseconds },
  restart_delay: { read: values.milliseconds },
  exp_backoff_restart_delay: { read: values.milliseconds },
  max_backoff: { read: values.milliseconds },
  kill_timeout: { read: values.milliseconds },
  kill_signal: { read: values.signal },
  kill_retry_time: { read: values.milliseconds },
  treekill: { read: values.toggle },
  pid_file: { also: ["pid"], read: values.text },
  listen_timeout: { also: ["ready_timeout"], read: values.milliseconds },
  wait_ready: { read: values.toggle },
  ready: { read: values.probe },
  health: { read: values.health },
  max_memory_restart: { also: ["max_memory"], read: values.bytes },
  max_memory_action: { read: values.oneOf(memoryActions) },
  cron_restart: { also: ["cron"], read: values.cron },
  cron_mode: { read: values.oneOf(cronModes) },
  instances: { read: values.instances },
  instance_var: { read: values.text },
  increment_var: { read: values.text },
  exec_mode: { read: values.execMode },
  port: { read: values.portNumber },
  watch: { read: values.watched },
  ignore_watch: { read: values.paths },
  watch_delay: { read: values.milliseconds },
  watch_options: { read: values.watchOptions },
  uid: { also: ["user"], read: values.name },
  gid: { also: ["group"], read: values.name },
  nice: { read: values.count(-20, 19) },
  depends_on: { also: ["depends"], read: values.names },
  hooks: { read: values.hooks },
  // Asks for what is so here without it: a script runs under as many names as there are.
  force: { read: values.toggle },
} as const satisfies Record<string, Attribute<unknown>>;

export type AttributeName = keyof typeof attributes;

/** What one app says. */
export type AppSettings = { readonly [K in AttributeName]?: ReturnType<(typeof attributes)[K]["read"]> };

const bySpelling = new Map<string, AttributeName>(
  Object.entries(attributes).flatMap(([key, attribute]: [string, Attribute<unknown>]) => {
    // The keys of the table are its names.
    const name = key as AttributeName;
    return [key, ...(attribute.also ?? [])].map((spelling) => [spelling, name] as const);
  }),
);

/** The attribute of this spelling, also as `maxMemoryRestart`; undefined when it is none that means anything here. */
export function attributeNamed(spelling: string): AttributeName | undefined {
  return bySpelling.get(spelling) ?? bySpelling.get(underscored(spelling));
}

/** What pm2 knows and would change nothing here. */
export function isMeaningless(spelling: string): boolean {
  return meaningless.has(spelling) || meaningless.has(underscored(spelling));
}

function underscored(spelling: string): string {
  return spelling.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export const spellings: readonly string[] = [...bySpelling.keys()];

const meaningless: ReadonlySet<string> = new Set([
  "io",
  "pmx",
  "automation",
  "trace",
  "trace_out",
  "disable_trace",
  "v8",
  "event_loop_inspector",
  "deep_monitoring",
  "vizion",
  "source_map",
  "source_map_support",
  "disable_source_map_support",
  "post_update",
  "install_url",
  "windowsHide",
  "shutdown_with_message",
  "execute_command",
  "write",
  "username",
]);
