import type { Trigger } from "../core/token-triggers.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";

/** The patterns that have a name, and what a home does when events fit. */
export function* triggerLines(
  patterns: readonly { readonly name: string; readonly summary: string }[],
  triggers: readonly Trigger[],
  { paint }: Screen,
): Iterable<string> {
  const width = Math.max(...patterns.map(({ name }) => name.length));
  yield paint.strong("Patterns with a name");
  for (const { name, summary } of patterns) yield `  ${name.padEnd(width)}  ${paint.faint(summary)}`;
  yield paint.strong("Triggers of config/triggers.conf");
  if (triggers.length === 0) yield "  none; a line is PATTERN|COMMAND|DESCRIPTION|ENABLED";
  for (const { pattern, command, description, enabled } of triggers) {
    const what = description === "" ? "" : paint.faint(`  ${sanitize(description)}`);
    yield `  ${sanitize(pattern)} → ${sanitize(command)}${what}${enabled ? "" : paint.warn("  (off)")}`;
  }
}
