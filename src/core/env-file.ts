import { TsmError } from "./errors.ts";

/**
 * Reads `KEY=VALUE` lines as data: nothing in them is ever run. `export`, comments, single quotes (literal),
 * double quotes (`\n`, `\"`, `\\`, `\$`; may span lines), a backslash that continues a line, and `${VAR}` / `$VAR` /
 * `${VAR:-$OTHER}` outside single quotes are understood. `export NAME` alone is nothing: all of them are exported.
 * @param known what `${VAR}` may refer to besides earlier lines of the file: variables, or what to put there instead.
 * @throws TsmError BAD_DATA naming file and line.
 */
export function parseEnvFile(
  bytes: Uint8Array,
  path: string,
  known: Readonly<Record<string, string>> | Look,
): Map<string, string> {
  const text = decode(bytes, path);
  const values = new Map<string, string>();
  const elsewhere: Look = typeof known === "function" ? known : (name, fallback) => known[name] || fallback;
  let given = 0;
  const look: Look = (name, fallback) => {
    const value = values.get(name);
    const meant = value === undefined ? elsewhere(name, fallback) : value || fallback;
    given += meant.length;
    if (given > mostGiven) throw bad("its variables stand for more than 4 MB");
    return meant;
  };
  let index = 0;
  let line = 1;
  const bad = (what: string): TsmError =>
    new TsmError("BAD_DATA", `${path}:${line}: ${what}`, { hint: "Write KEY=VALUE, one a line" });

  while (index < text.length) {
    const match = /[^\n]*/y;
    match.lastIndex = index;
    const whole = match.exec(text)?.[0] ?? "";
    const head = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=[ \t]*/.exec(whole);
    if (!head) {
      // What stands there is not told: it may be part of a secret.
      if (!/^\s*(?:export(?:\s+[A-Za-z_]\w*)+\s*)?(?:#.*)?$/.test(whole)) throw bad("not an assignment");
      index += whole.length + 1;
      line += 1;
      continue;
    }
    const key = head[1] ?? "";
    const value = readValue(text, index + head[0].length, look);
    if (value === undefined) throw bad(`the quote of ${key} is never closed`);
    if (value.text.includes("\0")) throw bad(`${key} contains a NUL character`);
    values.set(key, value.text);
    line += text.slice(index, value.end).split("\n").length - 1 + 1;
    index = value.end + 1;
  }
  return values;
}

/** More than any process can be given: `A=$A$A`, forty times, would fill the memory. */
const mostGiven = 4 * 1024 * 1024;

/** The value of a variable, or the fallback where it has none. */
export type Look = (name: string, fallback: string) => string;

/**
 * What a template leaves to be filled in is no value: a service that starts with it fails later, and less clearly.
 * @throws TsmError BAD_DATA naming the variables.
 */
export function refusePlaceholders(values: ReadonlyMap<string, string>, path: string): void {
  const open = [...values].filter(([, value]) => placeholder.test(value)).map(([name]) => name);
  if (open.length === 0) return;
  throw new TsmError("BAD_DATA", `${path} still has placeholders: ${open.join(", ")}`, {
    hint: "Give them their values",
  });
}

/** The whole value; or, where it can mean nothing else, a part of it: `postgres://app:CHANGEME@db/app`. */
const placeholder = /^(REPLACE_\w*|TODO)$|\b(YOUR_(\w*_)?HERE|REPLACE_(ME|THIS)|CHANGEME)\b/;

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll("\r\n", "\n");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TsmError("BAD_DATA", `${path} is not valid UTF-8${position(bytes)}`, {
      hint: "Save the file as UTF-8",
    });
  }
}

function position(bytes: Uint8Array): string {
  const lines = new TextDecoder("utf-8").decode(bytes).split("\n");
  const line = lines.findIndex((text) => text.includes("\ufffd"));
  return line === -1 ? "" : ` (line ${line + 1})`;
}

/** One value from `start` to the end of its line. `end` is the index of the newline or of the end of the text. */
function readValue(text: string, start: number, look: Look): { text: string; end: number } | undefined {
  let value = "";
  // What stands before this position stays: spaces after it are the line's, not the value's.
  let kept = 0;
  let index = start;
  while (index < text.length && text.charAt(index) !== "\n") {
    const char = text.charAt(index);
    if (char === "'") {
      const end = text.indexOf("'", index + 1);
      if (end === -1) return undefined;
      value += text.slice(index + 1, end);
      kept = value.length;
      index = end + 1;
    } else if (char === '"') {
      const inside = readDoubleQuoted(text, index + 1, look);
      if (inside === undefined) return undefined;
      value += inside.text;
      kept = value.length;
      index = inside.end;
    } else if (char === "#" && (value === "" || /\s/.test(text.charAt(index - 1)))) {
      const end = text.indexOf("\n", index);
      index = end === -1 ? text.length : end;
    } else if (char === "$") {
      const variable = readVariable(text, index, look);
      value += variable.text;
      kept = value.length;
      index = variable.end;
    } else if (char === "\\" && index + 1 < text.length) {
      const next = text.charAt(index + 1);
      value += next === "\n" ? "" : next;
      kept = value.length;
      index += 2;
    } else {
      value += char;
      if (!/\s/.test(char)) kept = value.length;
      index += 1;
    }
  }
  return { text: value.slice(0, kept), end: index };
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  '"': '"',
  "\\": "\\",
  $: "$",
  "`": "`",
  "\n": "",
};

function readDoubleQuoted(text: string, start: number, look: Look): { text: string; end: number } | undefined {
  let value = "";
  let index = start;
  while (index < text.length) {
    const char = text.charAt(index);
    if (char === '"') return { text: value, end: index + 1 };
    if (char === "\\") {
      const next = text.charAt(index + 1);
      value += escapes[next] ?? `\\${next}`;
      index += 2;
    } else if (char === "$") {
      const variable = readVariable(text, index, look);
      value += variable.text;
      index = variable.end;
    } else {
      value += char;
      index += 1;
    }
  }
  return undefined;
}

function readVariable(text: string, at: number, look: Look): { text: string; end: number } {
  return variableAt(text, at, look, 0) ?? { text: "$", end: at + 1 };
}

/** undefined: its brace is never closed, so that of none around it is either. A `$` before no name is a `$`. */
function variableAt(text: string, at: number, look: Look, depth: number): { text: string; end: number } | undefined {
  const pattern = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(:?-|(?=\})))/y;
  pattern.lastIndex = at;
  const [whole = "$", bare, braced] = pattern.exec(text) ?? [];
  const begin = at + whole.length;
  if (bare !== undefined) return { text: look(bare, ""), end: begin };
  if (braced === undefined) return { text: "$", end: begin };
  const fallback = depth < mostNested ? readFallback(text, begin, look, depth + 1) : undefined;
  return fallback && { text: look(braced, fallback.text), end: fallback.end + 1 };
}

/** Defaults in defaults: more than anybody writes, and few enough for a file of nothing else. */
const mostNested = 16;

/** What stands in place of a variable. `end` is the index of its brace; undefined: the line has none. */
function readFallback(
  text: string,
  start: number,
  look: Look,
  depth: number,
): { text: string; end: number } | undefined {
  let fallback = "";
  let index = start;
  while (index < text.length && text.charAt(index) !== "\n") {
    const char = text.charAt(index);
    if (char === "}") return { text: fallback, end: index };
    const part = char === "$" ? variableAt(text, index, look, depth) : { text: char, end: index + 1 };
    if (part === undefined) return undefined;
    fallback += part.text;
    index = part.end;
  }
  return undefined;
}
