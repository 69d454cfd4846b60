import { expect, test } from "vitest";
import { glyphsFor } from "../../../src/view/glyphs.ts";
import { plain } from "../../../src/view/paint.ts";
import { axisColumns, plot } from "../../../src/view/plot.ts";
import { sparkline } from "../../../src/view/sparkline.ts";
import { displayWidth } from "../../../src/view/width.ts";

const utf8 = glyphsFor({ cut: "…" });
const ascii = glyphsFor({ cut: "~" });
const picture = (values: readonly (number | undefined)[], glyphs = utf8) => [
  ...plot(
    { title: "cpu", values, height: 4, least: 1, label: (value) => `${value}%`, from: "10:00", to: "11:00" },
    { paint: plain },
    glyphs,
  ),
];

test("a history is a column for each value, and a blank where there is none", () => {
  expect(sparkline([0, 50, undefined, 100, 200], 100, utf8)).toBe("▁▅ ██");
  expect(sparkline([0, 50, undefined, 100, 200], 100, ascii)).toBe("_= ##");
  expect(sparkline([0, 0], 0, utf8)).toBe("▁▁");
});

test("a picture stands on 0, and its top is a round number above the highest", () => {
  expect(picture([0, 1, 2, 3, undefined, 4])).toEqual([
    "cpu",
    "       4% ┤     █",
    "          │   █ █",
    "       2% ┤  ██ █",
    "          │▁███ █",
    "       0% └──────",
    "           10:00 11:00",
  ]);
});

test.for([0.02, 7, 60.1, 99, 101, 1234])("with %d as the highest it fits, and is not flat", (most) => {
  const rows = picture([0, most / 2, most]);
  for (const row of rows.slice(1, 6)) expect(displayWidth(row)).toBeLessThanOrEqual(axisColumns + 3);
  expect(Number.parseFloat(rows[1] ?? "")).toBeGreaterThanOrEqual(most);
});

test("where there is only ASCII, there is only ASCII", () => {
  expect(picture([0, 1, 2.5, undefined, 4], ascii).join("")).toMatch(/^[ -~]*$/);
});
