import { quoteLine } from "./quote.ts";
import type { RunNote, Shown } from "./run-note.ts";

/** What one run was started with and another was not. */
export interface RunChange {
  readonly of: "command" | "folder" | "git HEAD" | "source" | "setting" | "variable";
  /** Of the variable, the setting or what kind of source; else "". */
  readonly name: string;
  /** null: nothing. */
  readonly from: string | null;
  readonly to: string | null;
  /** They differ in what may not be shown, or is too long for that. */
  readonly hidden: boolean;
}

/** What is most telling comes first, variables by name last. */
export function changesBetween(from: RunNote, to: RunNote): RunChange[] {
  return [
    ...changeOfCommand(from.argv, to.argv),
    ...changed("folder", "", from.cwd, to.cwd),
    ...changed("git HEAD", "", from.git?.head, to.git?.head),
    ...changesIn("source", from.sources, to.sources).filter(
      // Another path is another command, which is told already.
      ({ name, hidden }) => hidden || (name !== "program" && name !== "script"),
    ),
    ...changesIn("setting", from.settings, to.settings),
    ...changesIn("variable", from.env, to.env),
  ];
}

function changeOfCommand(from: readonly Shown[], to: readonly Shown[]): RunChange[] {
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  const [before, after] = [quoteLine(from.map(textOf)), quoteLine(to.map(textOf))];
  return [{ of: "command", name: "", from: before, to: after, hidden: before === after }];
}

function changesIn(
  of: RunChange["of"],
  from: Readonly<Record<string, Shown>>,
  to: Readonly<Record<string, Shown>>,
): RunChange[] {
  const [before, after] = [new Map(Object.entries(from)), new Map(Object.entries(to))];
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .flatMap((name) => changed(of, name, before.get(name), after.get(name)));
}

function changed(of: RunChange["of"], name: string, from: Shown | undefined, to: Shown | undefined): RunChange[] {
  const [before, after] = [from === undefined ? null : textOf(from), to === undefined ? null : textOf(to)];
  const hidden = before === after && markOf(from) !== markOf(to);
  return before === after && !hidden ? [] : [{ of, name, from: before, to: after, hidden }];
}

function textOf(shown: Shown): string {
  return typeof shown === "string" ? shown : shown[0];
}

/** What is kept as it is has none: a file that cannot be read any more is another. */
function markOf(shown: Shown | undefined): string {
  return shown === undefined || typeof shown === "string" ? "" : shown[1];
}
