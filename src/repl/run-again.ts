/**
 * `!!` and what is behind it: the line that was run last, with that at its end. undefined: the line is not such a
 * one. All else that begins with `!` is bash's.
 */
export function runAgain(line: string): { readonly added: string } | undefined {
  const match = /^!!(?:\s+(.*))?$/s.exec(line.trim());
  return match === null ? undefined : { added: match[1] === undefined ? "" : ` ${match[1]}` };
}
