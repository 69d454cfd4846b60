import { type Moment, resolveMoment } from "./log-moment.ts";
import { readLogs } from "./logs.ts";
import type { ProcessRecord } from "./process.ts";
import { goodRecord } from "./records.ts";
import { type Token, tokenFields, tokenOf } from "./token.ts";
import { isSetOff, readTriggers, runTrigger, type Trigger, type Triggers } from "./token-triggers.ts";
import { logTrigger } from "./trigger-log.ts";
import type { World } from "./world.ts";

/** Events as verbs see them. */
export interface Tokens {
  read(request: TokenRequest, signal: AbortSignal): AsyncIterable<TokenBatch>;
  collect(request: TokenRequest, signal: AbortSignal): Promise<Collected>;
  triggers(): Triggers;
  /** Runs what an event sets off, to its end. @returns what has not done its work, in words */
  setOff(triggers: readonly Trigger[], name: string, token: Token, signal: AbortSignal): Promise<string[]>;
}

export function createTokens(world: World): Tokens {
  return {
    read: (request, signal) => readTokens(world, request, signal),
    collect: (request, signal) => collectTokens(world, request, signal),
    triggers: () => readTriggers(world),
    async setOff(triggers, name, token, signal) {
      const wanted = triggers.filter((trigger) => isSetOff(trigger, token));
      const said = await Promise.all(
        wanted.map(async (trigger) => {
          const problem = await runTrigger(world, trigger, name, token, signal);
          logTrigger(world, trigger, name, token, problem);
          return problem === undefined ? [] : [`triggers.conf, line ${trigger.line}: ${problem}`];
        }),
      );
      return said.flat();
    },
  };
}

/** Which events of one process. */
export interface TokenRequest {
  readonly record: ProcessRecord;
  /** Where facts stand, where that is not what the settings say: see `tokenFields`. */
  readonly fields: string;
  readonly since: Moment | undefined;
  readonly until: Moment | undefined;
  /** Then what comes, until the signal ends it. */
  readonly follow: boolean;
}

export interface TokenBatch {
  /** It has come since the reading began. */
  readonly isNew: boolean;
  readonly tokens: readonly Token[];
  /** Lines that were read for them. */
  readonly lines: number;
  /** Lines that begin as an event and cannot be read. */
  readonly damaged: number;
  readonly notes: readonly string[];
}

/** Events as they stand in the logs, by the time of their lines; their own time says whether they are within the window. */
async function* readTokens(world: World, request: TokenRequest, signal: AbortSignal): AsyncGenerator<TokenBatch> {
  const { record, since, until, follow } = request;
  const fields = tokenFields(`${world.settings().tokenFields},${request.fields}`);
  const { clock } = world.platform;
  const now = { nowMs: clock.nowMs(), sinceBootMs: clock.sinceBootMs() };
  const at = (moment: Moment | undefined) =>
    moment === undefined || moment.kind === "start" ? undefined : resolveMoment(moment, now);
  const [from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY] = [at(since), at(until)];
  const logRequest = {
    records: [record],
    patterns: [],
    streams: ["out", "err"] as const,
    // With a time limit that is the limit.
    lines: since === undefined || follow ? allLines : undefined,
    follow,
    // An event is never written before it is. Without it, too, no batch is empty but the one behind the last old line.
    since: follow ? undefined : since,
    // Its own time may be long before its line's.
    until: undefined,
    run: undefined,
    crash: false,
    filter: { pattern: undefined, invert: false, context: 0, level: undefined },
    withLevels: false,
    ...(follow ? { over: () => isDeleted(world, record) } : {}),
  };
  let isNew = false;
  for await (const { lines, notes } of readLogs(world, logRequest, signal)) {
    const tokens: Token[] = [];
    let damaged = 0;
    for (const line of lines) {
      const token = tokenOf(line, fields);
      if (token === "damaged") damaged += 1;
      else if (token !== undefined && (token.time === null || (token.time >= from && token.time <= to)))
        tokens.push(token);
    }
    yield { isNew, tokens, lines: lines.length, damaged, notes };
    if (follow && lines.length === 0) isNew = true;
  }
  if (follow && !signal.aborted)
    yield { isNew: true, tokens: [], lines: 0, damaged: 0, notes: [`'${record.name}' was deleted`] };
}

/** What cannot be read at the moment is not gone. */
function isDeleted(world: World, { name, created }: ProcessRecord): boolean {
  const now = goodRecord(world, name);
  if (now !== undefined) return now.created !== created;
  return world.platform.files.kind(`${world.home.processes}/${name}/meta.json`) === "missing";
}

const allLines = 1_000_000_000;

/** What a report is made of. */
export interface Collected {
  /** By their time; what has none stands where it was read. */
  readonly tokens: readonly Token[];
  readonly lines: number;
  readonly notes: readonly string[];
}

async function collectTokens(world: World, request: TokenRequest, signal: AbortSignal): Promise<Collected> {
  const tokens: Token[] = [];
  const notes: string[] = [];
  let [lines, damaged, dropped] = [0, 0, 0];
  for await (const batch of readTokens(world, request, signal)) {
    tokens.push(...batch.tokens);
    lines += batch.lines;
    damaged += batch.damaged;
    notes.push(...batch.notes);
    if (tokens.length > 2 * mostKept) dropped += tokens.splice(0, tokens.length - mostKept).length;
  }
  if (damaged > 0) notes.push(`${damaged} ${damaged === 1 ? "event has" : "events have"} JSON that cannot be read`);
  if (dropped > 0) notes.push(`only the last ${tokens.length} events are counted, ${dropped} more are older`);
  return { tokens: byTime(tokens), lines, notes };
}

const mostKept = 200_000;

/** What has no time stays behind the event that it was read after. */
function byTime(tokens: readonly Token[]): Token[] {
  let last = 0;
  const placed = tokens.map((token) => {
    last = token.time ?? last;
    return { token, at: last };
  });
  return placed.sort((a, b) => a.at - b.at).map(({ token }) => token);
}
