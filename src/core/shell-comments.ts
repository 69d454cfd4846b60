/** What a shell string says to the shell: blanks in place of its comments, all else where it was. */
export function withoutComments(line: string): string {
  return line.replace(quotedOrComment, (part) => (part.startsWith("#") ? " ".repeat(part.length) : part));
}

const quotedOrComment = /'[^']*'|"(?:\\.|[^"\\])*"|\\.|(?<![^\s;&|()])#[^\n]*/gs;
