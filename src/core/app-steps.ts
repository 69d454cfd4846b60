import type { LaunchSpec } from "./launch.ts";
import type { ProcessRecord } from "./process.ts";

/** What is to be done to one process so that it is what its file says. */
export interface AppStep {
  /** Of the process. */
  readonly name: string;
  /** Of the app. */
  readonly app: string;
  /** null: it is not there yet. */
  readonly id: number | null;
  /** `record`: name, id and launch files, and no start. */
  readonly does: "start" | "restart" | "record" | "delete" | "nothing";
  /** What is no longer as it was started: attributes, and variables as `env.NAME`. */
  readonly changes: readonly string[];
  /** Why nothing is done, or something else than a change asks for it; "" when the changes say it. */
  readonly why: string;
}

/** A step and what is to run when it is done; undefined where nothing is. */
export interface PlannedStep extends AppStep {
  readonly spec: LaunchSpec | undefined;
}

/** A step, and what became of it. */
export interface DoneStep extends AppStep {
  /** Of what runs now, or was put on record; null where neither. */
  readonly record: ProcessRecord | null;
  /** The command that stood under this name before. */
  readonly replaced: string | null;
  readonly error: StepError | null;
}

export interface StepError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly exitCode: number;
}

/** Without what only the engine needs to know. */
export function plainStep({ name, app, id, does, changes, why }: AppStep): AppStep {
  return { name, app, id, does, changes, why };
}
