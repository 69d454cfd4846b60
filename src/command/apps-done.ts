import type { AppStep } from "../core/app-steps.ts";
import type { AppsPlan, StepResult } from "../core/apps.ts";
import type { Started } from "../core/engine.ts";
import type { Screen } from "../view/screen.ts";
import type { Each } from "./each.ts";

/** What became of the apps of a file. */
export interface AppsDone {
  readonly file: string;
  readonly notes: readonly string[];
  readonly steps: readonly StepResult[];
  /** Of those that were to be started. */
  readonly results: Each<Started>[];
}

export function appsDone({ file, notes }: AppsPlan, steps: readonly StepResult[]): AppsDone {
  const results = steps.flatMap(({ name, process, error }): Each<Started>[] =>
    error !== null ? [{ name, error }] : process === null ? [] : [{ name, done: process }],
  );
  return { file, notes, steps, results };
}

/** Of several files. */
export function together(all: readonly AppsDone[]): AppsDone {
  return {
    file: all.map(({ file }) => file).join(", "),
    notes: all.flatMap(({ notes }) => notes),
    steps: all.flatMap(({ steps }) => steps),
    results: all.flatMap(({ results }) => results),
  };
}

/** A line for each. */
export function* stepLines({ steps }: Pick<AppsDone, "steps">): Iterable<string> {
  for (const step of steps) {
    const { name, does, why, process, error } = step;
    if (error !== null) continue;
    if (does === "nothing") yield `tsm: '${name}' stays as it is: ${why}`;
    if (does === "delete") yield `tsm: deleted '${name}': ${why}`;
    if (process === null) continue;
    const { id, pid, port } = process;
    const where = `(TSM ID: ${id}, PID: ${pid ?? "none"}${port === "none" ? "" : `, Port: ${port}`})`;
    yield `tsm: ${does}ed '${name}' ${where}${changesOf(step)}${does === "record" ? `: ${why}` : ""}`;
  }
}

/** `+ api`, `~ api (changed: env.PORT)`, `- api (why)`, `  api (why)`. */
export function planLine(
  step: Pick<AppStep, "name" | "does" | "changes" | "why">,
  { paint }: Pick<Screen, "paint">,
): string {
  const { name, does, why } = step;
  const reason = does === "restart" ? changesOf(step).replace(/^; /, "") : why;
  const line = `${{ start: "+", record: "+", restart: "~", delete: "-", nothing: " " }[does]} ${name}${reason === "" ? "" : ` (${reason})`}`;
  if (does === "start" || does === "record") return paint.good(line);
  if (does === "delete") return paint.bad(line);
  return does === "restart" ? paint.warn(line) : paint.faint(line);
}

export function changesOf({ changes }: Pick<AppStep, "changes">): string {
  return changes.length === 0 ? "" : `; changed: ${changes.join(", ")}`;
}

export function* appsNotes({ notes }: Pick<AppsDone, "notes">): Iterable<string> {
  yield* notes;
}
