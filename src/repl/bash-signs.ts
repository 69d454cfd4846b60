/** A sign that means something to bash and nothing here. */
export interface BashSign {
  readonly sign: string;
  readonly at: number;
}

/** One where a word or another sign could begin: `<`, `2>`, `&>`, `>&`, `|&`. */
export function redirectAt(line: string, at: number): BashSign | undefined {
  const sign = /^(?:\d*<{1,3}|\d+>>?&?|&>>?|>>?&|\|&(?!&))/.exec(line.slice(at, at + 20))?.[0];
  return sign === undefined ? undefined : { sign, at };
}

/** One inside of a word: what bash would put the output of a command in the place of. */
export function substitutionAt(line: string, at: number): BashSign | undefined {
  if (line[at] === "`") return { sign: "`…`", at };
  return line.startsWith("$(", at) ? { sign: "$(…)", at } : undefined;
}
