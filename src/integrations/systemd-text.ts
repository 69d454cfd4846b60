/** One word of ExecStart or Environment, always in quotes: nothing in it means anything to systemd. */
export function unitWord(word: string): string {
  return `"${withoutSpecifiers(escaped(word))}"`;
}

/** As `unitWord`, where systemd also puts in variables. */
export function execWord(word: string): string {
  return unitWord(word.replaceAll("$", "$$$$"));
}

/** ExecStart of an exact vector: its first word is a path, in which no `$` can be escaped. */
export function execLine(argv: readonly string[]): string {
  const [program = "", ...args] = argv;
  const isPlain = program.startsWith("/") && !/[$\\"']/.test(program);
  if (isPlain) return [unitWord(program), ...args.map(execWord)].join(" ");
  return [unitWord("/bin/sh"), ...["-c", 'exec "$0" "$@"', ...argv].map(execWord)].join(" ");
}

/** A value that is all of its line, as a path. */
export function unitPath(path: string): string {
  return withoutSpecifiers(path);
}

/** Text that a person wrote, on one line. */
export function unitText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a line may not hold
  return withoutSpecifiers(text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim());
}

/** A line of an EnvironmentFile; newlines may stand in quotes. Older systemd reads `\\` also between single ones. */
export function environmentLine(name: string, value: string): string {
  if (!/['\\]/.test(value)) return `${name}='${value}'`;
  return `${name}="${value.replace(/["\\`$]/g, "\\$&")}"`;
}

function withoutSpecifiers(text: string): string {
  return text.replaceAll("%", "%%");
}

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\" };

function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what has to be written as an escape
  return text.replace(/["\\\u0001-\u001f\u007f]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, "0");
    return named[character] ?? `\\x${code}`;
  });
}
