import type { PortConflict } from "../core/port-conflicts.ts";
import type { Ended, Holder, HolderDetails } from "../core/port-holders.ts";
import type { PortRow } from "../core/ports.ts";
import type { Receipt } from "../core/receipt.ts";
import { duration } from "./duration.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";

/** What is declared: a line each in a pipe, a table on a terminal. */
export function* portLines(rows: readonly PortRow[], screen: Screen): Iterable<string> {
  const { terminal, plain, paint, columns, cut } = screen;
  if (!terminal || plain) {
    for (const row of rows) yield `Process: ${row.service}, Port: ${row.port}${terminal ? ` (${stateOf(row)})` : ""}`;
    if (rows.length === 0 && terminal) yield "No process has declared a port.";
    return;
  }
  if (rows.length === 0) {
    yield "No process has declared a port.";
    return;
  }
  const shown: Column<PortRow>[] = [
    { title: "process", min: 18, shrinkTo: 8, cell: ({ service }) => service, paint: paint.strong },
    { title: "port", align: "right", cell: ({ port }) => String(port) },
    {
      title: "state",
      cell: stateOf,
      shrinkTo: 10,
      paint: (text, { listening, pid, heldBy }) =>
        listening
          ? paint.good(text)
          : heldBy !== null
            ? paint.bad(text)
            : pid === null
              ? paint.faint(text)
              : paint.warn(text),
    },
    { title: "pid", align: "right", cell: ({ pid }) => String(pid ?? "-"), dropFirst: 1 },
  ];
  yield* table(rows, shown, { columns, paintFrame: paint.faint, cut });
}

function stateOf({ listening, pid, name, actual, heldBy, port }: PortRow): string {
  if (listening) return "listening";
  const others = actual.filter((each) => each !== port);
  const held =
    heldBy === null ? "" : `held by ${heldBy.process ?? (heldBy.pid === null ? "another user" : `PID ${heldBy.pid}`)}`;
  if (others.length > 0) return `listens on ${others.join(", ")}${held === "" ? "" : `, ${held}`}`;
  if (held !== "") return held;
  return name === null ? "reserved" : pid === null ? "not running" : "not listening";
}

/** Who listens where. */
export function* scanLines(
  holders: readonly Holder[],
  { columns, paint, terminal, plain, cut }: Screen,
): Iterable<string> {
  if (holders.length === 0) {
    if (terminal) yield "Nobody listens there.";
    return;
  }
  if (!terminal || plain) {
    for (const holder of holders)
      yield [
        String(holder.port),
        holder.addresses.join(","),
        markOf(holder),
        holder.process ?? "-",
        String(holder.pid ?? "-"),
        holder.command || "-",
      ]
        .map(sanitize)
        .join("\t");
    return;
  }
  const shown: Column<Holder>[] = [
    { title: "port", align: "right", cell: ({ port }) => String(port ?? "") },
    { title: "address", cell: ({ addresses }) => addresses.join(" "), shrinkTo: 9, dropFirst: 1 },
    {
      title: "tsm",
      cell: (holder) => (holder.process === null ? "-" : holder.owner === "managed" ? holder.process : markOf(holder)),
      shrinkTo: 8,
      paint: (text, { owner }) =>
        owner === "managed" ? paint.good(text) : owner === "orphan" ? paint.warn(text) : text,
    },
    { title: "pid", align: "right", cell: ({ pid }) => String(pid ?? "-") },
    { title: "command", shrinkTo: 10, cell: ({ command }) => command || "-", paint: paint.faint },
  ];
  yield* table(holders, shown, { columns, paintFrame: paint.faint, cut });
}

function markOf({ owner }: Holder): string {
  return {
    managed: "tsm",
    orphan: "orphan",
    damaged: "damaged",
    "other-home": "other-home",
    stranger: "ext",
    unknown: "ext",
  }[owner];
}

/** All about who listens. */
export function* holderLines(place: string, holders: readonly HolderDetails[], { paint }: Screen): Iterable<string> {
  const where = place.startsWith("/") ? place : `port ${place}`;
  if (holders.length === 0) yield `tsm: nobody listens on ${where}`;
  for (const [index, holder] of holders.entries()) {
    if (index > 0) yield "";
    const { pid, addresses, ageMs, cwd, command } = holder;
    const rows: readonly (readonly [string, string])[] = [
      [place.startsWith("/") ? "socket" : "port", place.startsWith("/") ? place : `${place} (${addresses.join(", ")})`],
      ["pid", pid === null ? "another user's, which cannot be seen" : String(pid)],
      ["managed", managedText(holder)],
      ...(pid === null
        ? []
        : ([
            ["age", ageMs === null ? "unknown" : duration(ageMs)],
            ["cwd", cwd ?? "unknown"],
            ["command", command === "" ? "unknown" : command],
          ] as const)),
    ];
    for (const [title, value] of rows) yield `${paint.faint(title.padEnd(9))}${sanitize(value)}`;
  }
}

function managedText({ owner, process, home }: HolderDetails): string {
  switch (owner) {
    case "managed":
      return `yes: ${process}`;
    case "orphan":
      return `no: '${process}' left it behind; tsm doctor orphans`;
    case "damaged":
      return `its record, '${process}', is damaged: tsm doctor --fix`;
    case "other-home":
      return `no: '${process}' of the home ${home}`;
    case "stranger":
    case "unknown":
      return "no";
  }
}

export function* claimLines({
  port,
  free,
  stopped,
  ended,
  left,
}: {
  readonly port: number;
  readonly free: boolean;
  readonly stopped: readonly Receipt[];
  readonly ended: readonly Ended[];
  readonly left: readonly Holder[];
}): Iterable<string> {
  for (const { name } of stopped) yield `tsm: stopped '${name}'`;
  for (const { pid, forced } of ended) yield `tsm: ended PID ${pid}${forced ? " (forced)" : ""}`;
  const [holder] = left;
  if (free)
    yield stopped.length + ended.length === 0 ? `tsm: port ${port} is free already` : `tsm: port ${port} is free`;
  else
    yield `tsm: port ${port} is held again, by PID ${holder?.pid ?? "unknown"}${holder?.command ? ` (${sanitize(holder.command)})` : ""}`;
}

export function* conflictLines(conflicts: readonly PortConflict[], { paint }: Screen): Iterable<string> {
  if (conflicts.length === 0) yield "✅ No conflicts";
  for (const { port, claims, heldBy } of conflicts) {
    const wanted = claims.map(({ by, name }) => `${by} ${name}`).join(", ");
    const held =
      heldBy === null
        ? ""
        : `; held by PID ${heldBy.pid ?? "unknown"}${heldBy.command === "" ? "" : ` (${heldBy.command.slice(0, 80)})`}`;
    yield paint.bad(sanitize(`❌ Port ${port}: ${wanted}${held}`));
  }
}
