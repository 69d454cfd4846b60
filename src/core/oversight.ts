import { TsmError } from "./errors.ts";
import { type Probe, parseProbe } from "./probe.ts";
import type { RecordedStatus } from "./process.ts";
import { plainWatch, readWatchOptions, type WatchOptions } from "./watch-options.ts";

/**
 * What its hour does. "restart": what runs is restarted. "start-if-stopped": and what has ended by itself is started.
 * "skip-if-running": only that, as for a job that is never to run twice. What a person has stopped rests in each.
 */
export const cronModes = ["restart", "start-if-stopped", "skip-if-running"] as const;
export const memoryActions = ["restart", "stop"] as const;

/** When a process counts as up, and what restarts one that runs: what the runner does not know of. */
export interface Oversight {
  /** null: up as soon as it runs. */
  readonly ready: Probe | null;
  readonly readyTimeoutMs: number;
  readonly health: Probe | null;
  readonly healthIntervalMs: number;
  /** So many in a row, then it is restarted. */
  readonly healthFailures: number;
  /** Bytes of the whole tree; null: no limit. */
  readonly maxMemory: number | null;
  /** And what is done when it uses more. */
  readonly maxMemoryAction: (typeof memoryActions)[number];
  /** When it is restarted, as cron writes it; null: never. */
  readonly cron: string | null;
  readonly cronMode: (typeof cronModes)[number];
  /** Absolute paths whose changes restart it; `*`, `**` and `?` as in `ignoreWatch` where there is no such file. */
  readonly watch: readonly string[];
  /** What was watched until somebody turned that off. */
  readonly restingWatch: readonly string[];
  readonly ignoreWatch: readonly string[];
  /** Only files with these endings, without their dot; none: all. */
  readonly watchEndings: readonly string[];
  /** After the last change. */
  readonly watchDelayMs: number;
  readonly watchOptions: WatchOptions;
}

export const noOversight: Oversight = {
  ready: null,
  readyTimeoutMs: 30_000,
  health: null,
  healthIntervalMs: 10_000,
  healthFailures: 3,
  maxMemory: null,
  maxMemoryAction: "restart",
  cron: null,
  cronMode: "restart",
  watch: [],
  restingWatch: [],
  ignoreWatch: [],
  watchEndings: [],
  // An editor writes a file more than once.
  watchDelayMs: 200,
  watchOptions: plainWatch,
};

/** Does it take somebody who looks every few seconds, for as long as the process is wanted? */
export function needsResident({ health, maxMemory, cron, watch }: Oversight): boolean {
  return health !== null || maxMemory !== null || cron !== null || watch.length > 0;
}

/** May its hour start what rests? */
export function cronStarts({ cron, cronMode }: Pick<Oversight, "cron" | "cronMode">): boolean {
  return cron !== null && cronMode !== "restart";
}

/** Does such a process take a resident patrol now? Nobody asks of one that a person has stopped. */
export function takesResident({ oversight }: { readonly oversight: Oversight }, status: RecordedStatus): boolean {
  if (status === "stopped" || status === "crashed") return cronStarts(oversight);
  // Whether it is ready is asked by who started it; when its runner did, nobody else is there.
  return needsResident(oversight) || (oversight.ready !== null && (status === "starting" || status === "waiting"));
}

export interface WrittenOversight extends Omit<Oversight, "ready" | "health"> {
  readonly ready: string | null;
  readonly health: string | null;
}

/** As it stands in policy.json: probes as they were written. */
export function writtenOversight({ ready, health, ...rest }: Oversight): WrittenOversight {
  return { ready: ready?.text ?? null, health: health?.text ?? null, ...rest };
}

/** From policy.json; what is missing or makes no sense is as it would be by default. */
export function readOversight(value: unknown): Oversight {
  const fields = new Map<string, unknown>(typeof value === "object" && value !== null ? Object.entries(value) : []);
  const number = (key: string, least: number, fallback: number): number => {
    const found = fields.get(key);
    return typeof found === "number" && Number.isFinite(found) && found >= least ? found : fallback;
  };
  const words = (key: string): string[] => {
    const found = fields.get(key);
    return Array.isArray(found) ? found.filter((word) => typeof word === "string" && word !== "") : [];
  };
  const cron = fields.get("cron");
  const maxMemory = number("maxMemory", 1, 0);
  return {
    ready: probeFrom(fields.get("ready")),
    readyTimeoutMs: number("readyTimeoutMs", 0, noOversight.readyTimeoutMs),
    health: probeFrom(fields.get("health")),
    healthIntervalMs: number("healthIntervalMs", leastIntervalMs, noOversight.healthIntervalMs),
    healthFailures: number("healthFailures", 1, noOversight.healthFailures),
    maxMemory: maxMemory === 0 ? null : maxMemory,
    maxMemoryAction: fields.get("maxMemoryAction") === "stop" ? "stop" : "restart",
    cron: typeof cron === "string" ? cron : null,
    cronMode: cronModes.find((mode) => mode === fields.get("cronMode")) ?? "restart",
    watch: words("watch"),
    restingWatch: words("restingWatch"),
    ignoreWatch: words("ignoreWatch"),
    watchEndings: words("watchEndings"),
    watchDelayMs: number("watchDelayMs", 0, noOversight.watchDelayMs),
    watchOptions: readWatchOptions(fields.get("watchOptions")),
  };
}

/** More often than this nobody needs to know. */
export const leastIntervalMs = 100;

function probeFrom(value: unknown): Probe | null {
  if (typeof value !== "string") return null;
  try {
    return parseProbe(value);
  } catch (error) {
    if (error instanceof TsmError) return null;
    throw error;
  }
}
