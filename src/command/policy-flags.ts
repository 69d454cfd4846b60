import { TsmError } from "../core/errors.ts";
import type { PolicyChanges } from "../core/policy-changes.ts";
import { milliseconds, size } from "./amount-types.ts";
import { flag, toggle, type Values } from "./define.ts";
import { flagName } from "./parse.ts";
import { argumentWords, cronExpression, exitCodeList } from "./process-types.ts";
import { integer } from "./types.ts";

/** What `start` says of a new process, and a restart may say of one that is there: it holds from then on. */
export const policyFlags = {
  maxMemory: flag(size, {
    also: ["--max-memory-restart"],
    summary: "From now on restart it when its tree uses more, as 200M",
  }),
  cron: flag(cronExpression, {
    short: "c",
    also: ["--cron-restart"],
    summary: "From now on restart it then, as '0 3 * * *'; 0 is never",
  }),
  noAutorestart: toggle("From now on it is not brought back"),
  restartDelay: flag(milliseconds, { summary: "From now on a fixed wait before each restart" }),
  expBackoffRestartDelay: flag(milliseconds, {
    summary: "The wait before the first restart, twice as long before each next one",
  }),
  maxRestarts: flag(integer("N", 0, 1_000_000), { summary: "Restarts in a row that may fail to last" }),
  stopExitCodes: flag(exitCodeList, { summary: "Exit codes after which it is never brought back" }),
  killTimeout: flag(milliseconds, { short: "k", summary: "Between TERM and SIGKILL, from now on" }),
};

/** Beside them for a restart: what the program is given. */
export const argumentsFlag = {
  args: flag(argumentWords, {
    summary: "Its arguments from now on, in one text; or behind --, word for word",
    behindDashes: true,
  }),
};

/** What `restart --name` is told. */
export const keepsItsName = {
  "--name": "a process keeps its name while it is on record: tsm delete it, and start it as the new one",
  "-n": "a process keeps its name while it is on record: tsm delete it, and start it as the new one",
};

/** @returns undefined where none of them was given */
export function policyChanges(
  values: Values<Record<never, never>, typeof policyFlags> & { readonly args?: readonly string[] | undefined },
): PolicyChanges | undefined {
  const { restartDelay, expBackoffRestartDelay, maxRestarts, stopExitCodes, killTimeout } = values;
  const { cron, maxMemory, noAutorestart } = values;
  const policy = {
    ...(noAutorestart ? { restart: "no" as const, restartAsked: true } : {}),
    ...(restartDelay === undefined ? {} : { restartDelayMs: restartDelay }),
    ...(expBackoffRestartDelay === undefined ? {} : { backoffMs: expBackoffRestartDelay || null }),
    ...(maxRestarts === undefined ? {} : { maxRestarts }),
    ...(stopExitCodes === undefined ? {} : { stopExitCodes }),
    ...(killTimeout === undefined ? {} : { killTimeoutSeconds: killTimeout / 1000 }),
  };
  const oversight = {
    ...(cron === undefined ? {} : { cron: cron === "0" ? null : cron }),
    ...(maxMemory === undefined ? {} : { maxMemory }),
  };
  if (Object.keys({ ...policy, ...oversight }).length === 0 && values.args === undefined) return undefined;
  return { policy, oversight, args: values.args };
}

/**
 * What a `start` of processes that are there already changes in them.
 * @param given the keys of the flags that were given; the others stand for a new process
 * @throws TsmError for what only a new process can be told
 */
export function changesBeside(
  values: Values<Record<never, never>, typeof policyFlags>,
  given: readonly string[],
): PolicyChanges | undefined {
  const other = given.filter((key) => !(key in policyFlags) && !saidOfAny.includes(key));
  if (other.length > 0) {
    throw new TsmError(
      "USAGE",
      `${other.map(flagName).join(", ")} can be said of a new process, and not of one that is there`,
      {
        hint: "Delete it and start it anew, or give what is new another --name",
      },
    );
  }
  const left = Object.keys(policyFlags).filter((key) => !given.includes(key));
  return policyChanges({ ...values, ...Object.fromEntries(left.map((key) => [key, undefined])) });
}

/** They mean this start, and not what is started. */
const saidOfAny: readonly string[] = [
  "updateEnv",
  "force",
  "settle",
  "parallel",
  "attach",
  "yes",
  "noDaemon",
  "noExec",
];
