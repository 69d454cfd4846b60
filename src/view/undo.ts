import type { Undone, UndoPlan, UndoStep } from "../core/undo.ts";
import { duration } from "./duration.ts";

interface Telling {
  /** What stands before the first line. */
  readonly head: string;
  /** Is it told who did it? */
  readonly who: boolean;
  faint(text: string): string;
}

/** What undoing would do, exactly: one line for one process, else one below the other. */
export function* undoLines({ deed, steps }: UndoPlan, { head, who, faint }: Telling): Iterable<string> {
  const ago = `${duration(deed.agoMs)} ago`;
  const when = who ? `${ago}, ${deed.by === "shell" ? "in a shell" : "on the command line"}` : ago;
  const [only] = steps;
  if (only !== undefined && steps.length === 1) {
    yield `${head}${deed.verb} of '${only.name}' ${faint(when)}: ${stepText(only)}`;
    return;
  }
  yield `${head}${deed.verb} of ${steps.length} processes ${faint(when)}:`;
  for (const step of steps) yield `     '${step.name}': ${stepText(step)}`;
}

/** What was done to one process. What could not be done is told as an error. */
export function* undoneLine({ step, record, receipt, error }: Undone): Iterable<string> {
  if (error !== undefined) return;
  const { name } = step;
  const parts =
    record === undefined
      ? []
      : [
          `TSM ID: ${record.tsm_id}`,
          ...(record.status === "stopped" || record.status === "crashed" ? [] : [`PID: ${record.pid}`]),
          ...(record.port === "none" ? [] : [`Port: ${record.port}`]),
        ];
  const who = parts.length === 0 ? "" : ` (${parts.join(", ")})`;
  switch (step.does) {
    case "start":
      yield `tsm: started '${name}' again${who}`;
      return;
    case "re-create":
      yield step.was === "damaged"
        ? `tsm: put the damaged record of '${name}' back`
        : `tsm: re-created '${name}'${step.starts ? " and started it" : ""}${who}`;
      return;
    case "stop": {
      const count = receipt?.processes ?? 0;
      yield `tsm: stopped '${name}' (${count} ${count === 1 ? "process" : "processes"})`;
      return;
    }
    case "nothing":
      yield `tsm: '${name}' is left as it is: ${step.why}`;
      return;
    case "cannot":
      return;
  }
}

function stepText(step: UndoStep): string {
  switch (step.does) {
    case "start":
      return `starts #${step.id} again (it was ${step.was})`;
    case "re-create": {
      if (step.was === "damaged") return "puts its damaged record back";
      const id = step.id === step.idBefore ? `#${step.id}` : `#${step.id} (#${step.idBefore} is taken)`;
      return step.starts
        ? `re-creates ${id} ${step.name} and starts it (it was ${step.was})`
        : `re-creates ${id} ${step.name}, ${step.was} as it was`;
    }
    case "stop":
      return `stops #${step.id} (it was ${step.was} before)`;
    case "nothing":
      return `does nothing, ${step.why}`;
    case "cannot":
      return `cannot, ${step.why}`;
  }
}
