import { TsmError } from "./errors.ts";
import type { ProcessRecord } from "./process.ts";
import { quoteWord } from "./quote.ts";

/** Of a process that was to be started and runs. */
export function alreadyRunning({ name, tsm_id: id, pid }: ProcessRecord): TsmError {
  return new TsmError("ALREADY_RUNNING", `'${name}' is already running (TSM ID: ${id}, PID: ${pid})`, {
    hint: `tsm restart ${quoteWord(name)} starts it anew`,
    candidates: [{ id, name }],
  });
}
