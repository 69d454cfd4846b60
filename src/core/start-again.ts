import { dependsOn } from "./depends-on.ts";
import { TsmError } from "./errors.ts";
import { eachInOrder } from "./needs.ts";
import { isLive, observe } from "./observe.ts";
import type { PolicyChanges } from "./policy-changes.ts";
import { deletedMeanwhile, goodRecord } from "./records.ts";
import { type Restarted, restartAnew } from "./restart-anew.ts";
import { withoutNeed } from "./turns.ts";
import { waitFor } from "./wait-for.ts";
import type { World } from "./world.ts";

export interface AgainOptions {
  readonly settleMs: number;
  /** What is asked for begins with the caller's environment. */
  readonly updateEnv?: boolean | undefined;
  readonly changes?: PolicyChanges | undefined;
}

/**
 * Starts what rests as it was, and before it what it needs.
 * @returns what was started: what was asked for comes last.
 */
export async function startAgain(
  world: World,
  name: string,
  options: AgainOptions,
  signal: AbortSignal,
): Promise<Restarted[]> {
  const outcomes = await eachInOrder<Outcome>(needsFrom(world, name), async (each, before) => {
    try {
      const failed = before.find(({ result }) => result instanceof TsmError);
      if (failed?.result instanceof TsmError) throw withoutNeed(each, failed.name, failed.result);
      return { name: each, result: await up(world, each, each === name, options, signal) };
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      return { name: each, result: error };
    }
  });
  if (outcomes.length === 0) throw deletedMeanwhile(name);
  const asked = outcomes.at(-1)?.result;
  if (asked instanceof TsmError) throw asked;
  return outcomes.flatMap(({ result }) => (result === undefined || result instanceof TsmError ? [] : [result]));
}

interface Outcome {
  readonly name: string;
  /** undefined: it was up. */
  readonly result: Restarted | TsmError | undefined;
}

/** What it needs, what that needs, and so on. What was deleted cannot be started and is nobody's need any more. */
function needsFrom(world: World, name: string): Map<string, readonly string[]> {
  const needs = new Map<string, readonly string[]>();
  const ahead = [name];
  for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
    if (needs.has(next) || goodRecord(world, next) === undefined) continue;
    const needed = dependsOn(world, next);
    needs.set(next, needed);
    ahead.push(...needed);
  }
  return needs;
}

async function up(
  world: World,
  name: string,
  isAsked: boolean,
  { settleMs, updateEnv = false, changes }: AgainOptions,
  signal: AbortSignal,
): Promise<Restarted | undefined> {
  const record = goodRecord(world, name);
  if (!isAsked && record !== undefined && isLive(observe(record, world.platform.processes))) {
    await waitFor(world, name, { kind: "online" }, mostWaitMs, signal);
    return undefined;
  }
  return await restartAnew(
    world,
    name,
    {
      timeoutSeconds: undefined,
      settleMs,
      unlessLive: true,
      updateEnv: isAsked && updateEnv,
      changes: isAsked ? changes : undefined,
    },
    signal,
  );
}

/** For what is not up yet. */
const mostWaitMs = 60_000;
