import type { Holder } from "../core/port-holders.ts";
import type { Reconciliation } from "../core/reconcile.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";

const signs = { correct: "✅", warning: "⚠️ ", mismatch: "❌" } as const;
/** Where signs are not shown: what a line of words would lose with them. */
const words = { correct: "correct", warning: "warning", mismatch: "mismatch" } as const;

/** What `reconcile` and `doctor reconcile` say. */
export function* reconcileLines(found: Reconciliation, { paint, plain }: Screen): Iterable<string> {
  for (const { name, verdict, why } of found.processes) {
    const text = sanitize(`${signs[verdict]} ${plain ? `${words[verdict]} ` : ""}${name}: ${why}`);
    yield verdict === "mismatch" ? paint.bad(text) : verdict === "warning" ? paint.warn(text) : text;
  }
  for (const orphan of found.orphans) yield paint.faint(sanitize(`🔓 ${orphanText(orphan)}`));
  if (found.processes.length + found.orphans.length > 0) yield "";
  yield `Correct: ${found.correct}`;
  if (found.warnings > 0) yield `Warnings: ${found.warnings}`;
  yield `Mismatches: ${found.mismatches}`;
  yield `Orphan ports: ${found.orphans.length}`;
}

function orphanText({ port, pid, owner, process, home, command }: Holder): string {
  const who = pid === null ? "another user's process" : `PID ${pid}`;
  const what = command === "" ? "" : ` ${command.slice(0, 60)}`;
  if (owner === "orphan") return `Port ${port}: ${who}${what}, left behind by '${process}': tsm doctor orphans`;
  if (owner === "other-home") return `Port ${port}: ${who}${what}, '${process}' of the home ${home}`;
  return `Port ${port}: ${who}${what}, not managed by TSM`;
}
