import type { MigratedProcess, MigratedService, Migration } from "../core/migration.ts";
import { sanitize } from "./sanitize.ts";

/** A migration as a person reads it: what it did, or what it would do. */
export function* migrationLines(migration: Migration, isDryRun: boolean): Iterable<string> {
  const { home, processes, services, notes, left, backup } = migration;
  const leftLines = left.map((path) => `  ${sanitize(path)}: its name begins with a dot, and it stays where it is`);
  if (processes.length + services.length + notes.length === 0 && backup === null) {
    yield "tsm: nothing to migrate";
    yield* leftLines;
    return;
  }
  yield `tsm: an older TSM has left something in ${home}; it ${isDryRun ? "would be" : "has been"} brought over:`;
  for (const each of processes) yield `  ${processText(each)}`;
  for (const each of services) yield `  ${sanitize(serviceText(each))}`;
  for (const note of notes) yield `  ${sanitize(note)}`;
  yield* leftLines;
  yield backup === null
    ? "  The old files would be kept in a folder migrated-DATE of the home"
    : `  The old files are kept in ${backup}`;
}

function processText({ id, formerId, name, outcome, pid, port, startable }: MigratedProcess): string {
  const parts = [
    formerId === null || formerId === id ? `TSM ID: ${id}` : `TSM ID: ${id}, was ${formerId}`,
    ...(pid === null ? [] : [`PID: ${pid}`]),
    ...(port === "none" ? [] : [`Port: ${port}`]),
  ];
  const what = outcome === "adopted" ? "runs on, with its logs" : outcome;
  return `'${name}' (${parts.join(", ")}): ${what}${startable ? "" : "; what it ran is not on record"}`;
}

function serviceText({ what, ref, from, to }: MigratedService): string {
  return what === "moved" ? `service ${ref}: ${from} → ${to}` : `service ${ref}: enabled, by ${to}`;
}
