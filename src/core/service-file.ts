import { OnlyBash, ShellText, type ShellValue } from "./shell-value.ts";

/** What a `.tsm` file says, as far as it can be read without running it. */
export interface ServiceFile {
  readonly values: ReadonlyMap<string, ShellValue>;
  /** Lines that only bash can read. With any of them the values are what is written, not what bash would make of it. */
  readonly problems: readonly LineProblem[];
  /** Variables that it asks for and that nobody has set: to it they are empty, as in bash. */
  readonly unset: ReadonlySet<string>;
}

/** Thrown where variables made of variables come to more than a file may be long. */
export class GrowsTooLong extends Error {}

const mostGiven = 1024 * 1024;

export interface LineProblem {
  readonly line: number;
  /** "needs bash: `if [ -f .env ]; then`". */
  readonly what: string;
}

/**
 * Reads assignments as bash would, and runs nothing: quotes, `${VAR}`, `~`, arrays, `export`, comments, continued lines.
 * What is more than that is reported, by line.
 * @param known what a variable may mean besides earlier lines of the file.
 * @throws GrowsTooLong
 */
export function parseServiceFile(source: string, known: Readonly<Record<string, string>>): ServiceFile {
  const values = new Map<string, ShellValue>();
  const unset = new Set<string>();
  const problems: LineProblem[] = [];
  let given = 0;
  const text = new ShellText(source.replaceAll("\r\n", "\n"), (name, spare) => {
    if (ownOfBash.test(name)) throw new OnlyBash(`$${name}`);
    const value = values.get(name) ?? (Object.hasOwn(known, name) ? known[name] : undefined);
    if (value === undefined && !spare) unset.add(name);
    const meant = typeof value === "object" ? value[0] : value;
    given += meant?.length ?? 0;
    if (given > mostGiven) throw new GrowsTooLong();
    return meant;
  });
  let line = 1;
  let counted = 0;
  while (true) {
    text.skipBlanks();
    if (text.isOver) return { values, problems, unset };
    if (text.char === "\n") {
      text.index += 1;
      continue;
    }
    const begin = text.index;
    try {
      for (const [name, value] of statement(text)) values.set(name, instead(values.get(name), value));
    } catch (error) {
      if (!(error instanceof OnlyBash)) throw error;
      line += text.text.slice(counted, begin).split("\n").length - 1;
      counted = begin;
      problems.push({ line, what: problemAt(text.text, begin, error.message) });
      // All that follows is part of it.
      if (isOpen(error.message)) return { values, problems, unset };
      text.index = begin;
      text.skipLine();
    }
  }
}

/** Text that is given to an array becomes its first word. */
function instead(before: ShellValue | undefined, value: ShellValue): ShellValue {
  return typeof before === "object" && typeof value === "string" ? [value, ...before.slice(1)] : value;
}

/** Names that mean something to bash itself: it makes up their values, or acts on them. */
const ownOfBash =
  /^(?:BASH\w*|RANDOM|SECONDS|LINENO|EPOCH\w+|UID|EUID|PPID|GROUPS|HOSTNAME|HOSTTYPE|MACHTYPE|OSTYPE|SHELLOPTS|FUNCNAME|DIRSTACK|PIPESTATUS|OPTIND|IFS|POSIXLY_CORRECT|_)$/;

/** Assignments up to the end of a line or a `;`. Several are made one after the other; those of one `export` all at once. */
function* statement(text: ShellText): Iterable<[string, ShellValue]> {
  const isExport = text.take(/export(?=[ \t\n]|$)/) !== undefined;
  const together: [string, ShellValue][] = [];
  for (let count = 0; ; count += 1) {
    text.skipBlanks();
    if (text.char === "#") text.skipLine();
    if (text.isOver || text.char === "\n") break;
    if ((count > 0 || isExport) && text.take(/;(?!;)/) !== undefined) break;
    const [, name, equals] = text.take(/([A-Za-z_]\w*)(=|(?=[ \t\n;]|$))/) ?? [];
    if (name === undefined || (equals !== "=" && !isExport)) throw new OnlyBash("");
    if (ownOfBash.test(name)) throw new OnlyBash(name);
    if (equals !== "=") continue;
    const assigned: [string, ShellValue] = [name, text.value(isExport ? "export" : "value")];
    if (!text.isOver && !/[ \t\n;]/.test(text.char)) throw new OnlyBash(text.char);
    if (isExport) together.push(assigned);
    else yield assigned;
  }
  yield* together;
}

function isOpen(message: string): boolean {
  return message.includes("never closed");
}

function problemAt(source: string, at: number, message: string): string {
  if (isOpen(message)) return message;
  // The line goes into messages: nothing in it may break one.
  const end = source.indexOf("\n", at);
  const whole = source.slice(at, end === -1 ? undefined : end);
  const shown = whole.replaceAll(/\p{Cc}+/gu, " ").trim();
  return `needs bash: \`${shown.length > 60 ? `${shown.slice(0, 59)}…` : shown}\``;
}
