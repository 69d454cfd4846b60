import type { StackRow, StackSummary } from "../core/stacks.ts";
import { duration } from "./duration.ts";
import type { Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";

/** The box of `stack status`. */
export function stackTable(rows: readonly StackRow[], { columns, paint, plain }: Screen): string[] {
  const shown: Column<StackRow>[] = [
    { title: "service", min: 18, shrinkTo: 8, cell: ({ ref }) => ref, paint: paint.strong },
    { title: "id", cell: ({ process }) => String(process?.id ?? "-"), dropFirst: 3 },
    { title: "name", shrinkTo: 8, cell: ({ process }) => process?.name ?? "-", dropFirst: 4 },
    {
      title: "status",
      min: 7,
      cell: ({ process, problem }) => (problem === null ? (process?.status ?? "never started") : "no service"),
      paint: (text, { process, problem }) =>
        problem !== null || process?.status === "crashed"
          ? paint.bad(text)
          : process?.status === "online"
            ? paint.good(text)
            : paint.faint(text),
    },
    { title: "pid", cell: ({ process }) => String(process?.pid ?? "-"), dropFirst: 2 },
    { title: "port", cell: ({ process }) => String(process?.port ?? "-"), dropFirst: 1 },
    {
      title: "uptime",
      cell: ({ process }) => (process === null || process.uptimeMs === null ? "-" : duration(process.uptimeMs)),
      dropFirst: 5,
    },
  ];
  return table(rows, shown, { columns, paintFrame: paint.faint, plain });
}

/** The box of `stack list`. */
export function stacksTable(rows: readonly StackSummary[], { columns, paint, plain }: Screen): string[] {
  const shown: Column<StackSummary>[] = [
    { title: "stack", min: 18, shrinkTo: 8, cell: ({ ref }) => ref, paint: paint.strong },
    {
      title: "online",
      cell: ({ online, services }) => `${online} of ${services}`,
      paint: (text, { online, services }) =>
        online === 0 ? paint.faint(text) : online === services ? paint.good(text) : paint.warn(text),
    },
    { title: "file", shrinkTo: 10, cell: ({ file }) => file, dropFirst: 1 },
  ];
  return table(rows, shown, { columns, paintFrame: paint.faint, plain });
}
