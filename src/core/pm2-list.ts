import { basename } from "node:path";
import { type AppPart, instanceOf, readApp } from "./app-part.ts";
import { processPaths } from "./home.ts";
import { filesOf } from "./log-files.ts";
import { observe } from "./observe.ts";
import { knownPolicy } from "./policy.ts";
import type { ProcessRecord, ProcessSummary, Status } from "./process.ts";
import { environmentOf } from "./process-environment.ts";
import { readRecords } from "./records.ts";
import { scriptOf } from "./script-of.ts";
import { maskedArguments } from "./secrets.ts";
import { summarize } from "./summary.ts";
import type { World } from "./world.ts";

/** A process in the words of `pm2 jlist`, for whatever reads that. */
export interface Pm2Process {
  readonly pid: number;
  readonly name: string;
  readonly pm2_env: Readonly<Record<string, unknown>>;
  readonly pm_id: number;
  readonly monit: { readonly memory: number; readonly cpu: number };
}

/** @param withEnv also the environment of each as it is, secrets and all */
export function pm2List(world: World, withEnv: boolean): Pm2Process[] {
  const { records } = readRecords(world);
  const summaries = summarize(records, world);
  const apps = records.map(({ name }) => readApp(world.platform.files, processPaths(world.home, name).launch));
  return records.flatMap((record, index) => {
    const summary = summaries[index];
    const app = apps[index];
    const ofOne = (other: AppPart | undefined) => other?.name === app?.name && other?.file === app?.file;
    const instances = app === undefined ? 1 : apps.filter(ofOne).length;
    return summary === undefined ? [] : [inPm2Words(world, record, summary, { app, instances, withEnv })];
  });
}

const statusOf: Readonly<Record<Status, string>> = {
  starting: "launching",
  online: "online",
  waiting: "waiting restart",
  stopping: "stopping",
  stopped: "stopped",
  crashed: "errored",
};

interface Told {
  readonly app: AppPart | undefined;
  readonly instances: number;
  readonly withEnv: boolean;
}

function inPm2Words(
  world: World,
  record: ProcessRecord,
  summary: ProcessSummary,
  { app, instances, withEnv }: Told,
): Pm2Process {
  const { platform, home } = world;
  const paths = processPaths(home, record.name);
  const policy = knownPolicy(platform.files, paths.launch, record.restart_policy);
  const { oversight } = policy;
  const { out, err } = filesOf(policy.streams, paths);
  const command = scriptOf(world, record);
  const { kind } = observe(record, platform.processes);
  const { cpu, memory, uptimeMs } = summary;
  return {
    pid: summary.pid ?? 0,
    name: record.name,
    pm2_env: {
      name: record.name,
      namespace: summary.namespace,
      filter_env: policy.filterEnv,
      args: maskedArguments(command?.args ?? []),
      node_args: maskedArguments(command?.interpreterArgs ?? []),
      pm_exec_path: command?.script ?? record.interpreter,
      pm_cwd: record.cwd,
      exec_interpreter: basename(command?.interpreter ?? "none"),
      exec_mode: "fork_mode",
      instances,
      instance_var: app?.instanceVariable ?? "NODE_APP_INSTANCE",
      NODE_APP_INSTANCE: app === undefined ? 0 : instanceOf(app),
      username: platform.accounts.ownName(),
      merge_logs: out === err,
      watch: oversight.watch.length === 0 ? false : oversight.watch,
      ...(oversight.ignoreWatch.length === 0 ? {} : { ignore_watch: oversight.ignoreWatch }),
      autostart: true,
      autorestart: record.restart_policy !== "no",
      treekill: policy.treekill,
      kill_timeout: policy.killTimeoutSeconds * 1000,
      max_restarts: policy.maxRestarts,
      min_uptime: policy.minUptimeMs,
      ...(policy.restartDelayMs === null ? {} : { restart_delay: policy.restartDelayMs }),
      ...(policy.backoffMs === null ? {} : { exp_backoff_restart_delay: policy.backoffMs }),
      ...(policy.stopExitCodes.length === 0 ? {} : { stop_exit_codes: policy.stopExitCodes }),
      ...(oversight.maxMemory === null ? {} : { max_memory_restart: oversight.maxMemory }),
      ...(oversight.cron === null ? {} : { cron_restart: oversight.cron }),
      wait_ready: oversight.ready?.kind === "ipc",
      pm_out_log_path: out ?? "/dev/null",
      pm_err_log_path: err ?? "/dev/null",
      pm_pid_path: policy.pidFile ?? paths.pid,
      pm_id: record.tsm_id,
      status: statusOf[kind],
      // It began so long ago by the kernel's clock; at rest, when it began last.
      pm_uptime: uptimeMs === null ? record.start_time * 1000 : platform.clock.nowMs() - uptimeMs,
      created_at: record.created * 1000,
      restart_time: record.restarts,
      unstable_restarts: record.unstable_restarts,
      ...(record.last_exit?.code == null ? {} : { exit_code: record.last_exit.code }),
      port: record.port,
      ...withoutMeaning,
      ...(withEnv ? { env: environmentOf(world, record, true).variables } : {}),
    },
    pm_id: record.tsm_id,
    monit: { memory: memory ?? 0, cpu: cpu ?? 0 },
  };
}

/** What pm2 has there for parts that we have not: who reads it finds nothing, and not that it is missing. */
const withoutMeaning = {
  pmx: false,
  automation: false,
  vizion: false,
  vizion_running: false,
  km_link: false,
  windowsHide: true,
  kill_retry_time: 100,
  version: "N/A",
  node_version: "N/A",
  axm_actions: [],
  axm_monitor: {},
  axm_options: {},
  axm_dynamic: {},
} as const;
