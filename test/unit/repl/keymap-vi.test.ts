import { describe, expect, test } from "vitest";
import * as engine from "../../../src/repl/editor/engine.ts";
import { graphemeCells } from "../../../src/repl/editor/graphemes.ts";
import { press, viAt } from "../../../src/repl/editor/keymap-vi.ts";
import { takesKey } from "../../../src/repl/editor/vi-command.ts";
import { leaveInsertion, onCharacter, overwrite, restore } from "../../../src/repl/editor/vi-run.ts";
import { isCommanding, type Pressed } from "../../../src/repl/editor/vi-state.ts";

/** `|` stands before the character that the cursor is on. */
function normal(marked: string): Pressed {
  const cursor = marked.indexOf("|");
  const buffer = { ...engine.empty, text: marked.replace("|", ""), cursor };
  return { vi: { ...viAt(buffer, undefined), mode: "normal", insertion: undefined }, buffer };
}

/** One key, as the editor hands it on; `⎋` is Escape, `⌫` Backspace. */
function strike(state: Pressed, key: string): Pressed {
  const { vi, buffer } = state;
  if (isCommanding(vi)) return press(vi, buffer, keyNames.get(key) ?? key);
  if (key === "⎋") return leaveInsertion(vi, buffer);
  if (vi.mode === "replace") return key === "⌫" ? restore(vi, buffer) : overwrite(vi, buffer, key);
  return { vi, buffer: key === "⌫" ? engine.backspace(buffer) : engine.insert(buffer, key) };
}

const keyNames = new Map([
  ["⎋", "escape"],
  ["⟳", "C-r"],
]);

function after(marked: string, keys: string): Pressed {
  return [...keys].reduce(strike, normal(marked));
}

function shown({ vi, buffer: { text, cursor } }: Pressed): string {
  return `${text.slice(0, cursor)}${isCommanding(vi) ? "|" : "‸"}${text.slice(cursor)}`;
}

describe.for([
  {
    what: "motions",
    cases: [
      ["stop a|pi", "h", "stop |api"],
      ["|stop", "h", "|stop"],
      ["sto|p", "l", "sto|p"],
      ["|stop", "2l", "st|op"],
      ["|stop", "99l", "sto|p"],
      ["  st|op", "0", "|  stop"],
      ["  st|op", "^", "  |stop"],
      ["  st|op", "_", "  |stop"],
      ["|stop api", "$", "stop ap|i"],
      ["|stop --now=1", "w", "stop |--now=1"],
      ["|stop --now=1", "2w", "stop --|now=1"],
      ["|stop --now=1 x", "2W", "stop --now=1 |x"],
      ["stop a|pi", "w", "stop ap|i"],
      ["stop api-3000| x", "b", "stop api-|3000 x"],
      ["stop api-3000| x", "B", "stop |api-3000 x"],
      ["stop api-3000| x", "4b", "|stop api-3000 x"],
      ["|stop api", "e", "sto|p api"],
      ["sto|p api-1", "e", "stop ap|i-1"],
      ["sto|p api-1", "E", "stop api-|1"],
      ["|a.b.c", "f.", "a|.b.c"],
      ["|a.b.c", "2f.", "a.b|.c"],
      ["|a.b.c", "f.;", "a.b|.c"],
      ["|a.b.c", "f.;,", "a|.b.c"],
      ["|a.b.c", "t.", "|a.b.c"],
      ["|a.b.c", "t.;", "a.|b.c"],
      ["a.b.|c", "F.", "a.b|.c"],
      ["a.b.|c", "2F.", "a|.b.c"],
      ["a.b.|c", "T.", "a.b.|c"],
      ["a.b.|c", "T.;", "a.|b.c"],
      ["|abc", "fx", "|abc"],
      ["|a\nb.", "f.", "|a\nb."],
      ["a\n  b|c", "gg", "|a\n  bc"],
      ["a|b\ncd", "G", "ab\n|cd"],
      ["a|b", " ", "a|b"],
    ],
  },
  {
    what: "words are those of people, not of bytes",
    cases: [
      ["|👨‍👩‍👧 x", "l", "👨‍👩‍👧| x"],
      ["a👨‍👩‍👧|b", "h", "a|👨‍👩‍👧b"],
      ["a|👨‍👩‍👧b", "x", "a|b"],
      ["|e\u0301a x", "w", "e\u0301a |x"],
      ["|e\u0301a", "x", "|a"],
      ["|e\u0301a", "rz", "|za"],
      ["a|世界", "~", "a世|界"],
      ["|🇩🇪🇫🇷", "dl", "|🇫🇷"],
      ["|größe x", "dw", "|x"],
    ],
  },
  {
    what: "what is cut",
    cases: [
      ["st|op", "x", "st|p"],
      ["st|op", "2x", "s|t"],
      ["st|op", "X", "s|op"],
      ["st|op", "9X", "|op"],
      ["stop |api x", "D", "stop| "],
      ["|stop api", "dw", "|api"],
      ["stop |api", "dw", "stop| "],
      ["|a b c d", "d2w", "|c d"],
      ["|a b c d", "2dw", "|c d"],
      ["|a b c d e", "2d2w", "|e"],
      ["|a\nb", "dw", "|\nb"],
      ["|one  two", "de", "|  two"],
      ["one tw|o", "db", "one |o"],
      ["stop a|pi x", "d0", "|pi x"],
      ["|a=b;c", "df;", "|c"],
      ["|a=b;c", "dt;", "|;c"],
      ["|a=b;c", "dtx", "|a=b;c"],
      ["one t|wo three", "diw", "one | three"],
      ["one t|wo three", "daw", "one |three"],
      ["one tw|o", "daw", "on|e"],
      ["one| two three", "daw", "one| three"],
      ["o|ne two three four", "2daw", "|three four"],
      ["o|ne two three four", "d2aW", "|three four"],
      ["one t|wo three", "2daw", "on|e"],
      ["one| two three", "2daw", "on|e"],
      ["o|ne two three", "d3iw", "| three"],
      ["|one two three four", "daw2.", "|four"],
      ["one t|wo", "5daw", "one t|wo"],
      ["one t|wo\nthree", "daw", "on|e\nthree"],
      ["(a (b| c) d)", "2di(", "(|)"],
      ["x (a (b| c) d)", "d2a(", "x| "],
      ["(a (b| c) d)", "3di(", "(a (b| c) d)"],
      ['a "b| c" d', '2di"', "a | d"],
      ["stop |1", "de", "stop| "],
      ["stop ap|i", "dE", "stop a|p"],
      ["stop ap|i  ", "de", "stop a|p"],
      ["a 'b |c' d", "di'", "a '|' d"],
      ["a 'b |c' d", "da'", "a | d"],
      ["a|b", "dd", "|"],
      ["a|b\ncd\nef", "dd", "|cd\nef"],
      ["ab\nc|d", "dd", "|ab"],
      ["a|b\ncd\nef", "2dd", "|ef"],
      ["a|b\ncd\nef", "dj", "|ef"],
      ["ab\ncd\n|ef", "dk", "|ab"],
      ["ab\nc|d\nef", "dG", "|ab"],
      ["ab\nc|d\nef", "dgg", "|ef"],
      ["a|b", "dj", "a|b"],
      ["|", "x", "|"],
      ["|", "D", "|"],
    ],
  },
  {
    what: "what is changed",
    cases: [
      ["stop |api x", "cwdb⎋", "stop d|b x"],
      ["stop |a x", "cwdb⎋", "stop d|b x"],
      ["|one two three", "c2wx⎋", "|x three"],
      ["stop |api", "Cdb⎋", "stop d|b"],
      ["stop a|pi", "cc", "‸"],
      ["stop a|pi", "Slist⎋", "lis|t"],
      ["st|op", "sx⎋", "st|xp"],
      ["|", "sx⎋", "|x"],
      ["one t|wo three", "ciwx⎋", "one |x three"],
      ["|one two three", "c3iwx⎋", "|x three"],
      ["stop |1", "cedb⎋", "stop d|b"],
      ["|stop", "chx⎋", "|xstop"],
      ['a "b |c" d', 'ci"x⎋', 'a "|x" d'],
      ["st|op", "rx", "st|xp"],
      ["st|op", "2rx", "stx|x"],
      ["st|op", "3rx", "st|op"],
      ["|stop", "~~", "ST|op"],
      ["|stop", "9~", "STO|P"],
      ["s|top", "Rxy⎋", "sx|yp"],
      ["sto|p", "Rxyz⎋", "stoxy|z"],
      ["s|top", "Rxy⌫⌫⌫", "‸stop"],
      ["sto|p", "Rxy⌫", "stox‸"],
    ],
  },
  {
    what: "where text is typed",
    cases: [
      ["st|op", "ix⎋", "st|xop"],
      ["st|op", "ax⎋", "sto|xp"],
      ["  st|op", "Ix⎋", "  |xstop"],
      ["|stop", "Ax⎋", "stop|x"],
      ["s|top\nx", "ob⎋", "stop\n|b\nx"],
      ["stop\n|x", "Ob⎋", "stop\n|b\nx"],
      ["|stop", "3ix⎋", "xx|xstop"],
      ["|", "ab", "b‸"],
      ["st|op", "i⎋", "s|top"],
      ["|stop", "i⎋", "|stop"],
    ],
  },
  {
    what: "what is put back",
    cases: [
      ["|ab", "xp", "b|a"],
      ["|ab", "x3p", "baa|a"],
      ["a|b", "xP", "|ba"],
      ["|one two", "dwP", "one| two"],
      ["|one two", "ywP", "one| one two"],
      ["|one two", "yw$p", "one twoone| "],
      ["one |two", "yb", "|one two"],
      ["a|b\ncd", "ddp", "cd\n|ab"],
      ["ab\nc|d", "ddP", "|cd\nab"],
      ["a|b\ncd", "yyjp", "ab\n|ab\ncd"],
      ["a|b", "ddp", "a|b"],
      ["|a", "x9999p0~$", "A".padEnd(999, "a").replace(/a$/, "|a")],
      ["a|b", "Yp", "ab\n|ab"],
      ["|ab", "p", "|ab"],
    ],
  },
  {
    what: "what is done again, and taken back",
    cases: [
      ["|abcd", "x.", "|cd"],
      ["|abcdef", "2x.", "|ef"],
      ["|abcdef", "x3.", "|ef"],
      ["|a b c", "dw.", "|c"],
      ["|one two", "cwx⎋w.", "x |x"],
      ["|one two", "A!⎋0.", "one two!|!"],
      ["|one two", "ix⎋.", "|xxone two"],
      ["|a.b.c", "df..", "|c"],
      ["|abcd", "Rxy⎋l.", "xyx|y"],
      ["|abc", ".", "|abc"],
      ["|abc", "xxu", "|bc"],
      ["|abc", "xx2u", "|abc"],
      ["|abc", "xx9u", "|abc"],
      ["stop |api", "cwfoo bar⎋u", "stop |api"],
      ["stop |api", "ofoo bar⎋u", "stop |api"],
      ["|stop", "3ix y⎋u", "|stop"],
    ],
  },
  {
    what: "what is selected",
    cases: [
      ["|stop api", "vd", "|top api"],
      ["|stop api", "ved", "| api"],
      ["stop |api", "vbd", "|pi"],
      ["|stop api", "vwx", "|pi"],
      ["|stop api", "v3ld", "| api"],
      ["|stop api", "vecgo⎋", "g|o api"],
      ["|stop api", "vesgo⎋", "g|o api"],
      ["s|top api", "veyP", "sto|ptop api"],
      ["|stop api", "vey$p", "stop apisto|p"],
      ["|stop api", "ve~", "|STOP api"],
      ["|stop api", "veU", "|STOP api"],
      ["|STOP api", "veu", "|stop api"],
      ["|stop api", "verx", "|xxxx api"],
      ["|stop api", "v⎋x", "|top api"],
      ["|stop api", "vlvx", "s|op api"],
      ["s|top", "vlohd", "|p"],
      ["a|b\ncd\nef", "Vd", "|cd\nef"],
      ["a|b\ncd\nef", "Vjd", "|ef"],
      ["a|b\ncd", "vjD", "|"],
      ["a|b\ncd", "Vyp", "ab\n|ab\ncd"],
      ["|ab\ncd", "vjd", "|d"],
      ["one t|wo three", "viwd", "one | three"],
      ["one t|wo three", "vawd", "one |three"],
      ["f(a, |b)", "vi(d", "f(|)"],
      ["|a.b.c", "vf.;d", "|c"],
      ["|one two", "yewvep", "one on|e"],
      ["|one two", "yewvepp", "one onetw|o"],
      ["|abcdef", "vld.", "|ef"],
      ["|ab cd", "veUw.", "AB |CD"],
      ["|ab cd", "vlcxy⎋w.", "xy x|y"],
      ["|👨‍👩‍👧世x", "vld", "|x"],
      ["|a\nb", "Vrx", "|x\nb"],
      ["|stop", "vg⎋x", "|top"],
      ["|", "vd", "|"],
    ],
  },
  {
    what: "cases",
    cases: [
      ["|stop api", "gUw", "|STOP api"],
      ["stop |API x", "guiw", "stop |api x"],
      ["|Stop api", "g~e", "|sTOP api"],
      ["s|top API", "g~~", "|STOP api"],
      ["s|top", "gUU", "|STOP"],
      ["|ab cd", "gUww.", "AB |CD"],
    ],
  },
  {
    what: "registers",
    cases: [
      ["|one two", '"ayww"ap', "one tone| wo"],
      ["|ab", '"axx"ap', "|a"],
      ["|ab cd", '"adw"aP', "ab| cd"],
      ["|ab", '"ax"AxP', "|b"],
      ["|ab", '"ax"Ax"ap', "a|b"],
      ["|abc", 'x"_xp', "c|a"],
      ["|one two", 'yedw"0P', "on|etwo"],
      ["a|b\ncd", '"ayyGx"ap', "ab\nd\n|ab"],
      ["|ab", '"zp', "|ab"],
      ["|abcdef", '2"ax', "|cdef"],
      ["|abcdef", '"a2xx"aP', "a|bdef"],
      ["|abc", '"!x', "|bc"],
    ],
  },
  {
    what: "brackets",
    cases: [
      ["|f(a[1], b)", "%", "f(a[1], b|)"],
      ["f(a[1], b|)", "%", "f|(a[1], b)"],
      ["f(a|[1], b)", "%", "f(a[1|], b)"],
      ["|f(a) x", "d%", "| x"],
      ["|f(a", "%", "|f(a"],
      ["|abc", "%", "|abc"],
      ["f(a|, b)", "di(", "f(|)"],
      ["f(a|, b)", "dab", "|f"],
      ["f{(a)|, b}", "ciB", "f{‸}"],
      ["f(a|", "di(", "f(|a"],
    ],
  },
  {
    what: "what was undone comes back",
    cases: [
      ["|abc", "xxu⟳", "|c"],
      ["|abc", "xxuu2⟳", "|c"],
      ["|abc", "xxuux⟳", "|bc"],
      ["|stop", "ia b⎋u⟳", "a |bstop"],
      ["|abc", "xu9⟳", "|bc"],
    ],
  },
  {
    what: "what is no command does nothing",
    cases: [
      ["s|top", "z", "s|top"],
      ["s|top", "dz", "s|top"],
      ["s|top", "dzx", "s|op"],
      ["s|top", "d⎋x", "s|op"],
      ["s|top", "2⎋x", "s|op"],
      ["s|top", "gx", "s|top"],
      ["s|top", "f⎋x", "s|op"],
      ["s|top", "diq", "s|top"],
    ],
  },
])("$what", ({ cases }) => {
  test.for(cases)("%s, %s: %s", ([from = "", keys = "", to]) => {
    const state = after(from, keys);
    expect(shown({ ...state, buffer: isCommanding(state.vi) ? onCharacter(state.buffer) : state.buffer })).toBe(to);
  });
});

test.for([
  { keys: "k", action: { name: "up", times: 1 } },
  { keys: "3j", action: { name: "down", times: 3 } },
  { keys: "-", action: { name: "up", times: 1 } },
  { keys: "/", action: { name: "search", times: 1 } },
  { keys: "n", action: { name: "searchOlder", times: 1 } },
  { keys: "2N", action: { name: "searchNewer", times: 2 } },
  { keys: "⟳", action: { name: "search", times: 1 } },
  { keys: "gg", action: { name: "historyOldest", times: 1 } },
  { keys: "G", action: { name: "historyNewest", times: 1 } },
])("$keys on a line is $action.name, $action.times times", ({ keys, action }) => {
  expect(after("a|b", keys)).toMatchObject({ action });
});

test("what was typed on a new line is one step for u, and nothing for .", () => {
  const typed = [..."one two⎋"].reduce(strike, { vi: viAt(engine.empty, undefined), buffer: engine.empty });
  expect(shown(typed)).toBe("one tw|o");
  expect(shown(strike(typed, "."))).toBe("one tw|o");
  expect(shown(strike(typed, "u"))).toBe("|");
});

test("the next line knows what was cut, found and changed on the one before", () => {
  const before = after("|a.b", "f.x");
  const buffer = engine.insert(engine.fresh(before.buffer), "c.d");
  const typed = leaveInsertion(viAt(buffer, before.vi), buffer);
  expect(shown([..."0;.p"].reduce(strike, typed))).toBe("cd|.");
});

test("keys that vi has no use for are left to others", () => {
  expect(["escape", "left", "delete", "x", " ", "é", "世"].filter((key) => !takesKey(key))).toEqual([]);
  expect(["C-c", "return", "tab", "C-w", "M-return", "pageup", "paste-start"].filter(takesKey)).toEqual([]);
});

test("any keys at all leave the cursor on a character, and between two while typing", () => {
  const keys = [..."hlwbeWBE0^$;,xXDCSsYpPu.~iIaAoORdcydcy23fFtTrgGjkJzvVvUo%()b⟳⎋⎋⎋'\" ab-世é", "👨‍👩‍👧", "e\u0301"];
  let state = 1;
  const next = (below: number): number => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return Math.floor((state / 4294967296) * below);
  };
  for (let run = 0; run < 150; run++) {
    let pressed = normal("sto|p 'a\u0301b' 👨‍👩‍👧\n  api-3000 世界");
    const struck: string[] = [];
    for (let count = 0; count < 60; count++) {
      const key = keys[next(keys.length)] ?? "x";
      struck.push(key);
      pressed = strike(pressed, key);
      if (isCommanding(pressed.vi)) pressed = { ...pressed, buffer: onCharacter(pressed.buffer) };
      const { text, cursor } = pressed.buffer;
      const places = [...[...graphemeCells(text)].map(({ from }) => from), text.length];
      expect(places, struck.join("")).toContain(cursor);
      if (isCommanding(pressed.vi)) expect(onCharacter(pressed.buffer).cursor, struck.join("")).toBe(cursor);
    }
  }
});
