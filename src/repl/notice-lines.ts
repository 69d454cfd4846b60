import type { ShellNotice } from "../command/define.ts";
import { sanitize } from "../view/sanitize.ts";
import { clip } from "../view/width.ts";
import type { Styles } from "./editor/styles.ts";
import type { Printer } from "./printer.ts";

const marks = { bad: "✗", good: "●", warn: "!" };

/** Notices as they are told above the prompt, each cut to one row. */
export function noticeLines(
  notices: readonly ShellNotice[],
  leftOut: number,
  { printer, styles, columns }: { readonly printer: Printer; readonly styles: Styles; readonly columns: number },
): string[] {
  const lines = notices.flatMap(({ kind, text, words }) => [
    printer.painted(styles[kind], clip(`${marks[kind]} ${sanitize(text)}`, columns - 1)),
    ...(words === undefined ? [] : [printer.faint(clip(`  ${sanitize(words)}`, columns - 1))]),
  ]);
  return leftOut > 0 ? [...lines, printer.faint(`  and ${leftOut} more: /notices`)] : lines;
}
