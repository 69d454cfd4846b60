import { TsmError } from "./errors.ts";
import { lastCrash } from "./log-crash.ts";
import { type FixedMoment, resolveMoment } from "./log-moment.ts";
import type { LogRequest } from "./log-request.ts";
import { runSpans } from "./log-runs.ts";
import type { LogSource } from "./log-source.ts";
import type { World } from "./world.ts";

/** Bytes of a log, and the times between which its lines must lie besides (epoch seconds). */
export interface LogRange {
  readonly from: number;
  readonly to: number;
  readonly since: number | undefined;
  readonly until: number | undefined;
}

/** Which part of each log is meant; what has nothing of it is left out. @throws TsmError when that is nothing at all */
export async function rangesOf(
  world: World,
  request: LogRequest,
  sources: readonly LogSource[],
  say: (note: string) => void,
): Promise<Map<LogSource, LogRange>> {
  const lives = livesOf(world, request, sources);
  const { since, until } = timesOf(world, request);
  const ranges = new Map<LogSource, LogRange>();
  for (const source of sources) {
    const life = lives === undefined ? { from: source.start, to: source.end } : lives.get(source);
    if (life === undefined) continue;
    const from = since === "start" ? beginOfLastLife(source) : { offset: life.from, since };
    if (from.since === undefined && until === undefined) {
      ranges.set(source, { from: Math.max(life.from, from.offset), to: life.to, since: undefined, until });
      continue;
    }
    const range = await between(source, life, from, until, say);
    if (range !== undefined) ranges.set(source, range);
  }
  return ranges;
}

/** `--since` and `--until` as epoch seconds. */
function timesOf({ platform: { clock } }: World, { since, until }: LogRequest) {
  const now = { nowMs: clock.nowMs(), sinceBootMs: clock.sinceBootMs() };
  const seconds = (moment: FixedMoment) => Math.floor(resolveMoment(moment, now) / 1000);
  if (until?.kind === "start")
    throw new TsmError("USAGE", "--until takes no start", { hint: "--since start begins there" });
  const begin = since === undefined ? undefined : since.kind === "start" ? ("start" as const) : seconds(since);
  const end = until === undefined ? undefined : seconds(until);
  if (typeof begin === "number" && end !== undefined && begin > end) {
    throw new TsmError("USAGE", "--since is later than --until: nothing lies between them", {
      hint: "--since is the earlier one: --since 2h --until 1h",
    });
  }
  return { since: begin, until: end };
}

function beginOfLastLife(source: LogSource): { offset: number; since: number | undefined } {
  const last = source.clock(source.start).runs.at(-1);
  return last === undefined
    ? { offset: source.start, since: source.record.start_time }
    : { offset: last.offset, since: undefined };
}

async function between(
  source: LogSource,
  life: { readonly from: number; readonly to: number },
  { offset, since }: { readonly offset: number; readonly since: number | undefined },
  until: number | undefined,
  say: (note: string) => void,
): Promise<LogRange | undefined> {
  const clock = source.clock(source.start);
  if (!clock.isKnown) {
    // All that is certain: nothing in it is younger than the file.
    if (source.end === source.start || (since !== undefined && (source.modified ?? 0) < since)) return undefined;
    say(`when the lines of '${source.record.name}' were written is not known: they are shown whatever their time`);
    return { ...life, since: undefined, until: undefined };
  }
  const reached = since === undefined ? offset : Math.max(offset, Math.min(clock.reachedBefore(since), life.to));
  const to = until === undefined ? life.to : Math.min(life.to, Math.max(clock.reachedAt(until), source.start));
  // A line belongs to the time at which its end was written.
  const from = reached <= life.from ? life.from : Math.max(life.from, await source.bytes.startOfLine(reached));
  return { from, to: to === life.to ? to : Math.max(from, await source.bytes.startOfLine(to)), since, until };
}

/** `--run` and `--crash`: the bytes of one life in each log. undefined: neither was asked for. */
function livesOf(
  world: World,
  request: LogRequest,
  sources: readonly LogSource[],
): Map<LogSource, { from: number; to: number }> | undefined {
  const { run, crash } = request;
  if (run === undefined && !crash) return undefined;
  const lives = new Map<LogSource, { from: number; to: number }>();
  for (const source of sources) {
    const life = crash ? crashedLife(world, source) : lifeOf(source, run);
    if (life !== undefined) lives.set(source, life);
  }
  if (lives.size > 0 || sources.length === 0) return lives;
  const all = [...new Set(sources.map(({ record }) => `'${record.name}'`))];
  const names =
    all.slice(0, mostNames).join(", ") + (all.length > mostNames ? ` and ${all.length - mostNames} more` : "");
  if (crash) {
    throw new TsmError(
      "NOT_FOUND",
      `${names} ${names.includes(",") ? "have" : "has"} not crashed, as far as the journal knows`,
      {
        hint: "tsm logs shows the last lines, --run last those of the last run",
      },
    );
  }
  throw new TsmError("NOT_FOUND", `${names} ${names.includes(",") ? "have" : "has"} no run ${run}`, {
    hint: runsThereAre(sources),
  });
}

/** Of those that an error names. */
const mostNames = 3;

function runsThereAre(sources: readonly LogSource[]): string {
  const runs = [...new Set(sources.flatMap((source) => source.clock(source.start).runs.map(({ run }) => run)))].sort(
    (a, b) => a - b,
  );
  if (runs.length === 0) return "Its log has no clock that tells one run from another";
  return runSpans(runs);
}

/** From where it begins to where the next one does, to the byte; undefined when the log does not know it. */
export function lifeOf(
  source: LogSource,
  which: number | "last" | undefined,
): { from: number; to: number } | undefined {
  const { runs } = source.clock(source.start);
  const index = which === "last" ? runs.length - 1 : runs.findIndex(({ run }) => run === which);
  const run = runs[index];
  if (run === undefined) return undefined;
  const to = Math.min(runs[index + 1]?.offset ?? source.end, source.end);
  return { from: Math.min(Math.max(run.offset, source.start), to), to };
}

function crashedLife(world: World, source: LogSource): { from: number; to: number } | undefined {
  const crash = lastCrash(world, source.record);
  if (crash === undefined) return undefined;
  const clock = source.clock(source.start);
  const known = crash.run === undefined ? clock.runAt(crash.at)?.run : crash.run;
  // Without a clock the end of the log is the nearest that can be said.
  return known === undefined ? { from: source.start, to: source.end } : lifeOf(source, known);
}
