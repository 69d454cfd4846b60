import type { Started } from "../core/engine.ts";
import { TsmError } from "../core/errors.ts";
import type { ProcessRecord } from "../core/process.ts";
import { appsDone } from "./apps-done.ts";
import type { Context, Rehearsing } from "./define.ts";
import { type Each, eachOf } from "./each.ts";
import type { Restartable } from "./file-target.ts";
import { paced } from "./paced.ts";

/** What became of one of them. */
export interface Restarted extends Each<Started> {
  readonly does: "start" | "restart";
  /** What of its file has changed since it was started. */
  readonly changes: readonly string[];
}

export interface RestartsDone {
  readonly results: readonly Restarted[];
  readonly notes: readonly string[];
}

export interface RestartValues {
  readonly targets: readonly Restartable[];
  readonly timeout: number | undefined;
  readonly updateEnv: boolean;
  readonly settle: number | undefined;
  readonly only: readonly string[] | undefined;
  readonly env: string | undefined;
  readonly parallel: number | undefined;
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
  const results: Restarted[] = [];
  const notes: string[] = [];
  for (const file of files) {
    const done = await restartFile(file, values, context);
    results.push(...done.results);
    notes.push(...done.notes);
  }
  if (records.length > 0 || files.length === 0) results.push(...(await restartRecords(records, values, context)));
  return { results, notes };
}

async function restartFile(file: string, values: RestartValues, { engine, signal }: Context): Promise<RestartsDone> {
  const { only, env, rolling } = values;
  const apps = await engine.apps();
  const settleMs = values.settle ?? engine.settings().settle;
  const plan = await apps.plan({ word: file, only, env, settleMs, mode: "start" }, signal);
  const steps = await apps.run(plan, { rolling, deed: undefined }, signal);
  const { results } = appsDone(plan, steps);
  return {
    notes: plan.notes,
    results: results.map((each) => {
      const step = steps.find(({ name }) => name === each.name);
      return { ...each, does: step?.does === "start" ? "start" : "restart", changes: step?.changes ?? [] };
    }),
  };
}

async function restartRecords(
  records: readonly ProcessRecord[],
  values: RestartValues,
  { engine, signal, undoable }: Context,
): Promise<Restarted[]> {
  const { timeout, settle, updateEnv, rolling } = values;
  const options = { timeoutSeconds: timeout, settleMs: settle ?? engine.settings().settle, updateEnv };
  const done = await undoable("restart", records, async () => {
    if (rolling) return await (await engine.apps()).roll(records, (record) => engine.restart(record, options, signal));
    const turns = await engine.turns(records.map(({ name }) => name));
    return await eachOf(records, (record) =>
      turns.take(record.name, (turn) => engine.restart(record, { ...options, turn }, signal)),
    );
  });
  return done.map((each) => ({ ...each, does: "restart", changes: [] }));
}

/** What it would do, in words that follow "would ". */
export async function rehearseRestart(
  verb: "restart" | "reload",
  { targets, only, env, settle }: Omit<RestartValues, "rolling">,
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
      mode: "start",
    } as const;
    for (const { name, does, id, spec } of (await (await engine.apps()).plan(request, signal)).steps) {
      if (spec === undefined) continue;
      told.push(
        does === "restart" ? `'${name}' (#${id})` : `'${name}' (#${wouldStart(name, spec.port)}, not there yet)`,
      );
    }
  }
  return `${verb} ${told.length === 0 ? "nothing: there is none" : told.join(", ")}`;
}
