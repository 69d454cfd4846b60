import type { Engine } from "../core/engine.ts";
import { noOversight } from "../core/oversight.ts";
import type { StartRequest } from "../core/plan.ts";
import { defaultPolicy, killSignals } from "../core/policy.ts";
import { restartPolicies } from "../core/process.ts";
import { age, interval, milliseconds, size, sizeOrNone } from "./amount-types.ts";
import { type Arg, type CommandWords, flag, toggle, type Values } from "./define.ts";
import { logPath } from "./log-types.ts";
import { parallel } from "./paced.ts";
import { flagName } from "./parse.ts";
import { oversightOfPm2, pm2Flags, policyOfPm2, readyOfPm2, requestOfPm2 } from "./pm2-flags.ts";
import { portOrRange } from "./port-types.ts";
import {
  cronExpression,
  envFile,
  exitCodeList,
  instanceCount,
  niceness,
  preHook,
  probe,
  signalOf,
} from "./process-types.ts";
import { takenBeside } from "./start-apps.ts";
import { filled, folder, integer, list, oneOf, text } from "./types.ts";

/** What can be said of a process that is started. */
export const startFlags = {
  name: flag(text("NAME"), { short: "n", summary: "Name it; the port is put behind" }),
  port: flag(portOrRange, { summary: "Its port, handed to it as PORT; 8000+ and auto look for a free one" }),
  env: flag(envFile, {
    summary: "File of KEY=VALUE lines; local is env/local.env, auto the first of env/local.env, env/dev.env, .env",
  }),
  preHook: flag(preHook, {
    summary: "Source this file first: a path, a name in the home's hooks, or none",
  }),
  cwd: flag(folder, { summary: "Folder to run in, default this one" }),
  interpreter: flag(filled("PROGRAM", "interpreter", { kind: "nothing" }), {
    summary: "What runs the script; none executes it as it is",
  }),
  restart: flag(oneOf(restartPolicies), {
    summary: `When to bring it back by itself; default ${defaultPolicy.restart}, but for what ends while it is started`,
  }),
  stopExitCodes: flag(exitCodeList, { summary: "Exit codes after which it is never brought back" }),
  restartDelay: flag(milliseconds, { summary: "A fixed wait before each restart instead of the backoff" }),
  maxBackoff: flag(milliseconds, {
    summary: "The longest wait of the backoff",
    fallback: defaultPolicy.maxBackoffMs,
  }),
  minUptime: flag(milliseconds, {
    summary: "Up for so long it counts as stable",
    fallback: defaultPolicy.minUptimeMs,
  }),
  maxRestarts: flag(integer("N", 0, 1_000_000), {
    summary: "Restarts in a row that may fail to last",
    fallback: defaultPolicy.maxRestarts,
  }),
  killSignal: flag(signalOf(killSignals), {
    summary: "What asks it to end",
    fallback: defaultPolicy.killSignal,
  }),
  killTimeout: flag(milliseconds, {
    short: "k",
    summary: "Between that signal and SIGKILL",
    fallback: defaultPolicy.killTimeoutSeconds * 1000,
  }),
  nice: flag(niceness, { summary: "How far it stands back for others; below 0 root only" }),
  limitNofile: flag(integer("N", 4, 1_048_576), { summary: "Files that it may have open" }),
  limitNproc: flag(integer("N", 1, 4_194_304), {
    summary: "Processes that its user may have, all together; root is not held to it",
  }),
  user: flag(text("NAME"), { also: ["--uid"], summary: "Run it as this user; root only" }),
  group: flag(text("NAME"), {
    also: ["--gid"],
    summary: "Run it in this group (default: the user's own); root only",
  }),
  ready: flag(probe("port", "http", "log", "command", "ipc"), {
    summary: "What says that it is up: port, port:N, http://…, log:/regex/, cmd:…, ipc; until then it is starting",
  }),
  readyTimeout: flag(milliseconds, {
    summary: "Not ready by then it has failed, and is ended",
    fallback: noOversight.readyTimeoutMs,
  }),
  health: flag(probe("port", "http", "command"), { summary: "Asked while it runs: port, http://…, cmd:…" }),
  healthInterval: flag(interval, { summary: "How often", fallback: noOversight.healthIntervalMs }),
  healthFailures: flag(integer("N", 1, 1_000_000), {
    summary: "So many in a row restart it",
    fallback: noOversight.healthFailures,
  }),
  maxMemory: flag(size, {
    also: ["--max-memory-restart"],
    summary: "Restart it when its tree uses more, as 200M; weighed every 5 s",
  }),
  cron: flag(cronExpression, {
    short: "c",
    also: ["--cron-restart"],
    summary: "When to restart it, as '0 3 * * *'; 0 is never",
  }),
  watch: flag(list("PATHS"), {
    summary: "Restart it when files change, in its folder or here: src, 'lib/**/*.js'",
    bare: ["."],
    bareBefore: "command",
  }),
  ignoreWatch: flag(list("PATTERNS"), { summary: "But not these: *.tmp,data; .git and node_modules never count" }),
  logMaxSize: flag(sizeOrNone, {
    summary: "A log that is longer is rotated (default: the setting, 10M); 0: no limit",
  }),
  logKeep: flag(integer("N", 0, 1000), { summary: "Archives of each log (default: the setting, 5)" }),
  logMaxAge: flag(age, { summary: "A log this old is rotated; never (default: the setting, 1d)" }),
  logCompress: flag(oneOf(["on", "off"], "on|off"), {
    summary: "Archives as gzip; =off leaves them plain (default: the setting, on)",
    bare: "on",
  }),
  output: flag(logPath, { short: "o", summary: "File for its stdout; NULL keeps nothing" }),
  error: flag(logPath, { short: "e", summary: "File for its stderr; NULL keeps nothing" }),
  log: flag(logPath, { short: "l", summary: "One file for both" }),
  outFile: flag(logPath, { summary: "As --output" }),
  errorFile: flag(logPath, { summary: "As --error" }),
  mergeLogs: toggle("Both streams into one file"),
  disableLogs: toggle("Keep no logs"),
  time: toggle("The time before each line of its logs, as YYYY-MM-DDTHH:mm:ss"),
  logDateFormat: flag(text("FORMAT"), { summary: "The time so, as 'YYYY-MM-DD HH:mm:ss.SSS Z'" }),
  logType: flag(oneOf(["json", "raw"]), { summary: "Each line an object with its time: json" }),
  only: flag(list("NAMES"), { summary: "These apps of the file alone, and what they depend on: api,worker" }),
  instances: flag(instanceCount, {
    short: "i",
    summary: "So many of them, as NAME-0, NAME-1 …; max is one a processor, -1 one fewer",
  }),
  parallel,
  noExec: toggle("Refuse a .tsm file that only bash can read"),
  settle: flag(integer("MS", 0, 600_000), {
    summary: "How long to watch it when no port says that it is up (default: the setting, 500)",
  }),
  attach: toggle("Then show what it writes, until Ctrl-C; it keeps running"),
  noDaemon: toggle("In the foreground: ends with this command, and gives it its exit code (see run)"),
  ...pm2Flags,
};

export type StartValues = Values<{ readonly command: Arg<CommandWords> }, typeof startFlags>;

/** What they ask for. */
export function requestFrom(values: StartValues, engine: Engine): StartRequest {
  const { words, beforeDashes } = values.command;
  const settleMs = values.settle ?? engine.settings().settle;
  const { name, port: asked, env, preHook, cwd, interpreter, noExec } = values;
  const ready = readyOfPm2(values, values.ready);
  const policy = {
    ...policyOfPm2(values),
    restart: values.restart ?? (values.noAutorestart ? "no" : defaultPolicy.restart),
    restartAsked: values.restart !== undefined || values.noAutorestart,
    restartDelayMs: values.restartDelay ?? null,
    maxBackoffMs: values.maxBackoff,
    minUptimeMs: values.minUptime,
    maxRestarts: values.maxRestarts,
    stopExitCodes: values.stopExitCodes ?? [],
    killSignal: values.killSignal,
    killTimeoutSeconds: values.killTimeout / 1000,
    oversight: {
      ...oversightOfPm2(values),
      ready,
      // pm2 passes over it where nothing says that it is ready.
      readyTimeoutMs: ready === null ? values.readyTimeout : (values.listenTimeout ?? values.readyTimeout),
      health: values.health ?? null,
      healthIntervalMs: values.healthInterval,
      healthFailures: values.healthFailures,
      maxMemory: values.maxMemory ?? null,
      cron: values.cron === "0" ? null : (values.cron ?? null),
      watch: values.watch ?? [],
      ignoreWatch: values.ignoreWatch ?? [],
    },
    logs: {
      maxBytes: values.logMaxSize,
      keep: values.logKeep,
      maxAgeMs: values.logMaxAge,
      compress: values.logCompress === undefined ? undefined : values.logCompress === "on",
    },
  };
  const { nice, limitNofile: openFiles, limitNproc: processes, user, group } = values;
  const limits = { nice, openFiles, processes, user, group };
  const streams = {
    out: values.output ?? values.outFile,
    err: values.error ?? values.errorFile,
    both: values.log,
    merged: values.mergeLogs,
    disabled: values.disableLogs,
    time: values.time,
    format: values.logDateFormat,
    json: values.logType === "json",
  };
  return {
    ...requestOfPm2(values),
    words,
    beforeDashes,
    name,
    port: typeof asked === "number" ? asked : undefined,
    allocate: typeof asked === "number" ? undefined : asked,
    env,
    preHook,
    cwd,
    interpreter,
    policy,
    limits,
    streams,
    settleMs,
    service: "",
    noExec,
  };
}

/** Those that say something of one process, and nothing of a file of apps. */
export function givenFlags(values: StartValues): string[] {
  // Its apps begin with this shell's environment in any case.
  const own = [...takenBeside, "only", "env", "settle", "parallel", "updateEnv", "attach", "noDaemon"];
  return givenKeys(values)
    .filter((key) => !own.includes(key))
    .map(flagName);
}

/** The keys of the flags that were given. */
export function givenKeys(values: StartValues): string[] {
  const fallbacks = new Map(Object.entries(startFlags).map(([key, { fallback }]) => [key, fallback]));
  return Object.entries(values).flatMap(([key, value]) =>
    key === "command" || value === undefined || value === fallbacks.get(key) ? [] : [key],
  );
}
