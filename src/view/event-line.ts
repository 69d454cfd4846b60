import type { Paint } from "./paint.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { clip, padEnd } from "./width.ts";

/** Something that happened, in words. */
export interface EventWords {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Of the processes; may be empty. */
  readonly name: string;
  readonly event: string;
  readonly text: string;
}

const usual = { withDay: true, nameColumns: 16 };

/**
 * On a terminal `2026-01-02 10:00:00  api  exited: exit code 3` in the time of this machine, cut to its width, and below
 * time and name where that leaves too little; in a pipe the same words with a time that says its zone, and nothing cut.
 */
export function* eventLines(
  { at, name, event, text }: EventWords,
  { terminal, plain, columns, paint, cut }: Screen,
  { withDay, nameColumns }: { readonly withDay: boolean; readonly nameColumns: number } = usual,
): Iterable<string> {
  const words = sanitize(text);
  const who = sanitize(name) || "-";
  if (!terminal || plain === true) {
    yield `${new Date(at).toISOString().slice(0, -".000Z".length)}Z ${who} ${words}`;
    return;
  }
  const time = localTime(at).slice(withDay ? 0 : "2026-01-02 ".length);
  const colour = colourOf(event, text, paint);
  const beside = time.length + nameColumns + 4;
  if (columns !== undefined && columns - beside < 20) {
    yield `${paint.faint(time)}  ${paint.strong(clip(who, Math.max(1, columns - time.length - 2), cut))}`;
    yield `  ${colour(clip(words, columns - 2, cut))}`;
    return;
  }
  const label = padEnd(clip(who, nameColumns, cut), nameColumns);
  const shown = columns === undefined ? words : clip(words, columns - beside, cut);
  yield `${paint.faint(time)}  ${paint.strong(label)}  ${colour(shown)}`;
}

/** `2026-01-02 10:00:00` in the time of this machine. */
export function localTime(ms: number): string {
  const at = new Date(ms);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

const bad: ReadonlySet<string> = new Set([
  "gave-up",
  "crash",
  "errors",
  "start-failed",
  "unseen-exit",
  "hook-failed",
  "disk-low",
  "rotation-failed",
]);

function colourOf(event: string, text: string, paint: Paint): (text: string) => string {
  if (bad.has(event)) return paint.bad;
  if (event === "exit") return text.includes("wanted by") || text.includes("exit code 0,") ? paint.faint : paint.bad;
  if (event === "start" || event === "adopt") return paint.good;
  if (event === "command" || event === "source" || event === "config") return paint.accent;
  return event === "port-held" ? paint.warn : (same) => same;
}
