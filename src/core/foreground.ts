import { TsmError } from "./errors.ts";
import { describeExit } from "./exit-text.ts";
import type { LogBatch } from "./log-request.ts";
import { readLogs } from "./logs.ts";
import { isLive, observe, runnerOf } from "./observe.ts";
import { goodRecord } from "./records.ts";
import { stopProcess } from "./stop.ts";
import type { World } from "./world.ts";

/** How a process ended that was in the foreground. */
export interface ForegroundExit {
  readonly name: string;
  /** Its own, or 128 and the number of the signal that ended it. */
  readonly exitCode: number;
  /** `exit code 3`, `killed by SIGKILL`. */
  readonly how: string;
}

/** What came, or how it ended; the latter comes last. */
export type Foreground = LogBatch | { readonly exits: readonly ForegroundExit[] };

/**
 * What processes write until all of them rest, and then how each ended. TERM, INT, HUP and QUIT to this program stop them
 * as `stop` does; so does whoever looks away before that. The runner's policy goes on holding: what is brought back goes on.
 * @param begin starts them, and says their names.
 */
export async function* inForeground(
  world: World,
  begin: () => Promise<readonly string[]>,
  signal: AbortSignal,
): AsyncGenerator<Foreground> {
  let names: readonly string[] = [];
  const atRest = () => names.every((name) => isAtRest(world, name));
  let isAsked = false;
  let ending: Promise<void> | undefined;
  const end = () => {
    isAsked = true;
    // While they are being started there is nothing to end yet.
    if (names.length > 0) ending ??= endAll(world, names);
    // Reported to whoever awaits it below.
    ending?.catch(() => undefined);
  };
  const release = world.platform.takeSignals(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"], end);
  try {
    names = await begin();
    if (isAsked) end();
    const records = names.flatMap((name) => goodRecord(world, name) ?? []);
    const filter = { pattern: undefined, invert: false, context: 0, level: undefined };
    const request = {
      ...{
        records,
        patterns: [],
        streams: ["out", "err"] as const,
        lines: undefined,
        since: undefined,
        until: undefined,
      },
      ...{ follow: true, over: atRest, run: "last" as const, crash: false, filter, withLevels: false },
    };
    yield* readLogs(world, request, signal);
    if (!signal.aborted) yield { exits: names.map((name) => exitOf(world, name)) };
  } finally {
    if (!atRest()) end();
    await ending;
    release();
  }
}

async function endAll(world: World, names: readonly string[]): Promise<void> {
  const options = { timeoutSeconds: undefined, hard: false, event: "stop", by: "user" } as const;
  await Promise.all(
    names.map(async (name) => {
      try {
        await stopProcess(world, name, options, new AbortController().signal);
      } catch (error) {
        // Somebody has deleted it, which ends it too.
        if (!(error instanceof TsmError) || error.code !== "NOT_FOUND") throw error;
      }
    }),
  );
}

/** Its runner has said how it ended, or nobody is left who could. */
function isAtRest(world: World, name: string): boolean {
  const record = goodRecord(world, name);
  if (record === undefined || record.status === "stopped" || record.status === "crashed") return true;
  const { processes } = world.platform;
  const runner = runnerOf(record);
  return !isLive(observe(record, processes)) && (runner === undefined || !processes.isAlive(runner));
}

function exitOf(world: World, name: string): ForegroundExit {
  const exit = goodRecord(world, name)?.last_exit ?? null;
  const ofSignal = world.platform.signalNumber(exit?.signal ?? "");
  const exitCode = exit?.code ?? (ofSignal === undefined ? 1 : 128 + ofSignal);
  return { name, exitCode, how: describeExit(exit) };
}
