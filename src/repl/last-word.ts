import { bashWords, parse } from "./parse.ts";

/** The last word of a line as it was typed, with its quotes; undefined when it has none. */
export function lastWordOf(line: string): string | undefined {
  const statement = parse(line).statements.at(-1);
  if (statement === undefined) return undefined;
  if (statement.kind === "passthrough") return lastOfBash(statement.line);
  const { words, output } = statement;
  if (output?.kind === "pipe") return lastOfBash(output.line);
  const last = output === undefined ? words.at(-1) : output.path;
  return last === undefined ? undefined : line.slice(last.from, last.to);
}

function lastOfBash(line: string): string | undefined {
  const last = bashWords(line).at(-1);
  return last === undefined ? undefined : line.slice(last.from, last.to);
}
