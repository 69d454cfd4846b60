import type { SetAside } from "../core/dump-store.ts";
import type { ResurrectedList, ResurrectedRow } from "../core/saved.ts";
import { sanitize } from "./sanitize.ts";

/** A line for each that is there now. */
export function* resurrectedLines({ processes, file }: ResurrectedList): Iterable<string> {
  if (processes.length === 0) yield `tsm: the saved list is empty: ${file}`;
  for (const row of processes) {
    const line = resurrectedLine(row);
    if (line !== undefined) yield line;
  }
}

function resurrectedLine({ name, outcome, process }: ResurrectedRow): string | undefined {
  const id = process === null ? "" : ` (TSM ID: ${process.id})`;
  switch (outcome) {
    case "started": {
      const port = process === null || process.port === "none" ? "" : `, Port: ${process.port}`;
      return `tsm: resurrected '${name}' (TSM ID: ${process?.id}, PID: ${process?.pid ?? "none"}${port})`;
    }
    case "running":
      return `⚠️  Already running: ${process?.name ?? name}`;
    case "resting":
      return `tsm: '${name}' was stopped since and stays so${id}`;
    case "restored":
      return `tsm: '${name}' is on record again, stopped as it was saved${id}`;
    case "kept":
      return `tsm: '${name}' stays stopped, as it was saved${id}`;
    case "failed":
      return undefined;
  }
}

/** What went wrong, and what is not as it was. */
export function* resurrectedNotes({ processes, setAside, file }: ResurrectedList): Iterable<string> {
  yield* setAsideNotes(setAside);
  if (setAside.length > 0) yield `${file} was used instead`;
  for (const { name, problem, hint, moved } of processes) {
    if (moved !== null && moved.to !== "") yield sanitize(`'${name}': ${moved.from} is gone, it runs ${moved.to}`);
    if (problem === null) continue;
    const told = problem.split("\n").map(sanitize).join("\n");
    yield `❌ ${name}: ${told}${hint === null ? "" : `\n  ${sanitize(hint)}`}`;
  }
}

export function* setAsideNotes(setAside: readonly SetAside[]): Iterable<string> {
  for (const { file, movedTo, problem } of setAside)
    yield `${file} is damaged: ${problem}${movedTo === file ? "" : `; it is kept as ${movedTo}`}`;
}
