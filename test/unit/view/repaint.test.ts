import { expect, test } from "vitest";
import { repaint } from "../../../src/view/repaint.ts";
import { Glass } from "../../support/glass.ts";

test("only rows that differ are written, and nothing when none does", () => {
  expect(repaint(["one", "two"], ["one", "two"], 20)).toBe("");
  const change = repaint(["one", "two", "three"], ["one", "2", "three"], 20);
  expect(change).toContain("\x1b[2;1H2");
  expect(change).not.toContain("three");
});

test("whatever was there before, the screen shows the rows", async () => {
  const glass = new Glass(10, 4);
  glass.write("\x1b[?7l");
  const pictures = [
    ["first", "row 2", "", "full width"],
    ["full width", "", "third"],
    [],
    ["\x1b[31mred\x1b[39m", "a", "b", "c"],
    ["full width", "full wid", "日本語日本", "日本語日"],
  ];
  let before: readonly string[] | undefined;
  for (const rows of pictures) {
    glass.write(repaint(before, rows, 10));
    before = rows;
    const seen = rows.map((row) => row.replaceAll(/\x1b\[\d+m/g, ""));
    while (seen.at(-1) === "") seen.pop();
    expect((await glass.shown()).rows).toEqual(seen);
  }
});

test("when nothing is known of the screen, all of it is painted", async () => {
  const glass = new Glass(10, 3);
  glass.write("rubbish\r\nand more");
  glass.write(repaint(undefined, ["one"], 10));
  expect((await glass.shown()).rows).toEqual(["one"]);
});
