import type { Engine } from "../core/engine.ts";
import type { Offered } from "./completing.ts";

/** The runs of a process as Tab offers them, each with when it began. */
export function runsOffered(engine: Pick<Engine, "runs">, name: string): Offered[] {
  return engine.runs(name).map(({ run, time }) => {
    const at = new Date(time * 1000);
    const two = (number: number): string => String(number).padStart(2, "0");
    const day = [String(at.getFullYear()), two(at.getMonth() + 1), two(at.getDate())].join("-");
    return { value: String(run), summary: `began ${day} ${two(at.getHours())}:${two(at.getMinutes())}` };
  });
}
