import { describe, expect, test } from "vitest";
import { lookFor } from "../../../src/view/look.ts";
import { sanitize } from "../../../src/view/sanitize.ts";
import { type Column, table } from "../../../src/view/table.ts";
import { displayWidth } from "../../../src/view/width.ts";

interface Row {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly memory: string;
}

const columns: readonly Column<Row>[] = [
  { title: "id", min: 4, cell: (row) => String(row.id) },
  { title: "name", min: 18, shrinkTo: 8, cell: (row) => row.name },
  { title: "status", min: 7, cell: (row) => row.status },
  { title: "restarts", dropFirst: 1, align: "right", cell: () => "0" },
  { title: "mem", dropFirst: 2, align: "right", cell: (row) => row.memory },
];

const server: Row = { id: 0, name: "server-3000", status: "online", memory: "12.3 MB" };
const family: Row = {
  id: 17,
  name: "👨‍👩‍👧-日本語-🇩🇪-cafe\u0301-service-with-a-long-name",
  status: "crashed",
  memory: "9.9 kB",
};
const hostile: Row = { id: 2, name: "\u001B[2J\u001B[Hevil\nname", status: "stopped", memory: "" };

test("the box is the one that users know", () => {
  expect(table([server], columns.slice(0, 3), { columns: undefined })).toEqual([
    "┌──────┬────────────────────┬─────────┐",
    "│ id   │ name               │ status  │",
    "├──────┼────────────────────┼─────────┤",
    "│ 0    │ server-3000        │ online  │",
    "└──────┴────────────────────┴─────────┘",
  ]);
});

test("where nothing can be drawn, each row is a line of words: nothing is cut, and what is not known is not said", () => {
  const drawn: Column<Row> = { title: "history", isPicture: true, cell: () => "▁▂▃" };
  expect(table([family, hostile], [...columns, drawn], { columns: 20, cut: "...", plain: true })).toEqual([
    `id 17, name ${family.name}, status crashed, restarts 0, mem 9.9 kB`,
    `id 2, name ${sanitize(hostile.name)}, status stopped, restarts 0`,
  ]);
  expect(table([], columns, { columns: 20, plain: true })).toEqual(["none"]);
});

test("numbers stand at the right", () => {
  const lines = table([server, family], columns, { columns: undefined });
  expect(lines[3]).toMatch(/│ 12\.3 MB │$/);
  expect(lines[4]).toMatch(/│ {2}9\.9 kB │$/);
});

test("without rows there is still a head", () => {
  expect(table([], columns, { columns: 80 })).toHaveLength(4);
});

describe("in every terminal from 20 to 200 columns", () => {
  const widths = Array.from({ length: 181 }, (_, index) => index + 20);
  const rows = [server, family, hostile];

  test("all lines are equally wide, whatever the names are made of", () => {
    for (const width of widths) {
      const measured = table(rows, columns, { columns: width }).map(displayWidth);
      expect(new Set(measured), `${width} columns`).toHaveProperty("size", 1);
    }
  });

  test("the table fits wherever it can", () => {
    // Frame and ids, the least of a name, and the status: what is never given up.
    const least = 1 + (4 + 3) + (8 + 3) + (7 + 3);
    for (const width of widths) {
      expect(displayWidth(table(rows, columns, { columns: width })[0] ?? "")).toBeLessThanOrEqual(
        Math.max(width, least),
      );
    }
  });

  test("no row becomes two, and no control character gets through", () => {
    for (const width of widths) {
      for (const line of table(rows, columns, { columns: width })) expect(line).not.toMatch(/\p{Cc}/u);
    }
  });
});

test("columns are left out before names are cut", () => {
  const full = displayWidth(table([server], columns, { columns: undefined })[0] ?? "");
  const oneLess = table([server], columns, { columns: full - 1 });
  expect(oneLess[1]).not.toContain("mem");
  expect(oneLess[1]).toContain("restarts");
  expect(table([family], columns, { columns: 40 })[3]).toContain("…");
});

test("a pipe gets everything, however long", () => {
  expect(table([family], columns, { columns: undefined })[3]).toContain(family.name);
});

test("colour is put on after measuring, and not on the room around the text", () => {
  const bold = (text: string) => `\u001B[1m${text}\u001B[22m`;
  const painted: Column<Row>[] = [{ title: "status", min: 9, cell: (row) => row.status, paint: bold }];
  expect(table([server], painted, { columns: 80 })[3]).toBe(`│ ${bold("online")}    │`);
});

test("where there is ASCII only a name is measured as it is shown", () => {
  const { fit } = lookFor(false, { LC_ALL: "C" });
  const lines = table([{ ...server, name: "a→b✅ and so much more" }], columns, { columns: 80, inPlace: fit }).map(fit);
  expect(lines[3]).toContain("a->bok and so much more");
  expect(new Set(lines.map(displayWidth)).size).toBe(1);
});
