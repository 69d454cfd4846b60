import type { ProcessSummary } from "../core/process.ts";
import { bytes } from "./bytes.ts";
import { duration, ordinal, shortTime } from "./duration.ts";
import type { Paint } from "./paint.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";
import { clip, displayWidth } from "./width.ts";

/**
 * A table; rows of a few words where there is no room for one, and lines of words where nothing is to be painted.
 * @param isGrouped whether a namespace says anything: the table has a column for it then.
 */
export function* processLines(
  processes: readonly ProcessSummary[],
  isGrouped: boolean,
  screen: Screen,
): Iterable<string> {
  const { columns, paint, cut, inPlace, plain } = screen;
  if (plain) yield* lines(processes);
  else if (columns !== undefined && columns < narrowest) yield* rows(processes, columns, screen);
  else yield* table(processes, columnsFor(screen, isGrouped), { columns, paintFrame: paint.faint, cut, inPlace });
}

/** Narrower than this not even the box of ids, names, statuses and pids fits. */
const narrowest = 38;

/** `0 api-3000 online port 3000 pid 123 up 5m`: a row as it is read aloud. */
function* lines(processes: readonly ProcessSummary[]): Iterable<string> {
  if (processes.length === 0) yield "no processes";
  for (const process of processes) {
    const { id, name, port, pid, uptimeMs, restarts, memory } = process;
    const parts = [
      `${id} ${sanitize(name)} ${statusText(process)}`,
      ...(port === "none" ? [] : [`port ${port}`]),
      ...(pid === null ? [] : [`pid ${pid}`]),
      ...(uptimeMs === null ? [] : [`up ${duration(uptimeMs)}`]),
      ...(restarts === 0 ? [] : [`restarts ${restarts}`]),
      ...(memory === null ? [] : [`memory ${bytes(memory)}`]),
    ];
    yield parts.join(" ");
  }
}

/** `0 api-3000 online`, cut to the width. */
function* rows(processes: readonly ProcessSummary[], columns: number, screen: Screen): Iterable<string> {
  for (const process of processes) {
    const status = statusText(process);
    const name = clip(
      sanitize(process.name),
      Math.max(1, columns - displayWidth(`${process.id}  ${status}`)),
      screen.cut,
    );
    yield `${process.id} ${screen.paint.strong(name)} ${statusColour(status, process, screen.paint)}`;
  }
}

function columnsFor(screen: Screen, isGrouped: boolean): Column<ProcessSummary>[] {
  const { typed = screen.terminal, paint } = screen;
  const usual: Column<ProcessSummary>[] = [
    { title: "id", min: 4, cell: ({ id }) => String(id) },
    { title: "name", min: 18, shrinkTo: 8, cell: ({ name }) => name, paint: paint.strong },
    ...(isGrouped ? [{ title: "namespace", cell: ({ namespace }: ProcessSummary) => namespace, dropFirst: 3 }] : []),
    {
      title: "status",
      min: 7,
      cell: statusText,
      paint: (text, process) => statusColour(text, process, paint),
    },
    { title: "pid", min: 6, cell: ({ pid }) => (pid === null ? "-" : String(pid)) },
    { title: "port", min: 7, cell: ({ port }) => String(port), dropFirst: 1 },
    {
      title: "uptime",
      // On a terminal of 80 columns the box is to fit, also what grep leaves of it; scripts see what they have always seen.
      min: typed ? 8 : 20,
      cell: ({ uptimeMs }) => (uptimeMs === null ? "-" : duration(uptimeMs)),
      dropFirst: 2,
    },
  ];
  if (!showsUse(screen)) return usual;
  return [
    ...usual,
    { title: "restarts", cell: ({ restarts }) => String(restarts), align: "right", dropFirst: 5 },
    { title: "cpu", min: 5, cell: ({ cpu }) => (cpu === null ? "-" : `${cpu}%`), align: "right", dropFirst: 4 },
    {
      title: "mem",
      min: 7,
      cell: ({ memory }) => (memory === null ? "-" : bytes(memory)),
      align: "right",
      dropFirst: 3,
    },
  ];
}

/** In a pipe the table has the columns that scripts have always seen. */
export function showsUse({ terminal, columns }: Screen): boolean {
  return terminal && (columns ?? 0) >= 100;
}

/** pm2's words for each, and ours where it has none. */
export function* miniLines(processes: readonly ProcessSummary[]): Iterable<string> {
  for (const process of processes) {
    const { id, name, namespace, pid, port, uptimeMs, restarts, memory } = process;
    yield `+--- ${sanitize(name)}`;
    yield `namespace : ${sanitize(namespace)}`;
    yield `pid : ${pid ?? 0}`;
    yield `pm2 id : ${id}`;
    yield `status : ${statusText(process)}`;
    yield "mode : fork";
    yield `port : ${port}`;
    yield `restarted : ${restarts}`;
    yield `uptime : ${uptimeMs === null ? 0 : duration(uptimeMs)}`;
    yield `memory usage : ${bytes(memory ?? 0)}`;
    yield "";
  }
}

function statusColour(text: string, { status }: ProcessSummary, paint: Paint): string {
  if (status === "online") return paint.good(text);
  if (status === "crashed") return paint.bad(text);
  return status === "stopped" ? paint.faint(text) : paint.warn(text);
}

/** `waiting (retry in 12 s, 7th)`, `waiting (for port 3000)`, `online (unsupervised)`. */
function statusText({ status, supervised, retryInMs, unstableRestarts, reason, port }: ProcessSummary): string {
  if (status === "waiting" && reason !== "") return `waiting (for port ${port})`;
  if (status === "waiting" && retryInMs !== null) {
    return `waiting (retry in ${shortTime(retryInMs)}, ${ordinal(Math.max(1, unstableRestarts))})`;
  }
  return supervised ? status : `${status} (unsupervised)`;
}
