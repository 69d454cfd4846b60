import xterm from "@xterm/headless";
import { expect, test } from "vitest";
import { Editor } from "../../src/repl/editor/editor.ts";
import * as engine from "../../src/repl/editor/engine.ts";
import { graphemeCells } from "../../src/repl/editor/graphemes.ts";
import type { Completion } from "../../src/repl/editor/menu.ts";
import { type Frame, Painter } from "../../src/repl/editor/painter.ts";
import { styles } from "../../src/repl/editor/styles.ts";
import { clip } from "../../src/view/width.ts";
import { bytesOf } from "../support/screen.ts";

/* The painter and the editor on a terminal in memory: what stands in which cell, and where the cursor is. */

class Glass {
  readonly terminal: xterm.Terminal;
  reflows = true;
  #pending = "";

  constructor(columns: number, rows: number) {
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, reflowCursorLine: true });
  }

  get columns(): number {
    return this.terminal.cols;
  }

  get rows(): number {
    return this.terminal.rows;
  }

  write(text: string): void {
    // The kernel puts a carriage return before each newline.
    this.#pending += text.replaceAll(/\r?\n/g, "\r\n");
  }

  async shown(): Promise<{ rows: string[]; cursor: { row: number; column: number } }> {
    const text = this.#pending;
    this.#pending = "";
    await new Promise<void>((resolve) => this.terminal.write(text, resolve));
    const { active } = this.terminal.buffer;
    const rows = Array.from({ length: this.rows }, (_value, y) =>
      (active.getLine(active.baseY + y)?.translateToString(true) ?? "").trimEnd(),
    );
    while (rows.at(-1) === "") rows.pop();
    return { rows, cursor: { row: active.cursorY, column: active.cursorX } };
  }

  async written(): Promise<number> {
    const { length } = this.#pending;
    await this.shown();
    return length;
  }
}

function frame(text: string, cursor = text.length, below: string[] = []): Frame {
  return {
    lines: [[{ text: "> " }, { text }]],
    cursor: { line: 0, offset: 2 + cursor },
    below: below.map((line) => [{ text: line }]),
  };
}

test("a row that is full to its last cell keeps that cell, and the cursor goes to the next row", async () => {
  const glass = new Glass(10, 6);
  const painter = new Painter(glass);
  painter.paint(frame("12345678"));
  expect(await glass.shown()).toEqual({ rows: ["> 12345678"], cursor: { row: 1, column: 0 } });
  painter.paint(frame("12345678", 7));
  expect(await glass.shown()).toEqual({ rows: ["> 12345678"], cursor: { row: 0, column: 9 } });
  painter.paint(frame("1234567"));
  expect(await glass.shown()).toEqual({ rows: ["> 1234567"], cursor: { row: 0, column: 9 } });
});

test("a wide character that does not fit goes to the next row whole", async () => {
  const glass = new Glass(10, 6);
  const painter = new Painter(glass);
  painter.paint(frame("xxxxxxxxxx"));
  painter.paint(frame("1234567世a"));
  expect(await glass.shown()).toEqual({ rows: ["> 1234567", "世a"], cursor: { row: 1, column: 3 } });
});

test("the same frame again writes nothing", async () => {
  const glass = new Glass(40, 6);
  const painter = new Painter(glass);
  painter.paint(frame("abc"));
  await glass.shown();
  painter.paint(frame("abc"));
  expect(await glass.written()).toBe(0);
});

test("lines printed above leave a wrapped input and an open menu whole", async () => {
  const glass = new Glass(12, 8);
  const painter = new Painter(glass);
  painter.paint(frame("a wrapped input line", 4, ["menu one", "menu two"]));
  for (let n = 1; n <= 5; n++) painter.printAbove(`notice ${n}\n`);
  expect(await glass.shown()).toEqual({
    rows: ["notice 2", "notice 3", "notice 4", "notice 5", "> a wrapped", "input line", "menu one", "menu two"],
    cursor: { row: 4, column: 6 },
  });
});

test("an input longer than the screen shows the part around the cursor, and is left whole when it is taken", async () => {
  const glass = new Glass(10, 4);
  const painter = new Painter(glass);
  const text = Array.from({ length: 12 }, (_value, index) => String.fromCharCode(97 + index).repeat(10)).join("");
  painter.paint(frame(text, 55));
  const middle = await glass.shown();
  expect(middle.rows).toHaveLength(4);
  expect(middle.rows[middle.cursor.row]?.[middle.cursor.column]).toBe("f");
  painter.commit(frame(text));
  painter.paint(frame(""));
  const { active } = glass.terminal.buffer;
  await glass.shown();
  const all = Array.from(
    { length: active.length },
    (_value, y) => active.getLine(y)?.translateToString(true) ?? "",
  ).join("");
  expect(all).toContain(text);
});

test("control characters of a line never reach the terminal", async () => {
  const glass = new Glass(40, 4);
  new Painter(glass).paint(frame("a\x1b[2Jb\tc\x07"));
  expect((await glass.shown()).rows).toEqual(["> a^[[2Jb    c^G"]);
});

/** A generator of numbers that gives the same ones for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return Math.floor((state / 4294967296) * below);
  };
}

// No emoji of one code point: this terminal in memory knows the widths of Unicode 6 only.
const letters = ["a", "b", "z", " ", "-", "世", "界", "é", "e\u0301", "🇩🇪", "x".repeat(13)];
const moves: readonly [string, (buffer: engine.Buffer) => engine.Buffer | undefined][] = [
  ["left", engine.left],
  ["right", engine.right],
  ["home", engine.lineStart],
  ["end", engine.lineEnd],
  ["backspace", engine.backspace],
  ["delete", engine.deleteForward],
  ["alt-b", engine.wordLeft],
  ["alt-f", engine.wordRight],
  ["ctrl-k", engine.killToEnd],
  ["ctrl-w", engine.killBlankWordLeft],
  ["ctrl-y", engine.yank],
  ["ctrl-t", engine.transposeCharacters],
  ["ctrl-_", engine.undo],
  ["alt-enter", (buffer) => engine.insert(buffer, "\n")],
];

/** What is proposed behind the line in every second run; a note, so that no key takes it. */
const note = " → 世界 ghost of a line";

/** Where each grapheme must stand: an account of the terminal that shares nothing with the painter's. */
function expected(
  buffer: engine.Buffer,
  columns: number,
  proposes: boolean,
): { rows: string[]; cursor: { row: number; column: number } } {
  const rows = [""];
  let column = 0;
  let cursor = { row: 0, column: 0 };
  const put = (text: string, width: number, isCursor: boolean): void => {
    if (column + width > columns) {
      rows.push("");
      column = 0;
    }
    if (isCursor) cursor = { row: rows.length - 1, column };
    rows[rows.length - 1] += text;
    column += width;
  };
  for (const letter of "> ") put(letter, 1, false);
  for (const cell of graphemeCells(buffer.text)) {
    if (cell.text === "\n") {
      if (cell.from === buffer.cursor) put("", 1, true);
      rows.push("");
      column = 0;
      for (const letter of "  … ") put(letter, 1, false);
    } else put(cell.text, cell.width, cell.from === buffer.cursor);
  }
  if (buffer.cursor === buffer.text.length) {
    put("", 1, true);
    if (proposes) rows[rows.length - 1] += clip(note, columns - cursor.column - 1);
  }
  return { rows: rows.map((row) => row.trimEnd()), cursor };
}

test("any keys at all: the screen is what the line is, in every cell", { timeout: 120_000 }, async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const next = numbers(seed);
    const glass = new Glass(20 + next(40), 60);
    const proposes = seed % 2 === 0;
    const editor = new Editor({
      canvas: glass,
      styles: styles(true),
      recent: () => [],
      lines: () => [],
      complete: () => Promise.resolve(undefined),
      isUnfinished: () => false,
      // Every letter in a style of its own.
      typing: () => ({
        spans: (text) =>
          Array.from(graphemeCells(text), (cell, index) => ({ text: cell.text, style: String(31 + (index % 7)) })),
        ghost: () => (proposes ? { kind: "note", text: note } : undefined),
      }),
      suspend: () => Promise.resolve(),
      interruptCommand: () => false,
      reportBug: (error) => {
        throw error;
      },
    });
    void editor.read([{ text: "> " }]);
    let model = engine.empty;
    let notices = 0;
    const struck: string[] = [];
    for (let count = 0; count < 40; count++) {
      const letter = letters[next(letters.length)] ?? "a";
      const [name, move] = moves[next(moves.length)] ?? ["left", engine.left];
      const what = next(20);
      if (what < 12) {
        struck.push(letter);
        // The decoder hands over code points.
        for (const point of letter) {
          editor.strike(point, { sequence: point, name: undefined });
          model = engine.insert(model, point);
        }
      } else if (what < 18) {
        struck.push(name);
        strike(editor, name);
        model = move(model) ?? model;
      } else if (what === 18 && notices < 5) {
        struck.push("notice");
        notices++;
        editor.print(`notice ${notices}\n`);
      }
      if (next(3) > 0) continue; // As keys of one chunk: painted together.
      editor.paintNow();
      const want = expected(model, glass.columns, proposes);
      const above = Array.from({ length: notices }, (_value, index) => `notice ${index + 1}`);
      const rows = [...above, ...want.rows];
      while (rows.at(-1) === "") rows.pop();
      const cursor = { ...want.cursor, row: want.cursor.row + notices };
      expect(await glass.shown(), `seed ${seed}, keys ${struck.join(" ")}`).toEqual({ rows, cursor });
    }
    glass.terminal.dispose();
  }
});

test("what Tab found for a line that was left meanwhile is dropped", async () => {
  const glass = new Glass(40, 10);
  const found: ((completion: Completion) => void)[] = [];
  const editor = new Editor({
    canvas: glass,
    styles: styles(false),
    recent: () => [],
    lines: () => [],
    complete: () => new Promise((resolve) => found.push(resolve)),
    isUnfinished: () => false,
    typing: () => undefined,
    suspend: () => Promise.resolve(),
    interruptCommand: () => false,
    reportBug: (error) => {
      throw error;
    },
  });
  const choices = ["one", "two"].map((label) => ({ label, summary: "", insert: `${label} ` }));
  const completion = { from: 0, to: 1, common: undefined, choices };
  void editor.read([{ text: "> " }]);
  editor.strike("o", { sequence: "o", name: undefined });
  editor.strike("\t", { sequence: "\t", name: "tab" });
  strike(editor, "ctrl-c");
  found[0]?.(completion);
  await Promise.resolve();
  editor.paintNow();
  expect((await glass.shown()).rows).toEqual(["> o"]);
  editor.strike("\t", { sequence: "\t", name: "tab" });
  found[1]?.(completion);
  await Promise.resolve();
  editor.paintNow();
  expect((await glass.shown()).rows).toEqual(["> o", "› one", "  two"]);
});

/** A key as Node's decoder reports it. */
function strike(editor: Editor, name: string): void {
  const sequence = bytesOf(name);
  const plain = name.replace(/^(ctrl|alt)-/, "");
  const key = {
    sequence,
    name: plain === "enter" ? "return" : plain,
    ctrl: name.startsWith("ctrl-"),
    meta: name.startsWith("alt-"),
  };
  editor.strike(undefined, key);
}
