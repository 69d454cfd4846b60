import { displayWidth } from "./width.ts";

/**
 * What turns one picture of a whole screen into the next: only rows that differ are written, all at once, and a terminal
 * that can holds them back until they are whole. "" when nothing differs.
 * @param before undefined: nothing is known of the screen.
 * @param rows none is wider than the screen.
 */
export function repaint(before: readonly string[] | undefined, rows: readonly string[], columns: number): string {
  const count = Math.max(rows.length, before?.length ?? 0);
  let changes = before === undefined ? "\x1b[0m\x1b[2J" : "";
  for (let index = 0; index < count; index++) {
    const row = rows[index] ?? "";
    if (before !== undefined && before[index] === row) continue;
    if (before === undefined && row === "") continue;
    // Behind a full row the cursor stands on its last cell, which erasing would take along.
    const rest = displayWidth(row) < columns ? "\x1b[K" : "";
    changes += `\x1b[${index + 1};1H${row}\x1b[0m${rest}`;
  }
  return changes === "" ? "" : `\x1b[?2026h${changes}\x1b[?2026l`;
}
