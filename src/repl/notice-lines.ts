import { wrap } from "../command/help.ts";
import type { ShellNotice } from "../command/shell.ts";
import type { Look } from "../view/look.ts";
import { sanitize } from "../view/sanitize.ts";
import { clip } from "../view/width.ts";
import { painted, type Styles } from "./editor/styles.ts";

/** What is told above the prompt: a row or two for each; as sentences where there are only words. */
export function noticeLines(
  notices: readonly ShellNotice[],
  leftOut: number,
  { look, styles, columns }: { readonly look: Look; readonly styles: Styles; readonly columns: number },
): string {
  if (look.plain) return inSentences(notices, leftOut, columns);
  const marks = { bad: "✗", good: "●", warn: "!" };
  const cut = (text: string) => clip(text, columns - 1, look.cut);
  const lines = notices.flatMap(({ kind, text, words }) => [
    // Whole: what comes of it stands at its end.
    ...[...wrap(look.fit(`${marks[kind]} ${sanitize(text)}`), columns - 1, "")].map((line) =>
      painted(styles[kind], line),
    ),
    ...(words === undefined ? [] : [painted(styles.faint, cut(`  ${sanitize(words)}`))]),
  ]);
  if (leftOut > 0) lines.push(painted(styles.faint, `  and ${leftOut} more: /notices`));
  return lines.map((line) => `${line}\n`).join("");
}

function inSentences(notices: readonly ShellNotice[], leftOut: number, columns: number): string {
  const lines = notices.map(
    ({ text, words }) => `Notice: ${sanitize(text)}.${words === undefined ? "" : ` It said: ${sanitize(words)}`}`,
  );
  if (leftOut > 0) lines.push(`There are ${leftOut} more notices: /notices shows them.`);
  const broken = lines.flatMap((line) => [...wrap(line, columns, "")]);
  return broken.map((line) => `${line}\n`).join("");
}
