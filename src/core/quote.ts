/** One word as a POSIX shell would need it: plain words stay as they are, all else is single-quoted. */
export function quoteWord(word: string): string {
  if (word !== "" && /^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

export function quoteLine(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

/**
 * The words of a shell string that holds nothing but words and quotes; undefined when only a shell can read it
 * (variables, pipes, `;`, globs, `~`, comments, assignments, an open quote).
 * @param literal characters that mean themselves where a shell would take them for more
 */
export function plainWords(line: string, literal = ""): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let index = 0;
  while (index < line.length) {
    const char = line.charAt(index);
    if (char === "'") {
      const end = line.indexOf("'", index + 1);
      if (end === -1) return undefined;
      word = (word ?? "") + line.slice(index + 1, end);
      index = end + 1;
    } else if (char === '"') {
      const quoted = doubleQuoted(line, index + 1);
      if (quoted === undefined) return undefined;
      word = (word ?? "") + quoted.text;
      index = quoted.end;
    } else if (char === "\\") {
      const next = line.charAt(index + 1);
      if (next === "" || next === "\n") return undefined;
      word = (word ?? "") + next;
      index += 2;
    } else if (char === " " || char === "\t") {
      if (word !== undefined) words.push(word);
      word = undefined;
      index += 1;
    } else if (!literal.includes(char) && "$`|&;<>()*?[]{}~#!\n\r".includes(char)) {
      return undefined;
    } else {
      word = (word ?? "") + char;
      index += 1;
    }
  }
  if (word !== undefined) words.push(word);
  return /^\w+=/.test(words[0] ?? "") ? undefined : words;
}

function doubleQuoted(line: string, start: number): { text: string; end: number } | undefined {
  let text = "";
  for (let index = start; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (char === '"') return { text, end: index + 1 };
    if (char === "$" || char === "`") return undefined;
    if (char === "\\" && '"\\'.includes(line.charAt(index + 1)) && index + 1 < line.length) {
      text += line.charAt(index + 1);
      index += 1;
    } else {
      text += char;
    }
  }
  return undefined;
}
