import { dirname, extname, isAbsolute, join, resolve } from "node:path";
import type { AppPart } from "./app-part.ts";
import type { LogRules } from "./attribute-values.ts";
import type { AppSettings } from "./attributes.ts";
import type { App } from "./ecosystem-apps.ts";
import { TsmError } from "./errors.ts";
import { noLogLimits } from "./log-limits.ts";
import { numberedFile } from "./numbered-file.ts";
import type { StartRequest } from "./plan.ts";
import { defaultPolicy } from "./policy.ts";
import { validPort } from "./port-choice.ts";
import { parseProbe } from "./probe.ts";
import { interpreterOfEnding } from "./script-endings.ts";
import { readWatchOptions } from "./watch-options.ts";
import type { World } from "./world.ts";

/** One process of an app: what is to be started, and as which of how many. */
export interface AppInstance {
  readonly app: App;
  /** What the process is called. */
  readonly name: string;
  readonly instance: number;
  readonly of: number;
}

export interface AskedOfFile {
  readonly file: string;
  /** The NAME of `env_NAME`, "" for none. */
  readonly environment: string;
  /** An env file for every app, in place of its own. */
  readonly envFile: string | undefined;
  readonly settleMs: number;
}

/** How many processes an app is to be: as many, one a processor, or with a number below 0 so many fewer than that. */
export function instancesOf(asked: number | "max", processors: number): number {
  if (asked === "max") return processors;
  return asked > 0 ? asked : Math.max(1, processors + asked);
}

/** The attributes of an app as the flags of `start` would say them. */
export function requestFor(
  world: World,
  each: AppInstance,
  asked: AskedOfFile,
  dependsOn: readonly string[],
): StartRequest {
  const { app, name, instance } = each;
  const { settings } = app;
  const cwd = folderOf(world, settings, asked.file);
  const variables = variablesOf(each);
  return {
    ...wordsOf(settings),
    name,
    namespace: settings.namespace,
    port: portOf(each, variables),
    env: asked.envFile ?? settings.env_file,
    preHook: settings.hooks?.pre_start,
    cwd,
    policy: policyOf(settings, each.of > 1 ? instance : undefined),
    limits: {
      nice: settings.nice,
      openFiles: undefined,
      processes: undefined,
      user: settings.uid,
      group: settings.gid,
    },
    streams: streamsOf(settings, each.of > 1 && settings.merge_logs !== true ? instance : undefined),
    settleMs: asked.settleMs,
    service: "",
    noExec: false,
    dependsOn,
    app: partOf(each, asked, variables),
  };
}

/** The words behind `start`, and with what the script is run. */
function wordsOf(settings: App["settings"]): Pick<StartRequest, "words" | "beforeDashes" | "interpreter"> {
  const { script, args = [], interpreter, interpreter_args: before = [] } = settings;
  if (before.length === 0) {
    const words = [script, ...args];
    return { words, beforeDashes: words.length, interpreter };
  }
  const runs = interpreter ?? interpreterOfEnding[extname(script)]?.names[0] ?? "node";
  const words = [runs, ...before, script, ...args];
  return { words, beforeDashes: words.length, interpreter: undefined };
}

/**
 * Relative to the file's own folder, so that it means the same wherever somebody stands; to the caller's where the script
 * is there and not beside the file, as pm2 has it.
 */
function folderOf(world: World, { cwd, script = "" }: AppSettings, file: string): string {
  const { files } = world.platform;
  const home = world.env["HOME"];
  if (cwd !== undefined && home !== undefined && /^~(?:\/|$)/.test(cwd)) return join(home, cwd.slice(1));
  const beside = file === "-" ? world.cwd : dirname(file);
  if (cwd !== undefined) {
    const place = resolve(beside, cwd);
    const elsewhere = resolve(world.cwd, cwd);
    return files.kind(place) === "directory" || files.kind(elsewhere) !== "directory" ? place : elsewhere;
  }
  const isHere = (folder: string) => !/\s/.test(script) && files.kind(resolve(folder, script)) === "file";
  return !isAbsolute(script) && !isHere(beside) && isHere(world.cwd) ? world.cwd : beside;
}

/** Of one instance: which one it is, and the variable that is one more for each. */
function variablesOf({ app, instance, of }: AppInstance): Record<string, string> {
  const { settings, variables } = app;
  const { increment_var: increment, instance_var: which = "NODE_APP_INSTANCE" } = settings;
  const given: Record<string, string> = { ...variables };
  if (settings.port !== undefined) given["PORT"] = String(settings.port);
  // Who asks for instances is told which one it is, also when it is the only one.
  if (settings.instances !== undefined || of > 1) given[which] = String(instance);
  // A PORT that something else says grows by itself.
  if (increment !== undefined && (increment !== "PORT" || given["PORT"] !== undefined))
    given[increment] = String((Number(given[increment]) || 0) + instance);
  return given;
}

/** Two processes cannot have one port: where nothing says how it grows, each instance has the next. */
function portOf({ app, instance }: AppInstance, variables: Record<string, string>): number | undefined {
  const said = variables["PORT"];
  if (said === undefined || !/^\d+$/.test(said)) return undefined;
  const port = validPort(app.settings.increment_var === "PORT" ? said : String(Number(said) + instance));
  if (port !== undefined) return port;
  throw new TsmError("BAD_DATA", `PORT is '${said}', which is not a port`, {
    hint: "A port is a number from 1 to 65535",
  });
}

/** @param instance of several. */
function policyOf(settings: AppSettings, instance: number | undefined): StartRequest["policy"] {
  const { limits: _limits, streams: _streams, ...usual } = defaultPolicy;
  const { health, autorestart, ready, wait_ready: waits } = settings;
  const { exp_backoff_restart_delay: backoff, pid_file: pid } = settings;
  return {
    ...usual,
    // As pm2 has it: what ends by itself is brought back whatever it ends with.
    restart: autorestart ?? "always",
    restartAsked: autorestart === "always" || autorestart === "on-failure",
    restartDelayMs: settings.restart_delay || null,
    maxBackoffMs: settings.max_backoff ?? (backoff ? Math.max(backoff, pm2BackoffMs) : usual.maxBackoffMs),
    backoffMs: backoff || null,
    minUptimeMs: settings.min_uptime ?? usual.minUptimeMs,
    maxRestarts: settings.max_restarts ?? usual.maxRestarts,
    stopExitCodes: settings.stop_exit_codes ?? [],
    killSignal: settings.kill_signal ?? usual.killSignal,
    killTimeoutSeconds: settings.kill_timeout === undefined ? usual.killTimeoutSeconds : settings.kill_timeout / 1000,
    treekill: settings.treekill ?? true,
    // Each ends by itself, and takes its own away.
    pidFile: pid === undefined ? null : instance === undefined ? pid : numberedFile(pid, instance),
    oversight: {
      ...usual.oversight,
      ready: ready ?? (waits === true ? parseProbe("ipc") : null),
      readyTimeoutMs: settings.listen_timeout ?? usual.oversight.readyTimeoutMs,
      health: health?.probe ?? null,
      healthIntervalMs: health?.intervalMs ?? usual.oversight.healthIntervalMs,
      healthFailures: health?.failures ?? usual.oversight.healthFailures,
      maxMemory: settings.max_memory_restart ?? null,
      maxMemoryAction: settings.max_memory_action ?? usual.oversight.maxMemoryAction,
      cron: settings.cron_restart ?? null,
      cronMode: settings.cron_mode ?? usual.oversight.cronMode,
      watch: settings.watch ?? [],
      restingWatch: [],
      watchDelayMs: settings.watch_delay ?? usual.oversight.watchDelayMs,
      ignoreWatch: [...(settings.ignore_watch ?? []), ...(settings.watch_options?.ignored ?? [])],
      watchOptions: readWatchOptions(settings.watch_options),
    },
    logs: rulesOf(settings) ?? noLogLimits,
  };
}

/** The longest wait of pm2's backoff. */
const pm2BackoffMs = 15_000;

function rulesOf({ log, log_file: file }: AppSettings): LogRules | undefined {
  return [log, file].find((each): each is LogRules => typeof each === "object");
}

/** @param instance of several that write into files of their own: its number stands behind the file's name. */
function streamsOf(settings: AppSettings, instance: number | undefined): StartRequest["streams"] {
  const numbered = (path: string | undefined) =>
    path === undefined || instance === undefined ? path : numberedFile(path, instance);
  const both = [settings.log_file, settings.log].find((each): each is string => typeof each === "string");
  const { out_file: out, error_file: err } = settings;
  const isApart = out !== undefined || err !== undefined;
  return {
    out: numbered(out),
    err: numbered(err),
    // Beside files of their own there is no third: the two hold it all.
    both: isApart ? undefined : numbered(both),
    merged: false,
    disabled: settings.disable_logs === true,
    time: settings.time === true,
    format: settings.log_date_format,
    json: settings.log_type === "json",
  };
}

function partOf(
  { app, instance, of }: AppInstance,
  { file, environment }: AskedOfFile,
  variables: Record<string, string>,
): AppPart {
  const { settings } = app;
  const { pre_start: _preStart, ...hooks } = settings.hooks ?? {};
  const { port: _port, env: _env, instances, name: _name, kill_retry_time: _retry, ...said } = settings;
  return {
    file,
    name: app.name,
    instance: instances === undefined && of === 1 ? null : instance,
    environment,
    namespace: settings.namespace ?? "",
    variables,
    instanceVariable: settings.instance_var ?? "NODE_APP_INSTANCE",
    incrementVariable: settings.increment_var ?? "",
    filter: settings.filter_env === true ? "all" : (settings.filter_env ?? []),
    hooks: Object.fromEntries(Object.entries(hooks).map(([event, command]) => [event, command])),
    said: Object.fromEntries(Object.entries(said).map(([key, value]) => [key, JSON.stringify(value)])),
  };
}
