import type { ImportedApp } from "../core/imported-app.ts";
import type { Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";

/** What was found in a file. */
export function importedTable(apps: readonly ImportedApp[], { columns, paint, cut, plain }: Screen): string[] {
  const shown: Column<ImportedApp>[] = [
    { title: "app", min: 8, shrinkTo: 8, cell: ({ name }) => name, paint: paint.strong },
    { title: "command", shrinkTo: 16, cell: commandOf },
    { title: "×", cell: ({ instances }) => String(instances ?? 1), align: "right", dropFirst: 2 },
    { title: "port", cell: ({ port, env }) => String(port ?? env?.["PORT"] ?? "-"), align: "right", dropFirst: 1 },
    { title: "needs", shrinkTo: 8, dropFirst: 3, cell: ({ depends_on: needed }) => needed?.join(", ") ?? "-" },
  ];
  const useful = shown.filter(({ title }) => {
    if (title === "×") return apps.some(({ instances = 1 }) => instances > 1);
    return title !== "needs" || apps.some(({ depends_on: needed }) => needed !== undefined);
  });
  return table(apps, useful, { columns, paintFrame: paint.faint, cut, plain });
}

function commandOf({ interpreter, node_args: before = [], script, args = [] }: ImportedApp): string {
  const runs = interpreter === undefined || interpreter === "none" ? [script] : [interpreter, ...before, script];
  return [...runs, ...args.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)))].join(" ");
}

/** Lines under a title, where there are any. */
export function* titled(title: string, lines: readonly string[], { paint }: Screen): Iterable<string> {
  if (lines.length === 0) return;
  yield paint.warn(title);
  for (const line of lines) yield `  ${line}`;
}
