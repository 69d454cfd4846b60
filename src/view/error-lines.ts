import { displayWidth } from "./width.ts";

/**
 * What went wrong, its lines broken between words where they are longer than the terminal is wide. What is continued
 * stands below the text that it continues. Lines of data and of other programs stay as they are.
 * @param columns undefined where it is no terminal: nothing is broken there
 */
export function errorLines(text: string, columns: number | undefined): string {
  return fitted(text, columns, /^(?:tsm: | )/);
}

/** The same for what went well: a command's answer in its own words, and no other line that it prints. */
export function answerLines(text: string, columns: number | undefined): string {
  return fitted(text, columns, /^(?:tsm|undo): /);
}

/** The same for any line of words: one of a list, behind its number. */
export function wholeWords(line: string, columns: number | undefined): string {
  return fitted(line, columns, /^/);
}

function fitted(text: string, columns: number | undefined, ours: RegExp): string {
  if (columns === undefined || columns < narrowest) return text;
  return text
    .split("\n")
    .map((line) => (ours.test(line) && displayWidth(line) > columns ? broken(line, columns) : line))
    .join("\n");
}

/** Narrower than this there is no room for words. */
const narrowest = 20;

function broken(line: string, columns: number): string {
  const head = /^(?:(?:tsm|undo): |\d+ +|\p{Extended_Pictographic}\uFE0F? +)? */u.exec(line)?.[0] ?? "";
  const indent = " ".repeat(displayWidth(head));
  const lines: string[] = [];
  let row = head;
  let isEmpty = true;
  for (const word of line.slice(head.length).split(" ")) {
    if (!isEmpty && displayWidth(row) + 1 + displayWidth(word) > columns) {
      lines.push(row);
      row = indent + word;
    } else row += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, row].join("\n");
}
