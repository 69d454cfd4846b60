/**
 * The words of a line as programs split it that run no shell: quotes and backslashes mean what they mean in a shell, all
 * else means itself. undefined when a quote is never closed.
 */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let index = 0; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (quote === "'") {
      if (char === "'") quote = "";
      else word += char;
    } else if (char === "\\" && index + 1 < line.length && (quote === "" || '"\\$`'.includes(line.charAt(index + 1)))) {
      word = (word ?? "") + line.charAt(index + 1);
      index += 1;
    } else if (quote === '"') {
      if (char === '"') quote = "";
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== "") return undefined;
  return word === undefined ? words : [...words, word];
}

/** How an app says that exactly these words are run, or, for one shell's `-c`, its line. */
export function scriptOf(words: readonly string[]): {
  readonly script: string;
  readonly args?: readonly string[];
  readonly interpreter?: string;
} {
  const [program = "", ...args] = words;
  const [flag, line, ...more] = args;
  const isShell = /^(?:\/usr)?(?:\/bin\/)?(?:ba)?sh$/.test(program);
  if (isShell && flag === "-c" && line !== undefined && more.length === 0 && /\S\s+\S/.test(line)) {
    return { script: line.trim() };
  }
  return { script: program, ...(args.length === 0 ? {} : { args }), interpreter: "none" };
}

/** How an app says that a shell runs this line. */
export function scriptOfLine(line: string): {
  readonly script: string;
  readonly args?: readonly string[];
  readonly interpreter?: string;
} {
  const trimmed = line.trim();
  if (/\s/.test(trimmed)) return { script: trimmed };
  const isPlain = /^[\w@%+=:,./-]+$/.test(trimmed) && !trimmed.includes("=");
  return isPlain ? { script: trimmed } : { script: "bash", args: ["-c", trimmed], interpreter: "none" };
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
