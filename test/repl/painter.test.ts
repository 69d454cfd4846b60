import { expect, test } from "vitest";
import { Editor } from "../../src/repl/editor/editor.ts";
import type { Completion } from "../../src/repl/editor/menu.ts";
import { type Frame, Painter } from "../../src/repl/editor/painter.ts";
import { styles } from "../../src/repl/editor/styles.ts";
import { Glass } from "../support/glass.ts";
import { bytesOf } from "../support/screen.ts";

/* The painter and the editor on a terminal in memory: what stands in which cell, and where the cursor is. */

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

test("on a tab that goes on in the next row, the cursor is where the tab begins", async () => {
  const glass = new Glass(10, 6);
  new Painter(glass).paint(frame("123456\tx", 6));
  expect(await glass.shown()).toEqual({ rows: ["> 123456", "  x"], cursor: { row: 0, column: 8 } });
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

test("the screen is never erased from its first cell on: tmux would keep a copy of it above", async () => {
  const glass = new Glass(10, 4);
  const { buffer, parser } = glass.terminal;
  let copies = 0;
  parser.registerCsiHandler({ final: "J" }, () => {
    if (buffer.active.cursorX === 0 && buffer.active.cursorY === 0) copies++;
    return false;
  });
  const painter = new Painter(glass);
  painter.paint(frame("1234"));
  painter.paint(frame("12345678", 3));
  painter.erase();
  painter.paint(frame("12345678", 3, ["menu"]));
  painter.commit(frame("12345678"));
  painter.paint(frame(""));
  await glass.flush();
  glass.terminal.reset();
  painter.forget();
  painter.paint(frame("1234"));
  painter.printAbove("notice\n");
  expect(await glass.shown()).toEqual({ rows: ["notice", "> 1234"], cursor: { row: 1, column: 6 } });
  expect(copies).toBe(0);
});

test("control characters of a line never reach the terminal", async () => {
  const glass = new Glass(40, 4);
  new Painter(glass).paint(frame("a\x1b[2Jb\tc\x07"));
  expect((await glass.shown()).rows).toEqual(["> a^[[2Jb    c^G"]);
});

test("a line that fills its row to the last cell is left without an empty row below it", async () => {
  const glass = new Glass(10, 6);
  const painter = new Painter(glass);
  painter.paint(frame("12345678"));
  painter.commit(frame("12345678"));
  painter.paint(frame("next"));
  expect(await glass.shown()).toEqual({ rows: ["> 12345678", "> next"], cursor: { row: 1, column: 6 } });
});

test("in a window as wide as the line or a little wider, the row above stays", async () => {
  const glass = new Glass(14, 6);
  const painter = new Painter(glass);
  glass.write("above\n");
  painter.paint(frame("12345678"));
  for (const columns of [10, 12, 9, 10, 30]) {
    await glass.resize(columns);
    painter.paint(frame("12345678"));
    expect((await glass.around(columns > 10 ? 0 : 1)).above).toEqual(["above"]);
  }
});

test("a terminal that wraps nothing anew keeps one copy of a line, and what stands above it, at every width", async () => {
  const glass = new Glass(20, 12, { reflows: false });
  const painter = new Painter(glass);
  glass.write("above\n");
  const text = "a line of words that takes three rows or more";
  painter.paint(frame(text, 25, ["menu"]));
  for (const columns of [14, 30, 9, 25, 60, 12]) {
    await glass.resize(columns);
    painter.paint(frame(text, 25, ["menu"]));
    // This one keeps what it has cut off, unseen.
    const rows = (await glass.shown()).rows.map((row) => row.slice(0, columns).padEnd(columns));
    expect(rows[0]).toBe("above".padEnd(columns));
    expect(rows.slice(1, -1).join("").trimEnd()).toBe(`> ${text}`);
    expect(rows.at(-1)).toBe("menu".padEnd(columns));
  }
});

test("what is cut at the right edge has nothing behind the cut", async () => {
  const glass = new Glass(10, 4);
  const below = [{ text: "1234567" }, { text: "世" }, { text: "x", style: "2" }, { text: "y" }];
  new Painter(glass).paint({ ...frame(""), below: [below] });
  expect((await glass.shown()).rows).toEqual([">", "1234567世"]);
  new Painter(glass).paint({ ...frame(""), below: [[{ text: "12345678" }, { text: "世" }, { text: "x" }]] });
  expect((await glass.shown()).rows).toEqual([">", "12345678"]);
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
    keyboard: () => ({ mode: "emacs", own: new Map() }),
    lastWordOf: () => undefined,
    shapeCursor: () => undefined,
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
