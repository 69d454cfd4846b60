import { cronModes, memoryActions, noOversight } from "../core/oversight.ts";
import type { StartRequest } from "../core/plan.ts";
import type { Probe } from "../core/probe.ts";
import { parseProbe } from "../core/probe.ts";
import { plainWords } from "../core/quote.ts";
import { milliseconds, seconds } from "./amount-types.ts";
import { flag, toggle, type Values } from "./define.ts";
import { list, oneOf, text } from "./types.ts";

/** What pm2 has and needs nothing of here. */
export const ignoredOfPm2 = [
  "--no-pmx",
  "--no-automation",
  "--no-vizion",
  "--trace",
  "--disable-trace",
  "--v8",
  "--event-loop-inspector",
  "--deep-monitoring",
  "--source-map-support",
  "--disable-source-map-support",
  "--shutdown-with-message",
  "-x",
  "--execute-command",
  "-w",
  "--write",
] as const;

/** Flags of `start` that people know from pm2. */
export const pm2Flags = {
  namespace: flag(text("NAME"), { summary: "What several are called together; a target wherever processes are" }),
  interpreterArgs: flag(text("ARGS"), {
    also: ["--node-args"],
    summary: "Words for the interpreter, before the script: '--max-old-space-size=200'",
  }),
  force: toggle("When the name is taken by what runs: another one of it, as NAME-1", "f"),
  updateEnv: toggle("What is there already begins with this shell's environment", "a"),
  noAutorestart: toggle("As --restart no"),
  noAutostart: toggle("Put it on record and do not start it"),
  expBackoffRestartDelay: flag(milliseconds, {
    summary: "The wait before the first restart, twice as long before each next one",
  }),
  pid: flag(text("FILE"), { short: "p", summary: "A file that holds its pid while it runs" }),
  filterEnv: flag(list("PREFIXES"), { summary: "Not the variables of this shell that begin so: AWS_,GITHUB_" }),
  ext: flag(list("ENDINGS"), { summary: "Of what --watch sees only files that end so: js,json" }),
  watchDelay: flag(seconds, { summary: "How long after the last change (default 200ms)" }),
  cronMode: flag(oneOf(cronModes, "MODE"), {
    summary: "Restart (usual), or also start what has ended: start-if-stopped, skip-if-running",
  }),
  maxMemoryAction: flag(oneOf(memoryActions, "ACTION"), {
    summary: "What more memory than --max-memory leads to: restart or stop",
  }),
  noTreekill: toggle("A stop ends the process alone, and not what it has started"),
  waitReady: toggle("Until it says process.send('ready') it is starting: --ready ipc"),
  listenTimeout: flag(milliseconds, { summary: "As --ready-timeout; without --wait-ready or --ready it says nothing" }),
};

type Pm2Values = Values<Record<never, never>, typeof pm2Flags>;

/** What they come to in a request. */
export function requestOfPm2(
  values: Pm2Values,
): Pick<StartRequest, "namespace" | "interpreterArgs" | "force" | "updateEnv" | "noAutostart"> {
  const { namespace, interpreterArgs: args, force, updateEnv, noAutostart } = values;
  // What no shell would read as plain words is one word.
  const interpreterArgs = args === undefined ? undefined : (plainWords(args, "*?[]{}~#") ?? args.trim().split(/\s+/));
  return { namespace, interpreterArgs, force, updateEnv, noAutostart };
}

export function policyOfPm2({ expBackoffRestartDelay, pid, filterEnv, noTreekill }: Pm2Values) {
  return {
    backoffMs: expBackoffRestartDelay || null,
    pidFile: pid ?? null,
    filterEnv: filterEnv ?? [],
    treekill: !noTreekill,
  };
}

export function oversightOfPm2({ ext, watchDelay, cronMode, maxMemoryAction }: Pm2Values) {
  return {
    cronMode: cronMode ?? noOversight.cronMode,
    maxMemoryAction: maxMemoryAction ?? noOversight.maxMemoryAction,
    watchOptions: noOversight.watchOptions,
    restingWatch: noOversight.restingWatch,
    watchEndings: (ext ?? []).map((ending) => ending.replace(/^\*?\./, "")),
    watchDelayMs: watchDelay === undefined ? noOversight.watchDelayMs : watchDelay * 1000,
  };
}

/** `--ready` says more than `--wait-ready`. */
export function readyOfPm2({ waitReady }: Pm2Values, ready: Probe | undefined): Probe | null {
  return ready ?? (waitReady ? parseProbe("ipc") : null);
}
