import type { BootFinding } from "../core/boot-check.ts";
import type { BootChange } from "../core/boot-plan.ts";
import { sanitize } from "./sanitize.ts";

export function* findingLines(findings: readonly BootFinding[]): Iterable<string> {
  for (const { good, what } of findings) yield `${good === null ? "⚠️ " : good ? "✅" : "❌"} ${sanitize(what)}`;
}

export function* changeLines({ did }: BootChange): Iterable<string> {
  for (const each of did) yield `✅ ${sanitize(each)}`;
}

export function* changeNotes({ failed }: BootChange): Iterable<string> {
  for (const { command, problem } of failed) yield sanitize(`${command} failed, run it yourself: ${problem}`);
}
