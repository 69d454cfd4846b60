import type { StartupRow } from "../core/services.ts";
import { sanitize } from "./sanitize.ts";

/** What became of several services that were to be started. */
export function* startupLines(rows: readonly StartupRow[]): Iterable<string> {
  for (const { ref, outcome, process } of rows) {
    if ((outcome === "started" || outcome === "restarted") && process !== null) {
      const { name, id, pid, port } = process;
      yield `✅ ${ref}: ${outcome} '${name}' (TSM ID: ${id}, PID: ${pid ?? "none"}${port === "none" ? "" : `, Port: ${port}`})`;
    }
    if (outcome === "running") yield `⚠️  Already running: ${process?.name ?? ref}`;
    if (outcome === "skipped") yield `${ref}: left out, as its TSM_AUTOSTART says`;
  }
}

/** And why it became nothing. */
export function* startupNotes(rows: readonly StartupRow[]): Iterable<string> {
  for (const { ref, problem } of rows)
    if (problem !== null) yield `❌ ${ref}: ${problem.replace(/^❌ /, "").split("\n").map(sanitize).join("\n")}`;
}
