/** A `[name]` of an INI file and what stands under it. */
export interface IniSection {
  readonly name: string;
  readonly line: number;
  readonly entries: ReadonlyMap<string, { readonly value: string; readonly line: number }>;
}

export interface IniFile {
  readonly sections: readonly IniSection[];
  /** Lines that are neither. */
  readonly wrong: readonly number[];
}

/** As Python's configparser reads it for supervisord: `;` and `#` lines, ` ;` behind a value, indented lines go on. */
export function parseIni(text: string): IniFile {
  const sections: { name: string; line: number; entries: Map<string, { value: string; line: number }> }[] = [];
  const wrong: number[] = [];
  let open: { value: string; line: number } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const content = raw.replace(/(?:^|\s);.*$/, "");
    if (content.trim() === "" || raw.startsWith("#")) {
      // A blank line ends nothing, and neither does a comment.
      continue;
    }
    if (/^\s/.test(content) && open !== undefined) {
      open.value = `${open.value}\n${content.trim()}`;
      continue;
    }
    const header = /^\[([^\]]+)\]\s*$/.exec(content.trim())?.[1];
    if (header !== undefined) {
      sections.push({ name: header.trim(), line, entries: new Map() });
      open = undefined;
      continue;
    }
    const at = content.search(/[=:]/);
    const key = content.slice(0, Math.max(0, at)).trim();
    const section = sections.at(-1);
    if (key === "" || section === undefined) {
      wrong.push(line);
      continue;
    }
    open = { value: content.slice(at + 1).trim(), line };
    section.entries.set(key.toLowerCase(), open);
  }
  return { sections, wrong };
}
