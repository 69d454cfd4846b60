import { describe, expect, test } from "vitest";
import { stripEscapes } from "../../../src/view/escapes.ts";
import { clip, displayWidth, padEnd } from "../../../src/view/width.ts";

describe("displayWidth", () => {
  test.for([
    { text: "", width: 0, because: "nothing is there" },
    { text: "server-3000", width: 11, because: "ASCII takes a column each" },
    { text: "日本語", width: 6, because: "CJK takes two" },
    { text: "한글", width: 4, because: "so does Hangul" },
    { text: "\u1100\u1161\u11A8", width: 2, because: "a syllable may come in three pieces" },
    { text: "Ａ", width: 2, because: "full-width Latin is wide" },
    { text: "ｱ", width: 1, because: "half-width katakana is not" },
    { text: "e\u0301", width: 1, because: "a combining accent joins its letter" },
    { text: "Zürich…", width: 7, because: "Latin-1 and the ellipsis are narrow" },
    { text: "👍", width: 2, because: "an emoji is wide" },
    { text: "👍🏽", width: 2, because: "a skin tone joins its emoji" },
    { text: "👨‍👩‍👧", width: 2, because: "a family is one picture" },
    { text: "🇩🇪🇯🇵", width: 4, because: "two letters make one flag" },
    { text: "\u{1F1E9}", width: 1, because: "one letter of a flag is a letter" },
    { text: "🏴󠁧󠁢󠁥󠁮󠁧󠁿", width: 2, because: "a flag may be spelled in invisible tags" },
    { text: "❤️", width: 2, because: "a variation selector asks for the picture" },
    { text: "❤", width: 1, because: "without it the heart is a letter" },
    { text: "\u200B\u2060", width: 0, because: "zero-width characters are not seen" },
    { text: "┌─┬┐│", width: 5, because: "box lines are narrow" },
    { text: "●✗›", width: 3, because: "so are the marks of the prompt" },
    { text: "\u001B[1;31mred\u001B[0m", width: 3, because: "colours take no room" },
    { text: "\u001B[38:2::255:0:0m日\u001B[m", width: 2, because: "true colours neither" },
    { text: "\u001B]8;;http://x/\u001B\\link\u001B]8;;\u0007", width: 4, because: "nor do links" },
  ])("$text takes $width: $because", ({ text, width }) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe("clip", () => {
  test.for([
    { text: "server", columns: 6, result: "server" },
    { text: "server", columns: 5, result: "serv…" },
    { text: "server", columns: 1, result: "…" },
    { text: "server", columns: 0, result: "" },
    { text: "server", columns: -3, result: "" },
    { text: "日本語", columns: 5, result: "日本…" },
    { text: "日本語", columns: 4, result: "日…" },
    { text: "a👨‍👩‍👧b", columns: 3, result: "a…" },
    { text: "a👨‍👩‍👧bc", columns: 4, result: "a👨‍👩‍👧…" },
    { text: "e\u0301e\u0301e\u0301", columns: 2, result: "e\u0301…" },
  ])("$text in $columns columns is $result", ({ text, columns, result }) => {
    expect(clip(text, columns)).toBe(result);
  });

  test.for(["production-日本語-👨‍👩‍👧-🇩🇪-e\u0301", "plain-ascii-name-that-is-long", "日本語日本語日本語"])(
    "%s is never wider than it may be, and at most one column narrower",
    (text) => {
      for (let columns = 1; columns <= 40; columns++) {
        const width = displayWidth(clip(text, columns));
        expect(width).toBeLessThanOrEqual(columns);
        expect(width).toBeGreaterThanOrEqual(Math.min(displayWidth(text), columns) - 1);
      }
    },
  );
});

test("padding counts columns, not characters, and leaves wider texts alone", () => {
  expect(padEnd("日本", 6)).toBe("日本  ");
  expect(padEnd("\u001B[31mok\u001B[0m", 4)).toBe("\u001B[31mok\u001B[0m  ");
  expect(padEnd("longer", 3)).toBe("longer");
});

test("an escape sequence that never ends is removed, not the text before it", () => {
  expect(stripEscapes("name\u001B]0;title without an end")).toBe("name");
});
