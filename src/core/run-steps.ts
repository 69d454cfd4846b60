import { type AppStep, type DoneStep, type PlannedStep, plainStep } from "./app-steps.ts";
import { deleteProcess } from "./delete.ts";
import { TsmError } from "./errors.ts";
import { type LaunchSpec, launch } from "./launch.ts";
import { eachInOrder, type Needs } from "./needs.ts";
import { observe } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { inStopOrder } from "./process-order.ts";
import { putOnRecord } from "./put-on-record.ts";
import { goodRecord } from "./records.ts";
import { restartProcess } from "./restart.ts";
import { type Turn, Turns, withoutNeed } from "./turns.ts";
import { waitFor } from "./wait-for.ts";
import type { World } from "./world.ts";

export interface RunOptions {
  /** The instances of an app one after the other, each when the one before is up. */
  readonly rolling: boolean;
  /** Keeps what is deleted, to be undone. */
  readonly deed: string | undefined;
}

/**
 * Does them: what goes first, then each behind what it depends on, the others side by side. One that fails stops those
 * that need it and no other.
 */
export async function runSteps(
  world: World,
  steps: readonly PlannedStep[],
  options: RunOptions,
  signal: AbortSignal,
): Promise<DoneStep[]> {
  const done = new Map<string, DoneStep>();
  const byName = new Map(steps.map((step) => [step.name, step]));
  const doomed = steps.filter(({ does }) => does === "delete").map(({ name }) => name);
  for (const gone of await inStopOrder(world, doomed, (name) =>
    deleted(world, stepOf(byName, name), options.deed, signal),
  ))
    done.set(gone.name, gone);
  const acting = steps.filter(({ spec }) => spec !== undefined);
  const needs: Needs = new Map(acting.map(({ name, spec }) => [name, spec?.dependsOn ?? []]));
  const begun = options.rolling
    ? await oneByOne(acting, needs, (step) => started(world, step, undefined, signal))
    : await inTurns(world, acting, needs, (step, turn) => started(world, step, turn, signal));
  for (const each of begun) done.set(each.name, each);
  return steps.map((step) => done.get(step.name) ?? { ...plainStep(step), record: null, replaced: null, error: null });
}

function stepOf(steps: ReadonlyMap<string, PlannedStep>, name: string): PlannedStep {
  const step = steps.get(name);
  if (step === undefined) throw new Error("what is done was planned");
  return step;
}

async function deleted(
  world: World,
  step: PlannedStep,
  deed: string | undefined,
  signal: AbortSignal,
): Promise<DoneStep> {
  return await tried(step, async () => {
    await deleteProcess(world, step.name, { timeoutSeconds: undefined, keepLogs: false, deed }, signal);
    return { record: null, replaced: null };
  });
}

interface Ran extends Partial<Pick<AppStep, "does" | "why">> {
  readonly record: ProcessRecord | null;
  readonly replaced: string | null;
}

async function started(
  world: World,
  { name, spec, id, does }: PlannedStep,
  turn: Turn | undefined,
  signal: AbortSignal,
): Promise<Ran> {
  if (spec === undefined) throw new Error("what is started has a spec");
  if (does === "record") return { record: await putOnRecord(world, spec, signal), replaced: null };
  if (id === null) {
    // What it needs may end: nothing of this runs.
    turn?.ended();
    await turn?.mayBegin();
    return await startedOnce(world, spec, signal);
  }
  let wasLive = false;
  const before = goodRecord(world, name)?.command;
  const options = {
    timeoutSeconds: undefined,
    settleMs: spec.settleMs,
    by: "user",
    ...(turn === undefined ? {} : { turn }),
    specFor: (held: ProcessRecord, restarts: number) => {
      wasLive = restarts > held.restarts;
      return { ...spec, restarts };
    },
  } as const;
  const record = await restartProcess(world, name, options, signal);
  // Somebody else may have started it since it was planned, or ended it.
  const replaced = before === undefined || before === record.command ? null : before;
  return { record, replaced, does: wasLive ? "restart" : "start" };
}

/** What was not there when it was planned: another start of the same file may have been quicker. */
async function startedOnce(world: World, spec: LaunchSpec, signal: AbortSignal): Promise<Ran> {
  try {
    const { record, replaced = null } = await launch(world, spec, signal);
    return { record, replaced };
  } catch (error) {
    if (!(error instanceof TsmError) || error.code !== "ALREADY_RUNNING") throw error;
    await waitFor(world, spec.name, { kind: "online" }, undefined, signal);
    return { record: null, replaced: null, does: "nothing", why: "another tsm has just started it" };
  }
}

/** Like a restart of all of them: what needs another one ends before that and begins behind it. */
async function inTurns(
  world: World,
  steps: readonly PlannedStep[],
  needs: Needs,
  act: (step: PlannedStep, turn: Turn) => Promise<Ran>,
): Promise<DoneStep[]> {
  const isUp = (name: string) => {
    const record = goodRecord(world, name);
    return record !== undefined && observe(record, world.platform.processes).kind === "online";
  };
  const turns = new Turns(needs, isUp);
  return await Promise.all(steps.map((step) => tried(step, () => turns.take(step.name, (turn) => act(step, turn)))));
}

async function oneByOne(
  steps: readonly PlannedStep[],
  needs: Needs,
  act: (step: PlannedStep) => Promise<Ran>,
): Promise<DoneStep[]> {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const chained = new Map(
    steps.map((step, index) => {
      const before = steps.slice(0, index).findLast(({ app }) => app === step.app);
      return [step.name, [...(needs.get(step.name) ?? []), ...(before === undefined ? [] : [before.name])]] as const;
    }),
  );
  return await eachInOrder<DoneStep>(chained, async (name, before) => {
    const step = stepOf(byName, name);
    return await tried(step, () => {
      const failed = before.find(({ error }) => error !== null);
      if (failed?.error == null) return act(step);
      const { code: _code, message } = failed.error;
      throw failed.app === step.app
        ? new TsmError("START_FAILED", `'${name}' was left as it was, as '${failed.name}' did not come up`)
        : withoutNeed(name, failed.name, new TsmError("START_FAILED", message));
    });
  });
}

async function tried(step: PlannedStep, act: () => Promise<Ran>): Promise<DoneStep> {
  try {
    return { ...plainStep(step), ...(await act()), error: null };
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    const { code, message, hint = null, exitCode } = error;
    return { ...plainStep(step), record: null, replaced: null, error: { code, message, hint, exitCode } };
  }
}
