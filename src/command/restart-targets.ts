import { type AppStep, plainStep } from "../core/app-steps.ts";
import type { PlanMode } from "../core/ecosystem-plan.ts";
import type { Started } from "../core/engine.ts";
import { TsmError } from "../core/errors.ts";
import { isLive } from "../core/observe.ts";
import type { PolicyChanges } from "../core/policy-changes.ts";
import type { ProcessRecord } from "../core/process.ts";
import { quoteWord } from "../core/quote.ts";
import type { Screen } from "../view/screen.ts";
import { changesOf, planLine } from "./apps-done.ts";
import type { Context, Rehearsing } from "./define.ts";
import { type Each, eachOf } from "./each.ts";
import type { Restartable } from "./file-target.ts";
import { paced } from "./paced.ts";

/** What became of one of them. */
export interface Restarted extends Each<Started>, Pick<AppStep, "does" | "changes" | "why"> {
  /** What is watched from now on, where that was turned on or off. */
  readonly watch?: readonly string[];
}

export interface RestartsDone {
  readonly results: readonly Restarted[];
  readonly notes: readonly string[];
  /** What a file says, held against what runs, where only that counted. */
  readonly plan: readonly AppStep[];
  /** Whoever wants it all the same says so. */
  readonly unchanged: string | undefined;
  /** The plan was asked for, and nothing was done. */
  readonly dryRun: boolean;
}

export interface RestartValues {
  readonly targets: readonly Restartable[];
  readonly timeout: number | undefined;
  readonly updateEnv: boolean;
  readonly settle: number | undefined;
  readonly only: readonly string[] | undefined;
  readonly env: string | undefined;
  readonly parallel: number | undefined;
  /** Of a file all of it, and not only what has changed. */
  readonly force: boolean;
  /** Turns the watch of each on or off. */
  readonly watch: boolean;
  readonly changes: PolicyChanges | undefined;
  readonly dryRun: boolean;
  /** Instances of one app follow each other. */
  readonly rolling: boolean;
}

/** Restarts processes as they were, and the apps of files as these say now. */
export async function restartTargets(values: RestartValues, asked: Context): Promise<RestartsDone> {
  const context = paced(asked, values.parallel);
  const { targets, only, env } = values;
  const files = targets.flatMap((target) => (target.kind === "file" ? [target.file] : []));
  const records = targets.flatMap((target) => (target.kind === "process" ? [target.record] : []));
  if (files.length === 0 && (only !== undefined || env !== undefined)) {
    throw new TsmError("USAGE", `${only === undefined ? "--env" : "--only"} is for the apps of a file`, {
      hint: "tsm restart ecosystem.config.cjs --only api",
    });
  }
  if (files.length > 0 && values.watch) {
    throw new TsmError("USAGE", "--watch turns the watch of processes on or off, and not of a file's apps", {
      hint: "Write watch: true into the file, or name the processes",
    });
  }
  if (files.length > 0 && values.changes !== undefined) {
    throw new TsmError("USAGE", "what a file's apps are to be like is written into the file", {
      hint: "max_memory_restart, cron_restart and so on; or name the processes",
    });
  }
  if (values.dryRun) return await restartPlan(files, records, values, context);
  const results: Restarted[] = [];
  const notes: string[] = [];
  const plan: AppStep[] = [];
  for (const file of files) {
    const done = await restartFile(file, values, context);
    results.push(...done.results);
    notes.push(...done.notes);
    plan.push(...done.plan);
  }
  if (records.length > 0 || files.length === 0) results.push(...(await restartRecords(records, values, context)));
  const isUntouched = plan.length > 0 && [...plan, ...results].every(({ does }) => does === "nothing");
  return { results, notes, plan, unchanged: isUntouched ? forcing(files, only) : undefined, dryRun: false };
}

async function restartPlan(
  files: readonly string[],
  records: readonly ProcessRecord[],
  values: RestartValues,
  { engine, signal }: Context,
): Promise<RestartsDone> {
  const apps = await engine.apps();
  const settleMs = values.settle ?? engine.settings().settle;
  const { only, env } = values;
  const planned = await Promise.all(
    files.map((word) => apps.plan({ word, only, env, settleMs, mode: modeFor(values) }, signal)),
  );
  const named = records.map((record): AppStep => {
    const isUp = isLive(engine.observe(record).observed);
    const { name, tsm_id: id } = record;
    const does = isUp ? "restart" : "start";
    return { name, app: apps.nameOf(record), id, does, changes: [], why: isUp ? "" : "it does not run" };
  });
  const plan = [...planned.flatMap(({ steps }) => steps.map(plainStep)), ...named];
  const notes = planned.flatMap((each) => each.notes);
  return { results: [], notes, plan, unchanged: undefined, dryRun: true };
}

function forcing(files: readonly string[], only: readonly string[] | undefined): string {
  const words = [...files, ...(only === undefined ? [] : ["--only", only.join(",")]), "--force"];
  return `tsm restart ${words.map(quoteWord).join(" ")}`;
}

function modeFor({ rolling, force, updateEnv }: Pick<RestartValues, "rolling" | "force" | "updateEnv">): PlanMode {
  if (rolling) return "start";
  return force || updateEnv ? "again" : "restart";
}

async function restartFile(
  file: string,
  values: RestartValues,
  { engine, signal }: Context,
): Promise<Pick<RestartsDone, "results" | "notes" | "plan">> {
  const { only, env, rolling } = values;
  const apps = await engine.apps();
  const settleMs = values.settle ?? engine.settings().settle;
  const mode = modeFor(values);
  const planned = await apps.plan({ word: file, only, env, settleMs, mode }, signal);
  const steps = await apps.run(planned, { rolling, deed: undefined }, signal);
  return {
    notes: planned.notes,
    plan: mode === "restart" ? planned.steps : [],
    results: steps.flatMap(({ name, does, changes, why, process, error }): Restarted[] => {
      const step = { name, does, changes, why };
      if (error !== null) return [{ ...step, error }];
      if (process !== null) return [{ ...step, done: process }];
      return [step];
    }),
  };
}

/** The plan, and what became of it. */
export function* restartLines(
  verb: "restart" | "reload",
  { results, plan, unchanged, dryRun }: RestartsDone,
  screen: Pick<Screen, "paint">,
): Iterable<string> {
  if (results.length === 0 && plan.length === 0) yield `tsm: there is nothing to ${verb}`;
  for (const step of plan) yield planLine(step, screen);
  if (dryRun && plan.length > 0) yield `tsm: nothing was done: this is what ${verb} would do`;
  if (unchanged !== undefined)
    yield `tsm: nothing to restart: all is as the file says; ${unchanged} restarts it anyway`;
  for (const { name: who, done, does, changes, watch, why } of results) {
    if (done === undefined) {
      // Of what was planned so its line of the plan says it.
      const isPlanned = plan.some((step) => step.name === who && step.does === "nothing");
      if (does === "nothing" && !isPlanned) yield `tsm: '${who}' stays as it is: ${why}`;
      continue;
    }
    const { name, id, pid, port } = done;
    const where = `(TSM ID: ${id}, PID: ${pid ?? "none"}${port === "none" ? "" : `, Port: ${port}`})`;
    const what = does === "restart" ? verb : does;
    const seen = watch === undefined ? "" : watch.length === 0 ? "; watch is off" : `; watching ${watch.join(", ")}`;
    yield `tsm: ${what}ed '${name}' ${where}${plan.length > 0 ? "" : changesOf({ changes })}${seen}`;
  }
}

async function restartRecords(
  records: readonly ProcessRecord[],
  values: RestartValues,
  { engine, signal, undoable }: Context,
): Promise<Restarted[]> {
  const { timeout, settle, updateEnv, rolling, watch, changes } = values;
  const settleMs = settle ?? engine.settings().settle;
  const options = { timeoutSeconds: timeout, settleMs, updateEnv, turnWatch: watch, changes };
  const done = await undoable("restart", records, async () => {
    if (rolling) return await (await engine.apps()).roll(records, (record) => engine.restart(record, options, signal));
    const turns = await engine.turns(records.map(({ name }) => name));
    return await eachOf(records, (record) =>
      turns.take(record.name, (turn) => engine.restart(record, { ...options, turn }, signal)),
    );
  });
  const told = done.map(async (each) => {
    const record = records.find(({ name }) => name === each.name);
    const turned = watch && each.done !== undefined && record !== undefined;
    const watched = turned ? { watch: (await engine.inspect(record)).oversight.watch } : {};
    return { ...each, does: "restart" as const, changes: [], why: "", ...watched };
  });
  return await Promise.all(told);
}

/** What it would do, in words that follow "would ". */
export async function rehearseRestart(
  verb: "restart" | "reload",
  { targets, only, env, settle, force, updateEnv }: Omit<RestartValues, "rolling" | "changes" | "dryRun">,
  rehearsing: Rehearsing,
): Promise<string> {
  const { engine, signal, wouldStart } = rehearsing;
  const told: string[] = [];
  for (const target of targets) {
    if (target.kind === "process") {
      const { record } = target;
      told.push(`'${record.name}' (#${record.tsm_id}, ${engine.observe(record).observed.kind})`);
      continue;
    }
    const request = {
      word: target.file,
      only,
      env,
      settleMs: settle ?? engine.settings().settle,
      mode: modeFor({ rolling: verb === "reload", force, updateEnv }),
    };
    for (const { name, does, id, spec } of (await (await engine.apps()).plan(request, signal)).steps) {
      if (spec === undefined) continue;
      told.push(
        does === "restart" ? `'${name}' (#${id})` : `'${name}' (#${wouldStart(name, spec.port)}, not there yet)`,
      );
    }
  }
  return `${verb} ${told.length === 0 ? "nothing: there is none" : told.join(", ")}`;
}
