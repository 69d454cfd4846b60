import { expect, test } from "vitest";
import type { Cell, Shot } from "../../../src/build/pictures/svg.mjs";
import { svgOf } from "../../../src/build/pictures/svg.mjs";
import { elementsOf } from "../../support/xml.ts";

function cells(text: string, look: Partial<Cell> = {}): Cell[] {
  const plain = {
    colour: undefined,
    background: undefined,
    bold: false,
    faint: false,
    italic: false,
    underlined: false,
  };
  return Array.from(text, (letter) => ({ ...plain, text: letter, width: 1, ...look }));
}

function drawn(
  row: Cell[],
  cursor?: Shot["cursor"],
): { name: string; attributes: Record<string, string>; text: string }[] {
  const svg = svgOf({ title: "a <title>", columns: 20, rows: [row], cursor });
  const elements = elementsOf(svg);
  return elements.slice(elements.findIndex(({ name }) => name === "g") + 1);
}

test("neighbours that look the same are one text, as wide as their cells", () => {
  const [first, second, ...rest] = drawn([...cells("tsm "), ...cells("list", { colour: "#7fc06e", bold: true })]);
  expect(first).toMatchObject({ name: "text", text: "tsm", attributes: { x: "0", textLength: "25.2" } });
  expect(second).toMatchObject({ text: "list", attributes: { x: "33.6", fill: "#7fc06e", "font-weight": "bold" } });
  expect(rest).toEqual([]);
});

test("a wide character stands alone on its two cells, and what follows on its own", () => {
  const wide = [...cells("世", { width: 2 }), ...cells("", { width: 0 })];
  const behind = cells(" ", { width: 0, text: "" });
  const [one, two] = drawn([...wide, ...behind, ...cells("a")]);
  expect(one).toMatchObject({ text: "世", attributes: { x: "0", textLength: "16.8" } });
  expect(two).toMatchObject({ text: "a", attributes: { x: "16.8" } });
});

test("grounds lie under the texts, also under blanks", () => {
  const [ground, text] = drawn(cells(" ok ", { background: "#d5d8de", colour: "#16181d" }));
  expect(ground).toMatchObject({ name: "rect", attributes: { x: "0", width: "33.6", fill: "#d5d8de" } });
  expect(text).toMatchObject({ text: "ok", attributes: { x: "8.4", fill: "#16181d" } });
});

test("faint, italic and underlined are seen", () => {
  expect(drawn(cells("a", { faint: true }))[0]?.attributes).toMatchObject({ "fill-opacity": "0.55" });
  expect(drawn(cells("a", { italic: true }))[0]?.attributes).toMatchObject({ "font-style": "italic" });
  expect(drawn(cells("a", { underlined: true }))[0]?.attributes).toMatchObject({ "text-decoration": "underline" });
});

test("the lines of a box are drawn, and meet at the edges of their cells", () => {
  const [box] = drawn(cells("┌─"));
  expect(box).toMatchObject({ name: "path", attributes: { d: "M4.2 9H8.4M4.2 9V18M12.6 9H16.8M12.6 9H8.4" } });
});

test("the cursor shows its character the other way round", () => {
  const elements = drawn(cells("ab"), { row: 0, column: 1 });
  expect(elements.slice(1)).toMatchObject([
    { name: "rect", attributes: { x: "8.4", width: "8.4" } },
    { name: "text", text: "b", attributes: { x: "8.4", fill: "#16181d" } },
  ]);
});

test("signs of XML are text", () => {
  expect(drawn(cells(`a<b>&"c`))[0]?.text).toBe(`a<b>&"c`);
});
