/** One line of a `.stack` file that says something. */
export interface StackLine {
  readonly line: number;
  /** ORG/NAME, NAME, or the path of a `.tsm` file; more than a word is a slip. */
  readonly text: string;
}

/** One service a line, `#` begins a comment where a word could. */
export function parseStack(source: string): StackLine[] {
  return source
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((text, index) => ({ line: index + 1, text: text.replace(/(^|\s)#.*$/, "").trim() }))
    .filter(({ text }) => text !== "");
}
