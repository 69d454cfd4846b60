import { appNameOf, appOf, recordsOfApp, recordsOfFile } from "./app-records.ts";
import type { AppStep, PlannedStep, StepError } from "./app-steps.ts";
import { type BesideFile, withBeside } from "./beside-file.ts";
import { readApps } from "./ecosystem-apps.ts";
import { readEcosystem } from "./ecosystem-file.ts";
import { namesInFile } from "./ecosystem-names.ts";
import { type PlanMode, planEcosystem } from "./ecosystem-plan.ts";
import { ecosystemPath, usualEcosystem } from "./ecosystem-word.ts";
import type { Started } from "./engine.ts";
import { TsmError } from "./errors.ts";
import { writeFirstEcosystem } from "./first-ecosystem.ts";
import { planScale, type ScaleChange, withInstances } from "./instances.ts";
import type { StartRequest } from "./plan.ts";
import type { ProcessRecord } from "./process.ts";
import { readRecords } from "./records.ts";
import { type Rolled, roll } from "./roll.ts";
import { type RunOptions, runSteps } from "./run-steps.ts";
import type { World } from "./world.ts";

/** What is asked of a file of apps. */
export interface FileRequest {
  /** As it was typed; undefined: the one in this folder. */
  readonly word: string | undefined;
  readonly only: readonly string[] | undefined;
  /** The NAME of `env_NAME`; with a `/` or a `.` in it a file of variables for all of them. */
  readonly env: string | undefined;
  readonly settleMs: number;
  readonly mode: PlanMode;
  /** What was said beside the file of all its apps. */
  readonly beside?: BesideFile | undefined;
}

/** What would be done, and what a person should know of the file. */
export interface AppsPlan {
  /** Absolute path, "-" for standard input, "" for none. */
  readonly file: string;
  readonly steps: readonly PlannedStep[];
  readonly notes: readonly string[];
}

/** A step and what became of it. */
export interface StepResult extends AppStep {
  readonly process: Started | null;
  readonly error: StepError | null;
}

/** Apps as files describe them, and several processes of one app. */
export interface Apps {
  /** Reads the file, and says what would have to be done. Changes nothing. */
  plan(request: FileRequest, signal: AbortSignal): Promise<AppsPlan>;
  /** So many of what `start` was asked for; their ports are held where they were looked for, until it is done. */
  withInstances<T>(request: StartRequest, asked: number | "max", act: (plan: AppsPlan) => Promise<T>): Promise<T>;
  /** More or fewer of an app, or of a process that becomes one. */
  planScale(name: string, change: ScaleChange, settleMs: number): AppsPlan;
  /** Are there instances of an app of this name? */
  has(name: string): boolean;
  /** What `scale` calls the app that a process is of, or becomes the first of. */
  scaledAs(record: ProcessRecord): string;
  /** The app that a process is of, or would be the first of. */
  nameOf(record: ProcessRecord): string;
  /** What is called as the apps on standard input. */
  onInput(): Promise<readonly ProcessRecord[]>;
  /** Does it to each: to the instances of one app one after the other, until one fails. */
  roll<T>(records: readonly ProcessRecord[], act: (record: ProcessRecord) => Promise<T>): Promise<Rolled<T>[]>;
  /** Writes an ecosystem file to begin with. */
  writeFirst(simple: boolean): { readonly file: string };
  run(plan: AppsPlan, options: RunOptions, signal: AbortSignal): Promise<StepResult[]>;
}

export function createApps(world: World, startedAs: (record: ProcessRecord, replaced: string | null) => Started): Apps {
  return {
    plan: (request, signal) => planFile(world, request, signal),
    withInstances: (request, asked, act) =>
      withInstances(world, request, asked, (steps) => act({ file: "", steps, notes: [] })),
    planScale: (name, change, settleMs) => ({ file: "", steps: planScale(world, name, change, settleMs), notes: [] }),
    has: (name) => recordsOfApp(world, name, readRecords(world).records).some(({ app }) => app?.name === name),
    scaledAs: (record) => appNameOf(world, record, readRecords(world).records),
    nameOf: (record) => appOf(world, record)?.name ?? record.name,
    async onInput() {
      const names = await namesInFile(world, "-");
      const { records } = readRecords(world);
      return names.flatMap((name) => recordsOfApp(world, name, records)).map(({ record }) => record);
    },
    roll: (records, act) => roll(world, records, act),
    writeFirst: (simple) => writeFirstEcosystem(world, simple),
    async run({ steps }, options, signal) {
      const done = await runSteps(world, steps, options, signal);
      return done.map(({ record, replaced, error, ...step }) => ({
        ...step,
        process: record === null ? null : startedAs(record, replaced),
        error,
      }));
    },
  };
}

async function planFile(world: World, request: FileRequest, signal: AbortSignal): Promise<AppsPlan> {
  const { word, env, only, settleMs, mode } = request;
  const file = word === undefined ? usualEcosystem(world) : ecosystemPath(world, word);
  if (file === undefined) {
    throw mode === "apply"
      ? new TsmError("USAGE", "there is no ecosystem file in this folder", {
          hint: "tsm apply FILE, or tsm init for a first one",
        })
      : new TsmError("USAGE", "there is no command to start, and no ecosystem file in this folder", {
          hint: "tsm start node server.js, or tsm init for an ecosystem file",
        });
  }
  const isFileOfVariables = env !== undefined && /[./]/.test(env);
  const environment = isFileOfVariables
    ? undefined
    : (env ?? (mode === "start" ? undefined : environmentBefore(world, file, only)));
  const read = readApps(await readEcosystem(world, file, signal), environment, {
    isRemembered: env === undefined,
    only,
  });
  const ecosystem = withBeside(read, request.beside);
  const steps = await planEcosystem(world, ecosystem, {
    file,
    environment: environment ?? "",
    envFile: isFileOfVariables ? env : undefined,
    settleMs,
    only,
    mode,
  });
  return { file, steps, notes: [...ecosystem.notes, ...portNotes(steps)] };
}

/** The one with which all that is meant was started from the file; undefined where there is none. */
function environmentBefore(world: World, file: string, only: FileRequest["only"]): string | undefined {
  const started = recordsOfFile(world, file, readRecords(world).records).filter(
    ({ app }) => only === undefined || (app !== undefined && only.includes(app.name)),
  );
  const [environment, another] = new Set(started.map(({ app }) => app?.environment ?? ""));
  return another === undefined && environment !== "" ? environment : undefined;
}

/** Where instances got ports of their own that nobody had asked for. */
function portNotes(steps: readonly PlannedStep[]): string[] {
  const numbered = steps.filter(({ spec }) => spec?.app?.instance != null && spec.app.incrementVariable !== "PORT");
  return [...new Set(numbered.map(({ app }) => app))].flatMap((app) => {
    const ports = numbered.flatMap(({ app: own, spec }) =>
      own === app && typeof spec?.port === "number" ? [spec.port] : [],
    );
    return ports.length < 2
      ? []
      : [`'${app}' has ${ports.length} instances, and each a port of its own: ${ports.join(", ")}`];
  });
}
