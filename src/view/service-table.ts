import type { StartedService } from "../core/service-start.ts";
import type { ServicePage, ServiceRow } from "../core/services.ts";
import { bytes } from "./bytes.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";
import { clip } from "./width.ts";

/** The box of `services` and `list available`. */
export function serviceTable(rows: readonly ServiceRow[], { columns, paint, plain }: Screen): string[] {
  const shown: Column<ServiceRow>[] = [
    { title: "service", min: 18, shrinkTo: 8, cell: ({ ref }) => ref, paint: paint.strong },
    { title: "enabled", cell: ({ enabled }) => (enabled ? "yes" : "-") },
    {
      title: "status",
      min: 7,
      cell: ({ status }) => status ?? "-",
      paint: (text, { status }) =>
        status === "online" ? paint.good(text) : status === "crashed" ? paint.bad(text) : paint.faint(text),
    },
    { title: "port", cell: ({ port }) => String(port ?? "-"), dropFirst: 1 },
    {
      title: "what it is",
      shrinkTo: 10,
      dropFirst: 2,
      cell: ({ description, command }) => (description === "" ? command : description),
    },
  ];
  return table(rows, shown, { columns, paintFrame: paint.faint, plain });
}

/** What stands on stderr beside it. */
export function* serviceNotes(rows: readonly ServiceRow[]): Iterable<string> {
  for (const { ref, problems } of rows) {
    for (const problem of problems.slice(0, mostProblems)) yield sanitize(`${ref}: ${problem}`);
    const more = problems.length - mostProblems;
    if (more > 0) yield sanitize(`${ref}: and ${more} more: tsm show ${ref}`);
  }
}

/** Of one service: a file that is none of ours has one for each line. */
const mostProblems = 5;

/** What stands on stderr beside a service that was started. */
export function* startedNotes(service: StartedService | null | undefined): Iterable<string> {
  if (service?.ran) yield sanitize(`${service.file}: ${service.ran}; bash ran the file to read it`);
  if (service?.gone) yield sanitize(`${service.file} is gone: '${service.name}' was started as it was before`);
}

/** `info ORG/NAME`. */
export function* servicePage(page: ServicePage, { columns, paint }: Screen): Iterable<string> {
  for (const [title, value] of rowsOf(page)) {
    const line = `${paint.faint(title.padEnd(12))} ${sanitize(value)}`;
    yield columns === undefined || title === "command" || title === "file" ? line : clip(line, columns);
  }
}

function rowsOf(page: ServicePage): (readonly [string, string])[] {
  const { status, process, port, env, before, ready, health, restart, maxMemory } = page;
  const given = (title: string, value: string | null) =>
    value === null || value === "" ? [] : [[title, value] as const];
  return [
    ["service", page.ref],
    ...given("what it is", page.description),
    ["status", process === null ? "never started" : `${status} (${process})`],
    ["enabled", page.enabled ? `yes${page.autostart ? "" : ", but TSM_AUTOSTART keeps it out of startup"}` : "no"],
    ["command", page.command === "" ? "-" : page.command],
    ["port", String(port ?? "none")],
    ["cwd", page.cwd === "" || page.cwd === "." ? "where it is started" : page.cwd],
    ["env", env ?? "env/local.env"],
    ...given("before it", before),
    ...given("depends on", page.depends.join(", ")),
    ...given("ready", ready),
    ...given("health", health),
    ...given("restart", restart),
    ...given("max memory", maxMemory === null ? null : bytes(maxMemory)),
    ["file", page.file],
    ...page.problems.map((problem) => ["problem", problem] as const),
  ];
}
