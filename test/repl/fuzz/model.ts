import * as engine from "../../../src/repl/editor/engine.ts";
import { graphemeCells } from "../../../src/repl/editor/graphemes.ts";
import type { Completion } from "../../../src/repl/editor/menu.ts";

/*
 * What the editor should show, told in the simplest way: the whole history as a list, the menu as a list, the screen as
 * cells one after the other. Of the editor it shares what a key does to the text of the line, and no more.
 */

/** Newest first. */
export const history = ["logs api", "世界 ab", "echo 'a\nb'", "x".repeat(47), "logs api", "a-z", "🇩🇪 zb", "logs b"];

const words = ["alpha", "alphabet", "beta-世界", "zé", "z-".repeat(20), "界"];
export const keysOfSearch = "   Ctrl-R older · Tab take · Enter run · Esc back";
export const continuation = "  … ";

export function cellsOf(text: string): number {
  return Array.from(graphemeCells(text)).reduce((sum, { width }) => sum + width, 0);
}

/** What Tab finds in the fuzz: words that begin as the one at the cursor. */
export function completionAt(text: string, cursor: number): Completion {
  const word = /\S*$/.exec(text.slice(0, cursor))?.[0] ?? "";
  const found = words.filter((each) => each.startsWith(word));
  const shared = found.length > 1 && found.every((each) => each.startsWith("alpha")) ? "alpha" : "";
  return {
    from: cursor - word.length,
    to: cursor,
    common: shared.length > word.length ? shared : undefined,
    choices: found.map((label) => ({ label, summary: `is ${label}`, insert: `${label} ` })),
  };
}

/** What is proposed behind the line: by its last letter. */
export function ghostOf(text: string): { kind: "text" | "note"; text: string } | undefined {
  if (text.endsWith("a")) return { kind: "text", text: "b 世界 and so on" };
  return text.endsWith("z") ? { kind: "note", text: " → 世界 (#0, online)" } : undefined;
}

type Mode =
  | { kind: "edit" }
  | { kind: "search"; query: string; at: number; failed: boolean; before: engine.Buffer }
  | { kind: "menu"; completion: Completion; index: number; before: engine.Buffer };

/** The edits, by the key that makes them. */
export const edits: Readonly<Record<string, (buffer: engine.Buffer) => engine.Buffer>> = {
  left: engine.left,
  right: engine.right,
  home: engine.lineStart,
  end: engine.lineEnd,
  backspace: engine.backspace,
  delete: engine.deleteForward,
  "alt-b": engine.wordLeft,
  "alt-f": engine.wordRight,
  "ctrl-k": engine.killToEnd,
  "ctrl-u": engine.killToStart,
  "ctrl-w": engine.killBlankWordLeft,
  "ctrl-y": engine.yank,
  "alt-y": engine.yankPop,
  "ctrl-t": engine.transposeCharacters,
  "ctrl-_": engine.undo,
  "alt-enter": (buffer) => engine.insert(buffer, "\n"),
};

export class Model {
  buffer = engine.empty;
  mode: Mode = { kind: "edit" };
  note: string | undefined;
  /** Lines that stay: taken, dropped, printed above. */
  above: string[] = [];
  #recall: { entries: readonly string[]; at: number; typed: engine.Buffer } | undefined;

  type(letter: string): void {
    const { mode } = this;
    if (mode.kind === "search") {
      this.#search(mode, mode.query + letter);
      return;
    }
    this.#edit((buffer) => engine.insert(buffer, letter));
    if (mode.kind !== "menu") return;
    if (/\s/.test(letter)) this.mode = { kind: "edit" };
    else this.#narrow();
  }

  paste(text: string): void {
    this.mode = { kind: "edit" };
    const atEnd = this.buffer.cursor === this.buffer.text.length;
    this.#edit((buffer) => engine.insert(buffer, atEnd ? text.replace(/\n+$/, "") : text));
  }

  press(key: string): void {
    const { mode } = this;
    if (mode.kind === "search" && this.#inSearch(mode, key)) return;
    if (mode.kind === "menu" && this.#inMenu(mode, key)) return;
    this.mode = { kind: "edit" };
    this.note = undefined;
    if (this.#takeGhost(key)) return;
    const edit = edits[key];
    if (edit !== undefined) this.#edit(edit);
    if (key === "tab" || key === "shift-tab") this.#complete();
    if (key === "up") this.#vertical(engine.lineUp, 1);
    if (key === "down") this.#vertical(engine.lineDown, -1);
    if (key === "ctrl-r") this.mode = { kind: "search", query: "", at: -1, failed: false, before: this.buffer };
    if (key === "enter") this.#leave(this.buffer.text);
    if (key === "ctrl-c") this.#leave(`${this.buffer.text}^C`);
    if (key === "ctrl-l") this.above = [];
  }

  /** What is on the line: the buffer, or what a search found. */
  shown(): { text: string; cursor: number } {
    const { mode } = this;
    if (mode.kind !== "search" || mode.at === -1) return this.buffer;
    const text = once[mode.at] ?? "";
    return { text, cursor: lastOf(text, this.#foundBy) };
  }

  ghost(): string {
    const { text, cursor } = this.buffer;
    if (this.mode.kind !== "edit" || this.#recall !== undefined || cursor < text.length) return "";
    return ghostOf(text)?.text ?? "";
  }

  /** The query that found what is shown. */
  #foundBy = "";

  #edit(change: (buffer: engine.Buffer) => engine.Buffer): void {
    this.note = undefined;
    this.#recall = undefined;
    this.buffer = change(this.buffer);
  }

  #takeGhost(key: string): boolean {
    if (this.ghost() === "") return false;
    const ghost = ghostOf(this.buffer.text);
    if (ghost?.kind !== "text") return false;
    if (key === "right" || key === "end") this.#edit((buffer) => engine.insert(buffer, ghost.text));
    else if (key === "alt-f")
      this.#edit((buffer) => engine.insert(buffer, ghost.text.slice(0, ghost.text.indexOf(" "))));
    else return false;
    return true;
  }

  #leave(text: string): void {
    const lines = text.split("\n").map((line, index) => (index === 0 ? "> " : continuation) + seen(line));
    this.above.push(...lines);
    this.buffer = engine.fresh(this.buffer);
    this.#recall = undefined;
  }

  #vertical(move: (buffer: engine.Buffer) => engine.Buffer | undefined, older: number): void {
    const within = move(this.buffer);
    if (within !== undefined) this.buffer = within;
    else {
      const typed = this.#recall?.typed ?? this.buffer;
      const begun = typed.text.slice(0, typed.cursor);
      const entries = this.#recall?.entries ?? once.filter((each) => each.startsWith(begun) && each !== typed.text);
      const at = Math.max(-1, Math.min(entries.length - 1, (this.#recall?.at ?? -1) + older));
      this.#recall = { entries, at, typed };
      this.buffer = at === -1 ? typed : engine.replace(this.buffer, entries[at] ?? "");
    }
  }

  #search(mode: Mode & { kind: "search" }, query: string, from = 0): void {
    const goesOn = query.startsWith(mode.query) && mode.at !== -1;
    const start = Math.max(from, goesOn ? mode.at : 0);
    if (query === "") {
      this.mode = { ...mode, query, at: -1, failed: false };
      return;
    }
    const finds = (each: string) => each !== mode.before.text && lastOf(each, query) !== -1;
    const at = once.findIndex((each, index) => index >= start && finds(each));
    if (at !== -1) this.#foundBy = query;
    this.mode = { ...mode, query, at: at === -1 ? mode.at : at, failed: at === -1 };
  }

  #inSearch(mode: Mode & { kind: "search" }, key: string): boolean {
    if (key === "ctrl-r") {
      if (mode.query !== "") this.#search(mode, mode.query, mode.at + 1);
      return true;
    }
    if (key === "backspace") {
      const [...characters] = graphemeCells(mode.query);
      this.#search(mode, mode.query.slice(0, characters.at(-1)?.from));
      return true;
    }
    if (key === "escape") {
      this.mode = { kind: "edit" };
      this.buffer = mode.before;
      return true;
    }
    if (key === "ctrl-c") return false;
    if (mode.at !== -1) {
      this.#recall = undefined;
      this.buffer = engine.replace(mode.before, once[mode.at] ?? "");
    }
    this.mode = { kind: "edit" };
    return key === "tab" || key === "right" || key === "end";
  }

  #complete(): void {
    const { buffer } = this;
    const completion = completionAt(buffer.text, buffer.cursor);
    const [only, second] = completion.choices;
    if (only === undefined) this.note = "nothing to complete here";
    else if (second === undefined) this.#put(only.insert, completion.from, completion.to);
    else {
      const { common, from } = completion;
      if (common !== undefined) this.#put(common, from, completion.to);
      const to = common === undefined ? completion.to : from + common.length;
      this.mode = { kind: "menu", completion: { ...completion, to }, index: 0, before: buffer };
    }
  }

  #narrow(): void {
    const { buffer } = this;
    const completion = completionAt(buffer.text, buffer.cursor);
    const isOpen = completion.choices.length > 0;
    this.mode = isOpen ? { kind: "menu", completion, index: 0, before: buffer } : { kind: "edit" };
  }

  #inMenu(mode: Mode & { kind: "menu" }, key: string): boolean {
    const { choices, from, to } = mode.completion;
    const step = ["tab", "down", "right"].includes(key) ? 1 : ["shift-tab", "up", "left"].includes(key) ? -1 : 0;
    if (step !== 0) this.mode = { ...mode, index: (mode.index + step + choices.length) % choices.length };
    else if (key === "enter") {
      this.mode = { kind: "edit" };
      this.#put(choices[mode.index]?.insert ?? "", from, to);
    } else if (key === "escape") {
      this.mode = { kind: "edit" };
      this.buffer = mode.before;
    } else if (key === "backspace") {
      this.#edit(engine.backspace);
      this.#narrow();
    } else return false;
    return true;
  }

  #put(insert: string, from: number, to: number): void {
    this.#recall = undefined;
    const { text } = this.buffer;
    const rest = insert.endsWith(" ") && text[to] === " " ? to + 1 : to;
    this.buffer = engine.replace(this.buffer, text.slice(0, from) + insert + text.slice(rest), from + insert.length);
  }
}

const once = [...new Set(history)];

function lastOf(text: string, query: string): number {
  return query === query.toLowerCase() ? text.toLowerCase().lastIndexOf(query) : text.lastIndexOf(query);
}

/** A tab is shown as blanks. */
export function seen(text: string): string {
  return text.replaceAll("\t", "    ");
}

/** Where each cell of the line must stand, and the rows below it. */
export function screenOf(
  model: Model,
  below: readonly string[],
  columns: number,
): { rows: string[]; cursor: { row: number; column: number }; isFilled: boolean } {
  const { text, cursor: at } = model.shown();
  const rows = [""];
  let column = 0;
  // Before a character of several code points that does not fit stands a blank.
  let isFilled = false;
  let cursor = { row: 0, column: 0 };
  const put = (cell: string, width: number, isCursor: boolean): void => {
    if (column + width > columns) {
      isFilled ||= column < columns && cell.length > 1;
      rows.push("");
      column = 0;
    }
    if (isCursor) cursor = { row: rows.length - 1, column };
    rows[rows.length - 1] += cell;
    column += width;
  };
  for (const letter of "> ") put(letter, 1, false);
  for (const cell of graphemeCells(text)) {
    const isCursor = cell.from === at;
    if (cell.text === "\n") {
      if (isCursor) put("", 1, true);
      rows.push("");
      column = 0;
      for (const letter of continuation) put(letter, 1, false);
    } else if (cell.text === "\t") for (let blank = 0; blank < 4; blank++) put(" ", 1, isCursor && blank === 0);
    else put(cell.text, cell.width, isCursor);
  }
  if (at === text.length) {
    put("", 1, true);
    rows[rows.length - 1] += cut(model.ghost(), columns - cursor.column - 1, "…");
  }
  const all = [...rows, ...below.map((line) => cut(line, columns - 1, ""))].map((row) => row.trimEnd());
  while (all.at(-1) === "") all.pop();
  return { rows: all, cursor, isFilled };
}

/** As many characters as fit, the last of them `mark` when some do not. */
function cut(text: string, columns: number, mark: string): string {
  const cells = [...graphemeCells(text)];
  const width = (some: typeof cells) => some.reduce((sum, cell) => sum + cell.width, 0);
  if (width(cells) <= columns) return text;
  while (cells.length > 0 && width(cells) > columns - mark.length) cells.pop();
  return columns <= 0 ? "" : cells.map((cell) => cell.text).join("") + mark;
}
