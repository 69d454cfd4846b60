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

/** ASCII that is not printed: a line break would begin another setting, and systemd refuses the others. */
const notOnALine = /[^ -~\u0080-\uffff]+/g;

/** Text that a person wrote, on one line. */
export function unitText(text: string): string {
  return withoutSpecifiers(text.replace(notOnALine, " ").trim());
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

/** The quote, the backslash and what is not printed: systemd takes them in quotes as escapes only. NUL cannot be in a word. */
const toEscape = /[^\0 !#-[\]-~\u0080-\uffff]/g;

function escaped(text: string): string {
  return text.replace(toEscape, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, "0");
    return named[character] ?? `\\x${code}`;
  });
}
