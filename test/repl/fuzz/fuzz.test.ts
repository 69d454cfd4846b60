import { expect, test } from "vitest";
import { Editor } from "../../../src/repl/editor/editor.ts";
import { graphemeCells } from "../../../src/repl/editor/graphemes.ts";
import { menuLines } from "../../../src/repl/editor/menu.ts";
import { styles } from "../../../src/repl/editor/styles.ts";
import { Glass, numbers } from "../../support/glass.ts";
import { bytesOf } from "../../support/screen.ts";
import { cellsOf, completionAt, edits, ghostOf, history, keysOfSearch, Model, screenOf } from "./model.ts";

/*
 * Any keys at all, with lines printed above and the window made wider and narrower: after each paint every row of the
 * screen, all that scrolled away and the cursor are what the model says. Which sequences: TSM_FUZZ=FROM-TO, or one seed.
 */

const [from = 1, to = from] = (process.env["TSM_FUZZ"] ?? "1-2000").split("-").map(Number);
const parts = 5;

const letters = ["a", "b", "z", " ", "-", "世", "界", "é", "e\u0301", "🇩🇪", "alp", "x".repeat(13)];
// Widths that only terminals of today know.
const emoji = ["🎉", "👍🏽", "👨‍👩‍👧", "😀"];
const editKeys = Object.keys(edits);
const modeKeys = ["tab", "shift-tab", "up", "down", "ctrl-r", "escape", "enter", "ctrl-c", "backspace", "ctrl-l"];
const most = 150;

test.for(Array.from({ length: parts }, (_value, part) => part))(
  "part %i of the sequences: the screen is what the model says, in every cell",
  { timeout: 1_800_000 },
  async (part) => {
    for (let seed = from; seed <= to; seed++) if (seed % parts === part) await play(seed);
  },
);

async function play(seed: number): Promise<void> {
  const next = numbers(seed);
  const one = <T>(list: readonly [T, ...T[]] | readonly T[]): T => list[next(list.length)] as T; // never of an empty list
  const knowsEmoji = seed % 2 === 0;
  const alphabet = knowsEmoji ? [...letters, ...emoji] : letters;
  const glass = new Glass(6 + next(50), 100, { knowsEmoji });
  const editor = new Editor({
    canvas: glass,
    styles: styles(true),
    recent: () => history,
    lines: () => history.toReversed(),
    complete: (text, cursor) => Promise.resolve(completionAt(text, cursor)),
    isUnfinished: () => false,
    // Every letter in a style of its own.
    typing: () => ({
      spans: (text) =>
        Array.from(graphemeCells(text), (cell, index) => ({ text: cell.text, style: String(31 + (index % 7)) })),
      ghost: ghostOf,
    }),
    keyboard: () => ({ mode: "emacs", own: new Map() }),
    lastWordOf: () => undefined,
    shapeCursor: () => undefined,
    suspend: () => Promise.resolve(),
    interruptCommand: () => false,
    reportBug: (error) => {
      throw error;
    },
  });
  const read = (): void => {
    void editor.read([{ text: "> " }]).then(read);
  };
  read();
  const model = new Model();
  const struck: string[] = [];
  let notices = 0;
  let isResized = false;
  // Blanks stand where a wide character did not fit; and this terminal mixes up characters of several code points when
  // it re-wraps what has scrolled away.
  const inked = (line: string): string =>
    line.replaceAll(isResized ? / |e|\p{Mn}|\p{Cf}|\p{EMod}|\p{Emoji_Presentation}/gu : / /g, "");

  const check = async (): Promise<void> => {
    await settled();
    editor.paintNow();
    const want = screenOf(model, belowOf(model, glass), glass.columns);
    const { above, rows, column } = await glass.around(want.cursor.row);
    expect(
      { above: above.map(inked), rows, column },
      `TSM_FUZZ=${seed}, ${glass.columns} columns, ${struck.join(" ")}`,
    ).toEqual({
      above: model.above.map(inked),
      rows: want.rows,
      column: want.cursor.column,
    });
  };

  for (let count = 0; count < 25; count++) {
    const what = next(40);
    if (model.shown().text.length > most) press("ctrl-u");
    else if (what < 18) type(one(alphabet));
    else if (what < 24) press(one(editKeys));
    else if (what < 34) press(one(modeKeys));
    else if (what < 36) paste(Array.from({ length: next(6) }, () => one([...alphabet, "\n", "\t"])).join(""));
    else if (what < 38) {
      struck.push("notice");
      const notice = `notice ${++notices} ${"n".repeat(next(30))}`;
      editor.print(`${notice}\n`);
      model.above.push(notice);
    } else {
      // Limits, in docs/notes/shell.md: a paint on its way, and characters of several code points.
      await check();
      const splitsFlags = !knowsEmoji && /\p{RI}/u.test(model.shown().text);
      if (splitsFlags || screenOf(model, [], glass.columns).isFilled) continue;
      await glass.resize(Math.max(6, Math.min(80, glass.columns + next(41) - 20)));
      struck.push(`to ${glass.columns} columns`);
      isResized = true;
      await check();
    }
    if (next(3) === 0) await check();
    else await settled();
  }
  await check();
  glass.terminal.dispose();

  function type(letter: string): void {
    struck.push(JSON.stringify(letter));
    // The decoder hands over code points.
    for (const point of letter) {
      editor.strike(point, { sequence: point, name: undefined });
      model.type(point);
    }
  }

  function press(name: string): void {
    struck.push(name);
    editor.strike(undefined, keyOf(name));
    model.press(name);
  }

  function paste(text: string): void {
    struck.push(`paste ${JSON.stringify(text)}`);
    editor.strike(undefined, { sequence: "\x1b[200~", name: "paste-start" });
    for (const point of text) {
      if (point === "\n") editor.strike("\r", { sequence: "\r", name: "return" });
      else if (point === "\t") editor.strike("\t", { sequence: "\t", name: "tab" });
      else editor.strike(point, { sequence: point, name: undefined });
    }
    editor.strike(undefined, { sequence: "\x1b[201~", name: "paste-end" });
    model.paste(text);
  }
}

/** What Tab looked for has been found, and a line that was taken has been followed by the next. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
}

function belowOf({ mode, note }: Model, glass: Glass): string[] {
  if (mode.kind === "menu") {
    const menu = { completion: mode.completion, index: mode.index };
    return menuLines(menu, glass.columns, glass.rows, styles(false)).map((line) =>
      line.map(({ text }) => text).join(""),
    );
  }
  if (mode.kind === "search") {
    const says = mode.failed ? `no older line has “${mode.query}”` : `search: ${mode.query}`;
    // Whole, or not at all.
    return [cellsOf(says + keysOfSearch) < glass.columns ? says + keysOfSearch : says];
  }
  return note === undefined ? [] : inWords(note, glass.columns - 1);
}

/** As many words on a row as fit, and one at least. */
function inWords(text: string, most: number): string[] {
  const rows: string[] = [];
  for (const word of text.split(" ")) {
    const row = rows.at(-1);
    if (row !== undefined && cellsOf(`${row} ${word}`) <= most) rows[rows.length - 1] = `${row} ${word}`;
    else rows.push(word);
  }
  return rows;
}

/** A key as Node's decoder reports it. */
function keyOf(name: string) {
  const plain = name.replace(/^(ctrl|alt|shift)-/, "");
  return {
    sequence: bytesOf(name),
    name: plain === "enter" ? "return" : plain,
    ctrl: name.startsWith("ctrl-"),
    meta: name.startsWith("alt-"),
    shift: name.startsWith("shift-"),
  };
}
