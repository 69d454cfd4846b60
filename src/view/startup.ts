import type { BootFinding } from "../core/boot-check.ts";
import type { BootChange } from "../core/boot-plan.ts";
import type { StartupRow } from "../core/services.ts";
import { sanitize } from "./sanitize.ts";

/** A line for each service that is enabled and could be started. */
export function* startupLines(rows: readonly StartupRow[]): Iterable<string> {
  if (rows.length === 0) yield "tsm: no service is enabled";
  for (const { ref, outcome, process } of rows) {
    if (outcome === "started" && process !== null) {
      const { name, id, pid, port } = process;
      yield `✅ ${ref}: started '${name}' (TSM ID: ${id}, PID: ${pid ?? "none"}${port === "none" ? "" : `, Port: ${port}`})`;
    }
    if (outcome === "running") yield `⚠️  Already running: ${process?.name ?? ref}`;
    if (outcome === "skipped") yield `${ref}: left out, as its TSM_AUTOSTART says`;
  }
}

export function* startupNotes(rows: readonly StartupRow[]): Iterable<string> {
  for (const { ref, problem } of rows) {
    if (problem === null) continue;
    yield `❌ ${ref}: ${problem.split("\n").map(sanitize).join("\n")}`;
  }
}

export function* findingLines(findings: readonly BootFinding[]): Iterable<string> {
  for (const { good, what } of findings) yield `${good === null ? "⚠️ " : good ? "✅" : "❌"} ${sanitize(what)}`;
}

export function* changeLines({ did }: BootChange): Iterable<string> {
  for (const each of did) yield `✅ ${sanitize(each)}`;
}

export function* changeNotes({ failed }: BootChange): Iterable<string> {
  for (const { command, problem } of failed) yield sanitize(`${command} failed, run it yourself: ${problem}`);
}
