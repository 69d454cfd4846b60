import type { MomentKind, Timeline, TimelineMoment } from "../core/timeline.ts";
import { eventLines, localTime } from "./event-line.ts";
import type { Paint } from "./paint.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { clip, displayWidth, padEnd } from "./width.ts";

/** What stands on the axis, the worst first: where several fall together, that is shown. */
const marks: readonly { readonly kind: MomentKind; readonly mark: string; readonly says: string }[] = [
  { kind: "gave-up", mark: "X", says: "not brought back" },
  { kind: "crash", mark: "x", says: "crash" },
  { kind: "errors", mark: "!", says: "errors" },
  { kind: "restart", mark: "r", says: "restart" },
  { kind: "stop", mark: "s", says: "stop" },
  { kind: "exit", mark: "e", says: "exit" },
  { kind: "start", mark: "o", says: "start" },
  { kind: "source", mark: "g", says: "git HEAD" },
  { kind: "config", mark: "d", says: "started otherwise" },
  { kind: "other", mark: "*", says: "other" },
  { kind: "command", mark: "c", says: "command" },
];

const rank = new Map(marks.map(({ kind }, index) => [kind, index]));
/** What a line of the axis is called when it holds what no process is named in. */
const nobody = "commands";
const mostLanes = 20;
const narrowest = 40;

/** One axis with a line for each process, and below it what happened, the newest last; in a pipe the latter alone. */
export function* timelineLines(timeline: Timeline, lines: number, screen: Screen): Iterable<string> {
  const { moments, omitted, from, to } = timeline;
  const { terminal, plain, columns = 80, paint } = screen;
  const isDrawn = terminal && plain !== true;
  if (moments.length === 0) {
    yield `Nothing has happened since ${localTime(from)}.`;
    return;
  }
  if (isDrawn && columns >= narrowest) {
    yield* axis(moments, { from, to, columns, paint, cut: screen.cut });
    yield "";
  }
  const shown = isDrawn ? moments.slice(-lines) : moments;
  const hidden = omitted + moments.length - shown.length;
  if (hidden > 0) yield paint.faint(`${hidden} earlier: --lines ${lines + hidden} shows them`);
  const withDay = day(from) !== day(to);
  const labels = isDrawn ? new Set(shown.map(({ names }) => names.join(","))) : [];
  const longest = Math.max(1, ...[...labels].map((each) => displayWidth(sanitize(each))));
  const nameColumns = Math.min(16, longest);
  for (const { at, until, kind, names, text, count } of shown) {
    const again = count > 1 && kind !== "errors" ? `${count} times until ${clock(until)}, the last ` : "";
    const words = { at, name: names.join(","), event: kind, text: again + text };
    yield* eventLines(words, screen, { withDay, nameColumns });
  }
}

function* axis(
  moments: readonly TimelineMoment[],
  {
    from,
    to,
    columns,
    paint,
    cut,
  }: { from: number; to: number; columns: number; paint: Paint; cut: string | undefined },
): Iterable<string> {
  const lanes = lanesOf(moments);
  const shown = lanes.slice(0, mostLanes);
  const longest = Math.max(...shown.map(({ name }) => displayWidth(name)));
  const label = Math.min(longest, Math.max(8, Math.floor(columns / 4)));
  const width = columns - label - 2;
  yield `${" ".repeat(label + 2)}${paint.faint(ticks(from, to, width))}`;
  for (const lane of shown) {
    const cells: (MomentKind | undefined)[] = Array.from({ length: width }, () => undefined);
    for (const { at, until, kind } of lane.moments) {
      for (const time of [at, until]) {
        const cell = Math.min(width - 1, Math.max(0, Math.floor(((time - from) / Math.max(1, to - from)) * width)));
        const before = cells[cell];
        if (before === undefined || rankOf(kind) < rankOf(before)) cells[cell] = kind;
      }
    }
    const drawn = cells.map((kind) => (kind === undefined ? paint.faint("·") : painted(kind, paint))).join("");
    yield `${paint.strong(padEnd(clip(lane.name, label, cut), label))}  ${drawn}`;
  }
  if (lanes.length > shown.length) yield paint.faint(`and ${lanes.length - shown.length} more with less to tell`);
  const kinds = new Set(moments.map(({ kind }) => kind));
  const key = marks.filter(({ kind }) => kinds.has(kind)).map(({ mark, says }) => `${mark} ${says}`);
  for (const line of wrapped(key, columns)) yield paint.faint(line);
}

/** As many on a line as fit. */
function wrapped(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = `${lines.at(-1) ?? ""}  ${part}`;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

interface Lane {
  readonly name: string;
  readonly moments: TimelineMoment[];
}

/** A line for each process; where there are too many, those with the most to tell come first. */
function lanesOf(moments: readonly TimelineMoment[]): readonly Lane[] {
  const lanes = new Map<string, Lane>();
  for (const moment of moments) {
    for (const each of moment.names.length === 0 ? [undefined] : moment.names) {
      const key = each ?? "";
      const lane = lanes.get(key) ?? { name: each === undefined ? nobody : sanitize(each), moments: [] };
      lane.moments.push(moment);
      lanes.set(key, lane);
    }
  }
  const all = [...lanes.values()];
  return all.length <= mostLanes ? all : all.sort((a, b) => b.moments.length - a.moments.length);
}

/** Times along the axis, each above the place it means. */
function ticks(from: number, to: number, width: number): string {
  const each = 12;
  let line = "";
  for (let column = 0; column + "00:00:00".length <= width; column += each)
    line = padEnd(line, column) + clock(from + ((to - from) * column) / width);
  return line;
}

function clock(ms: number): string {
  return localTime(ms).slice("2026-01-02 ".length);
}

function day(ms: number): string {
  return localTime(ms).slice(0, "2026-01-02".length);
}

function rankOf(kind: MomentKind): number {
  return rank.get(kind) ?? marks.length;
}

function painted(kind: MomentKind, paint: Paint): string {
  const mark = marks[rankOf(kind)]?.mark ?? "*";
  if (kind === "gave-up" || kind === "crash" || kind === "errors") return paint.bad(mark);
  if (kind === "start") return paint.good(mark);
  return kind === "command" || kind === "source" || kind === "config" ? paint.accent(mark) : paint.warn(mark);
}
