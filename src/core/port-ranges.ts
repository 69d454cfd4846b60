import type { PortRow } from "./ports.ts";

/** Ports by what they are for. */
export interface PortUse {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly declared: number;
  readonly listening: number;
}

/** As TSM has always divided them. */
const ranges = [
  { name: "dev", from: 5000, to: 5999 },
  { name: "staging", from: 6000, to: 6999 },
  { name: "proxy", from: 7000, to: 7999 },
  { name: "prod", from: 8000, to: 8999 },
] as const;

/** The ranges, and how much of each is declared and listened on; what lies in none is `other`. */
export function portUse(rows: readonly PortRow[]): PortUse[] {
  const used = (among: readonly PortRow[]) => ({
    declared: new Set(among.map(({ port }) => port)).size,
    listening: new Set(among.filter(({ listening }) => listening).map(({ port }) => port)).size,
  });
  const inRange = (row: PortRow, { from, to }: { readonly from: number; readonly to: number }) =>
    row.port >= from && row.port <= to;
  const found = ranges.map((range) => ({ ...range, ...used(rows.filter((row) => inRange(row, range))) }));
  const others = rows.filter((row) => !ranges.some((range) => inRange(row, range)));
  return [...found, { name: "other", from: 1, to: 65_535, ...used(others) }];
}
