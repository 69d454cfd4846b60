import {
  closeSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isErrno } from "../core/errors.ts";
import { beginsWith } from "./editor/recall.ts";

/** How many lines `newest` offers before it gives up. */
const refusalsHeard = 20;

/**
 * The lines typed in all shells of one home, in the file `repl_history`: `#` and the epoch second, then the line, its
 * newlines escaped. Every line is one append before it runs, so concurrent shells lose nothing; what others append is
 * read when it is asked for.
 */
export class History {
  readonly #path: string;
  readonly #limit: number;
  /** Lines of this shell, oldest first. */
  readonly #own: string[] = [];
  /** Lines of the file, oldest first, as far as it was read. */
  #all: string[] = [];
  #read: { readonly inode: number; readonly offset: number } | undefined;
  /** Why lines cannot be kept, and whether that was told. */
  #trouble: string | undefined;
  #told = false;

  constructor(home: string, limit: number) {
    this.#path = join(home, "repl_history");
    this.#limit = limit;
  }

  /** Keeps a line, unless it is the last one again, begins with a blank or looks as if it held a secret. */
  add(line: string, epochSeconds: number): void {
    const kept = line.trimEnd();
    if (!isKept(kept)) return;
    this.#own.push(kept);
    if (this.#trouble !== undefined) return;
    try {
      this.#sync();
      if (this.#all.at(-1) === kept) return;
      append(this.#path, `#${epochSeconds}\n${escapeLine(kept)}\n`);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#trouble = `the history is not kept: ${error.message}`;
    }
  }

  /** Why lines are not kept, the first time it is asked. */
  takeTrouble(): string | undefined {
    if (this.#told || this.#trouble === undefined) return undefined;
    this.#told = true;
    return this.#trouble;
  }

  /** Newest first: this shell's own lines, then those of all. Looked for as they are asked for; one may come again. */
  recent(): Iterable<string> {
    this.#sync();
    return newestFirst([this.#own, this.#all]);
  }

  /** What was typed last: here, or else in any shell. */
  last(): string | undefined {
    const [last] = this.recent();
    return last;
  }

  /** Oldest first, of all shells; one may come again. It may grow at its end. */
  lines(): readonly string[] {
    this.#sync();
    // A line of ours that could not be written is still ours.
    return this.#trouble === undefined ? this.#all : [...this.#all, ...this.#own];
  }

  /** Newest first, each once, of all shells. */
  everything(): readonly string[] {
    return [...new Set(newestFirst([this.lines()]))];
  }

  /**
   * The newest line that begins so and goes on, of this shell's own and then of all as far as they were read: for each
   * key, so without the disk, and with an end to how many may be turned down.
   */
  newest(begun: string, isWanted: (line: string) => boolean): string | undefined {
    const refused = new Set<string>();
    for (const list of [this.#own, this.#all]) {
      for (let at = list.length - 1; at >= 0; at--) {
        const line = list[at] ?? "";
        if (line.length <= begun.length || !beginsWith(line, begun) || refused.has(line)) continue;
        if (isWanted(line)) return line;
        refused.add(line);
        if (refused.size >= refusalsHeard) return undefined;
      }
    }
    return undefined;
  }

  /** Reads the file, and makes it short again when it has grown past twice its limit. */
  load(): void {
    this.#sync();
    if (this.#all.length > this.#limit * 2) this.#compact();
  }

  #sync(): void {
    let file: number;
    try {
      file = openSync(this.#path, "r");
    } catch (error) {
      if (isErrno(error, "ENOENT", "EACCES", "ENOTDIR")) return; // No history yet, or none for us.
      throw error;
    }
    try {
      const { ino, size } = fstatSync(file);
      const known = this.#read !== undefined && this.#read.inode === ino && this.#read.offset <= size;
      const from = known ? (this.#read?.offset ?? 0) : 0;
      if (!known) this.#all = [];
      const bytes = readFrom(file, from, size);
      // A line without its newline is still being written.
      const end = bytes.lastIndexOf(0x0a) + 1;
      for (const line of entriesOf(bytes.subarray(0, end))) this.#all.push(line);
      this.#read = { inode: ino, offset: from + end };
    } finally {
      closeSync(file);
    }
  }

  /** Keeps the newest of each line, as many as the limit. What other shells append meanwhile comes along. */
  #compact(): void {
    const isDone = rewrite(this.#path, (text) => {
      const kept = newestOf(stampedEntries(text), this.#limit);
      return kept.map(({ stamp, line }) => `${stamp}\n${line}\n`).join("");
    });
    if (!isDone) return;
    this.#read = undefined;
    this.#sync();
  }
}

/** Of each line the newest entry, as many as the limit, oldest first. */
export function newestOf<T extends { readonly line: string }>(entries: readonly T[], limit: number): T[] {
  const seen = new Set<string>();
  return entries
    .toReversed()
    .filter(({ line }) => !seen.has(line) && seen.add(line))
    .slice(0, limit)
    .toReversed();
}

/** Not what begins with a blank, and no secret. */
export function isKept(line: string): boolean {
  return line.trim() !== "" && !/^\s/.test(line) && !looksSecret(line);
}

/**
 * Replaces a file that other shells append to; what they append meanwhile comes along.
 * @returns false when another shell is at it.
 */
export function rewrite(path: string, change: (text: string) => string): boolean {
  const lock = `${path}.lock`;
  if (!takeLock(lock)) return false;
  const old = openSync(path, "r");
  try {
    const { size } = fstatSync(old);
    const text = change(readFrom(old, 0, size).toString("utf8"));
    const fresh = `${path}.${process.pid}.new`;
    const file = openSync(fresh, "w", 0o600);
    try {
      writeSync(file, text);
      renameSync(fresh, path);
      // Lines that reached the old file until now. Later ones see the new file and are written again (`append`).
      const late = readFrom(old, size, fstatSync(old).size);
      if (late.length > 0) append(path, late.toString("utf8"));
    } finally {
      closeSync(file);
    }
    return true;
  } finally {
    closeSync(old);
    rmSync(lock, { force: true });
  }
}

/** One append, all or nothing. When the file was replaced at that moment, once more: twice is better than never. */
export function append(path: string, text: string): void {
  for (;;) {
    const file = openForAppend(path);
    try {
      const before = fstatSync(file);
      if ((before.mode & 0o077) !== 0) fchmodSync(file, 0o600);
      writeSync(file, text);
      const now = statSync(path, { throwIfNoEntry: false });
      if (now?.ino === before.ino) return;
    } finally {
      closeSync(file);
    }
  }
}

function openForAppend(path: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, "a", 0o600);
  }
}

/** False when another shell is at it. A lock that a killed shell left is a minute old at most. */
function takeLock(lock: string): boolean {
  for (const attempt of [1, 2]) {
    try {
      closeSync(openSync(lock, "wx", 0o600));
      return true;
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
      const held = statSync(lock, { throwIfNoEntry: false });
      if (attempt === 2 || (held !== undefined && Date.now() - held.mtimeMs < 60_000)) return false;
      rmSync(lock, { force: true });
    }
  }
  return false;
}

function readFrom(file: number, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  let filled = 0;
  while (filled < bytes.length) {
    const count = readSync(file, bytes, filled, bytes.length - filled, from + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/** Each a string of its own: parts of one large text are three times as slow to make and to look through. */
function* entriesOf(bytes: Buffer): Generator<string> {
  let from = 0;
  for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, from)) {
    // Most lines that begin with a # are stamps: only those are looked at twice.
    const line = end === from ? "" : bytes.toString("utf8", from, end);
    if (line !== "" && !(bytes[from] === 0x23 && isStamp(line))) yield unescapeLine(line);
    from = end + 1;
  }
}

function stampedEntries(text: string): { stamp: string; line: string }[] {
  const entries: { stamp: string; line: string }[] = [];
  let stamp = "#0";
  for (const line of text.split("\n")) {
    if (isStamp(line)) stamp = line;
    else if (line !== "") entries.push({ stamp, line });
  }
  return entries;
}

function isStamp(line: string): boolean {
  return /^#\d+$/.test(line);
}

/** One line of the file: newlines as `\n`, and no `#` at its start, which would be a time. */
export function escapeLine(line: string): string {
  return line.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replace(/^#/, "\\#");
}

export function unescapeLine(line: string): string {
  if (!line.includes("\\")) return line;
  return line.replaceAll(/\\(.)/g, (_all, character: string) => (character === "n" ? "\n" : character));
}

function* newestFirst(lists: readonly (readonly string[])[]): Generator<string> {
  for (const list of lists) for (let at = list.length - 1; at >= 0; at--) yield list[at] ?? "";
}

const secrets: readonly RegExp[] = [
  // `DB_PASSWORD=x`, `token: x`, `--api-key=x`; and `--password x`.
  /(?:token|passw(?:or)?d|passphrase|secret|credentials?|(?:^|[^a-z])(?:[a-z]+[_-])*key)["']?\s*[=:]\s*\S/i,
  /--?(?:[a-z]+-)*(?:token|passw(?:or)?d|passphrase|secret|key)\s+\S/i,
  // What issuers mark: AWS, GitHub, GitLab, Slack, Stripe and the like; JSON web tokens; private keys.
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|sk_live_|rk_live_|npm_|hf_)[A-Za-z0-9_-]{16,}/,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY/,
  /\bbearer\s+[A-Za-z0-9._~+/-]{8,}/i,
  // A password inside of an address.
  /:\/\/[^\s/:@]*:[^\s/@]+@/,
];

/** Does the line hold what should not be kept on disk? */
export function looksSecret(line: string): boolean {
  return secrets.some((secret) => secret.test(line));
}
