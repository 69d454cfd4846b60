import type { PortUse } from "../core/port-ranges.ts";
import type { PortRow } from "../core/ports.ts";
import type { Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";

/** The box of `ports ranges`. */
export function rangeLines(use: readonly PortUse[], { columns, paint, plain }: Screen): string[] {
  const shown: Column<PortUse>[] = [
    { title: "range", min: 8, cell: ({ name }) => name, paint: paint.strong },
    { title: "ports", cell: ({ name, from, to }) => (name === "other" ? "all others" : `${from}-${to}`) },
    { title: "declared", align: "right", cell: ({ declared }) => String(declared) },
    { title: "listening", align: "right", cell: ({ listening }) => String(listening) },
  ];
  return table(use, shown, { columns, paintFrame: paint.faint, plain });
}

/** `3 ports declared, 2 listened on, 1 held by others, 0 conflicts`. */
export function overviewLine(rows: readonly PortRow[], conflicts: number, { paint }: Screen): string {
  const count = (of: (row: PortRow) => boolean) => rows.filter(of).length;
  const held = count(({ heldBy }) => heldBy !== null);
  const text = `${rows.length} ${rows.length === 1 ? "port" : "ports"} declared, ${count(({ listening }) => listening)} listened on, ${held} held by others, ${conflicts} ${conflicts === 1 ? "conflict" : "conflicts"}`;
  return held + conflicts > 0 ? paint.warn(text) : text;
}
