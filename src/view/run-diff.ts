import type { RunChange } from "../core/run-changes.ts";
import type { LogChange, RunDiff } from "../core/run-diff.ts";
import type { RunRow } from "../core/run-history.ts";
import { bytes } from "./bytes.ts";
import { duration } from "./duration.ts";
import { localTime } from "./event-line.ts";
import type { Paint } from "./paint.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { clip, displayWidth, padEnd } from "./width.ts";

/** What the run of each was, then what they were started with, then what they wrote. */
export function* runDiffLines(diff: RunDiff, screen: Screen): Iterable<string> {
  const { paint } = screen;
  const { name, from, to, changes, logs } = diff;
  yield paint.strong(sanitize(`${name}: run ${from.run} and run ${to.run}`));
  yield "";
  for (const line of lives(from, to, paint)) yield cut(line, screen);
  yield "";
  if (changes === null) yield paint.warn(`What run ${unknownOf(diff)} was started with is not on record.`);
  else {
    const said = changes.flatMap((change) => linesOf(change, diff, screen));
    yield* said.length === 0 ? [paint.good("Both were started in the same way.")] : said;
    const same = parts.filter(([of]) => !changes.some((change) => change.of === of)).map(([, says]) => says);
    if (said.length > 0 && same.length > 0) yield paint.faint(cut(`The same: ${same.join(", ")}`, screen));
  }
  if (logs.length === 0) return;
  yield "";
  for (const change of logs.slice(0, mostLogs)) yield logLine(change, screen);
  if (logs.length > mostLogs) yield paint.faint(`and ${logs.length - mostLogs} more: --json has all of them`);
}

const mostLogs = 50;
const label = 12;

const parts: readonly (readonly [of: RunChange["of"], says: string])[] = [
  ["command", "command"],
  ["folder", "folder"],
  ["git HEAD", "git HEAD"],
  ["source", "sources"],
  ["setting", "settings"],
  ["variable", "environment"],
];

/** The later one is always on record when the earlier is: a note is of all that follow. */
function unknownOf({ from, to }: RunDiff): string {
  return from.run < to.run ? String(from.run) : String(to.run);
}

function* lives(from: RunRow, to: RunRow, paint: Paint): Iterable<string> {
  const rows: readonly (readonly [title: string, cell: (row: RunRow) => string])[] = [
    ["began", ({ start }) => (start === null ? "-" : localTime(start * 1000))],
    ["ran", ({ duration: length }) => (length === null ? "-" : duration(length * 1000))],
    ["ended", ({ how }) => how],
    ["peak memory", ({ peakMemory }) => (peakMemory === null ? "-" : bytes(peakMemory))],
    ["begun by", ({ began }) => began ?? "-"],
  ];
  const width = Math.max(...rows.map(([, cell]) => displayWidth(sanitize(cell(from)))), `run ${from.run}`.length);
  yield `${" ".repeat(label)}${paint.faint(`${padEnd(`run ${from.run}`, width)}  run ${to.run}`)}`;
  for (const [title, cell] of rows) {
    const [before, after] = [sanitize(cell(from)), sanitize(cell(to))];
    const shown = title === "ended" && to.bad ? paint.bad(after) : before === after ? paint.faint(after) : after;
    yield `${padEnd(title, label)}${padEnd(before, width)}  ${shown}`;
  }
}

function linesOf(change: RunChange, { commits }: RunDiff, screen: Screen): string[] {
  const { of, name, from, to, hidden } = change;
  const { paint } = screen;
  const title = padEnd(of, label);
  switch (of) {
    case "command":
      if (hidden) return [`${title}~ ${sanitize(to ?? "")}`, hiddenLine];
      return [
        `${title}${paint.bad(`- ${sanitize(from ?? "")}`)}`,
        `${" ".repeat(label)}${paint.good(`+ ${sanitize(to ?? "")}`)}`,
      ];
    case "git HEAD": {
      const short = (hash: string | null) => hash?.slice(0, 10) ?? "none";
      const line = `${title}${short(from)} → ${paint.accent(short(to))}`;
      if (commits === null) return [line];
      const { added, removed, subjects, command } = commits;
      const counts = [counted(added, "on"), counted(removed, "back")].filter((each) => each !== "").join(", ");
      return [
        cut(`${line}, ${counts}: ${command}`, screen),
        ...subjects.map((subject) => cut(`${" ".repeat(label)}${paint.faint(sanitize(subject))}`, screen)),
      ];
    }
    case "variable":
    case "setting":
    case "source": {
      const of = name === "" ? "" : `${sanitize(name)}${change.of === "variable" ? "=" : ": "}`;
      if (hidden) return [cut(`${title}${paint.warn("~")} ${of}${sanitize(to ?? "")} → another`, screen)];
      if (from === null) return [cut(`${title}${paint.good(`+ ${of}${sanitize(to ?? "")}`)}`, screen)];
      if (to === null) return [cut(`${title}${paint.bad(`- ${of}${sanitize(from)}`)}`, screen)];
      return [cut(`${title}${paint.warn("~")} ${of}${sanitize(from)} → ${sanitize(to)}`, screen)];
    }
    case "folder":
      return [`${title}${sanitize(from ?? "")} → ${sanitize(to ?? "")}`];
  }
}

const hiddenLine = `${" ".repeat(label)}in a word that is masked, or too long to be kept`;

function counted(count: number, direction: string): string {
  return count === 0 ? "" : `${count} ${count === 1 ? "commit" : "commits"} ${direction}`;
}

function logLine({ change, level, message, from, to }: LogChange, screen: Screen): string {
  const { paint } = screen;
  const times = change === "more" ? `${from} → ${to} times` : `${Math.max(from, to)} times`;
  const paintOf = { new: level === "error" ? paint.bad : paint.warn, gone: paint.good, more: paint.warn }[change];
  const text = `${padEnd(change, 5)}${padEnd(level, 6)} ${padEnd(times, 11)} ${sanitize(message)}`;
  return paintOf(screen.columns === undefined ? text : clip(text, screen.columns, screen.cut));
}

/** To the width of a terminal; a pipe gets all. */
function cut(line: string, { columns, cut: mark }: Screen): string {
  return columns === undefined ? line : clip(line, columns, mark);
}
