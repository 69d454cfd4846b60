import { bytes } from "../view/bytes.ts";
import { duration } from "../view/duration.ts";
import type { Glyphs } from "../view/glyphs.ts";
import { leastCpu, percent } from "../view/metrics-page.ts";
import type { Paint } from "../view/paint.ts";
import { sanitize } from "../view/sanitize.ts";
import { sparkline } from "../view/sparkline.ts";
import { clip, displayWidth, padEnd } from "../view/width.ts";
import { type Row, type State, selectedRow, shownRows } from "./state.ts";

/** Where it is shown. */
export interface Place {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
  readonly glyphs: Glyphs;
  readonly cut: string;
}

/** What is shown beside the state. */
export interface Shown {
  /** `10:30:05`. */
  readonly time: string;
  /** The last lines of the selected process, as they look. */
  readonly logLines: readonly string[];
  /** The verb that `w` runs. */
  readonly explains: string;
}

export const leastSize = { columns: 80, rows: 24 };
export const historyMinutes = 60;

/** Every row of the screen. */
export function frame(state: State, shown: Shown, place: Place): string[] {
  if (!isLargeEnough(place)) return tooSmall(place);
  const heights = heightsOf(state, place);
  return [
    clip(header(state, shown, place), place.columns, place.cut),
    ...(state.mode.kind === "text" ? textPane(state.mode, heights.pane, place) : panes(state, shown, heights, place)),
    clip(footer(state, shown, place), place.columns, place.cut),
  ];
}

export function isLargeEnough({ columns, rows }: Pick<Place, "columns" | "rows">): boolean {
  return columns >= leastSize.columns && rows >= leastSize.rows;
}

interface Heights {
  /** Of the processes, without the titles above them. */
  readonly list: number;
  /** Of what is below: logs, or the text of a verb. */
  readonly pane: number;
}

/** Half of the screen for the processes at most, when they are many; the logs get the rest. */
export function heightsOf(state: State, { rows }: Pick<Place, "rows">): Heights {
  // The header, the keys, and the titles of list and pane.
  const free = rows - 4;
  if (state.mode.kind === "text") return { list: 0, pane: free + 1 };
  if (state.mode.kind === "logs") return { list: 1, pane: free - 1 };
  const count = Math.max(3, shownRows(state).length);
  const list = Math.min(count, Math.max(8, Math.floor(free / 2)));
  return { list, pane: free - list };
}

function tooSmall({ columns, rows, cut }: Place): string[] {
  const lines = [
    `monit needs ${leastSize.columns}x${leastSize.rows};`,
    `this window has ${columns}x${rows}.`,
    "Make it larger, or press q.",
  ];
  return lines.slice(0, rows).map((line) => clip(line, columns, cut));
}

function header({ rows }: State, { time }: Shown, { columns, paint, glyphs }: Place): string {
  const count = (status: string) => rows.filter(({ summary }) => summary.status === status).length;
  const online = count("online");
  const crashed = count("crashed");
  const others = rows.length - online - crashed;
  const sum = (values: readonly (number | undefined)[]) =>
    values.reduce((total: number, value) => total + (value ?? 0), 0);
  const parts = [
    paint.strong("tsm monit"),
    paint.good(`${online} online`),
    ...(crashed === 0 ? [] : [paint.bad(`${crashed} crashed`)]),
    ...(others === 0 ? [] : [paint.faint(`${others} other`)]),
    `cpu ${percent(sum(rows.map(({ cpu }) => cpu)))}`,
    `mem ${bytes(sum(rows.map(({ memory }) => memory)))}`,
  ];
  const left = parts.join(paint.faint(` ${glyphs.dot} `));
  return `${padEnd(left, columns - time.length)}${paint.faint(time)}`;
}

function panes(state: State, shown: Shown, { list, pane }: Heights, place: Place): string[] {
  const rows = shownRows(state);
  const at = Math.max(
    0,
    rows.findIndex(({ summary }) => summary.name === state.selected),
  );
  const top = Math.min(Math.max(0, at - list + 1), Math.max(0, rows.length - list));
  const widths = widthsOf(rows, place);
  const visible = rows
    .slice(top, top + list)
    .map((row) => drawRow(row, row.summary.name === state.selected, widths, place));
  if (rows.length === 0) visible.push(place.paint.faint(clip(nothingToShow(state), place.columns, place.cut)));
  const more = rows.length > list ? `${at + 1} of ${rows.length}` : "";
  const name = selectedRow(state)?.summary.name;
  const lines = logRows(state, shown.logLines, pane);
  return [
    titles(state, widths, place),
    ...filledTo(visible, list),
    rule(name === undefined ? "logs" : `logs of ${sanitize(name)}`, more, place),
    ...filledTo(name !== undefined && lines.length === 0 ? [place.paint.faint("nothing yet")] : lines, pane),
  ];
}

function nothingToShow({ rows, filter }: State): string {
  return rows.length === 0 ? "there is no process yet: tsm start server.sh" : `no process fits '${sanitize(filter)}'`;
}

/** The end of the log, or so many lines before it. */
function logRows({ mode }: State, lines: readonly string[], height: number): readonly string[] {
  const back = mode.kind === "logs" ? Math.min(mode.back, Math.max(0, lines.length - height)) : 0;
  return lines.slice(Math.max(0, lines.length - back - height), lines.length - back);
}

function textPane(
  { title, lines, top }: { readonly title: string; readonly lines: readonly string[]; readonly top: number },
  height: number,
  place: Place,
): string[] {
  const more = lines.length > height ? `${top + 1}-${Math.min(lines.length, top + height)} of ${lines.length}` : "";
  return [
    rule(title, more, place),
    ...filledTo(lines.slice(top, top + height), height).map((line) => clip(line, place.columns, place.cut)),
  ];
}

function filledTo(rows: readonly string[], height: number): string[] {
  return [...rows, ...Array.from({ length: Math.max(0, height - rows.length) }, () => "")].slice(0, height);
}

function rule(title: string, more: string, { columns, paint, glyphs, cut }: Place): string {
  const end = more === "" ? "" : ` ${more} ${glyphs.rule.repeat(2)}`;
  const name = clip(title, columns - end.length - 6, cut);
  const length = columns - displayWidth(name) - end.length - 4;
  return `${paint.faint(glyphs.rule.repeat(2))} ${name} ${paint.faint(`${glyphs.rule.repeat(Math.max(0, length))}${end}`)}`;
}

interface Widths {
  readonly name: number;
  /** Of each history: a column for a minute. */
  readonly history: number;
  readonly port: boolean;
  readonly pid: boolean;
}

/** What stands beside the name and the two histories, blanks and all. */
const fixed = 2 + 4 + 10 + 7 + 1 + 9 + 1 + 8 + 5;

function widthsOf(rows: readonly Row[], { columns }: Place): Widths {
  const port = columns >= 100;
  const pid = columns >= 120;
  const free = columns - fixed - (port ? 7 : 0) - (pid ? 9 : 0);
  const longest = Math.max(12, ...rows.map(({ summary }) => displayWidth(sanitize(summary.name))));
  const least = Math.max(12, Math.floor(free * 0.42));
  const name = Math.min(longest, Math.max(least, free - 2 * historyMinutes)) + 1;
  return { name, history: Math.min(historyMinutes, Math.floor((free - name) / 2)), port, pid };
}

function titles({ sort, isReversed }: State, { name, history, port, pid }: Widths, { paint, glyphs }: Place): string {
  const mark = (key: string, text: string) => (key === sort ? `${text}${isReversed ? "-" : "*"}` : text);
  const row = [
    `  ${mark("id", "id").padEnd(4)}`,
    mark("name", "name").padEnd(name),
    "status".padEnd(10),
    ...(pid ? ["pid".padEnd(9)] : []),
    ...(port ? ["port".padEnd(7)] : []),
    `${mark("cpu", "cpu").padStart(6)} `,
    `${historyTitle(history, glyphs)} `,
    `${mark("mem", "mem").padStart(8)} `,
    `${historyTitle(history, glyphs)} `,
    mark("uptime", "uptime").padStart(7),
    ` ${mark("restarts", "rst").padStart(4)}`,
  ];
  return paint.faint(row.join(""));
}

function historyTitle(minutes: number, { rule }: Glyphs): string {
  const text = `${minutes} min`;
  const left = Math.max(0, Math.floor((minutes - text.length) / 2));
  return clip(`${rule.repeat(left)}${text}${rule.repeat(Math.max(0, minutes - text.length - left))}`, minutes, "");
}

function drawRow({ summary, cpu, memory, history }: Row, isSelected: boolean, widths: Widths, place: Place): string {
  const { paint, glyphs, cut } = place;
  const { id, status, pid, port, uptimeMs, restarts, supervised } = summary;
  const name = padEnd(clip(sanitize(summary.name), widths.name - 1, cut), widths.name);
  const past = (values: readonly (number | undefined)[], least: number) => {
    const seen = values.slice(-widths.history);
    return paint.accent(sparkline(seen, Math.max(least, ...seen.map((value) => value ?? 0)), glyphs));
  };
  const said = `${status}${supervised ? "" : "!"}`.padEnd(10);
  const colour =
    status === "online"
      ? paint.good
      : status === "crashed"
        ? paint.bad
        : status === "stopped"
          ? paint.faint
          : paint.warn;
  const used = (cpu === undefined ? "-" : percent(cpu)).padStart(6);
  return [
    isSelected ? paint.accent(`${glyphs.marker} `) : "  ",
    String(id).padEnd(4),
    isSelected ? paint.strong(name) : name,
    colour(said),
    ...(widths.pid ? [String(pid ?? "-").padEnd(9)] : []),
    ...(widths.port ? [String(port).padEnd(7)] : []),
    `${(cpu ?? 0) >= 80 ? paint.bad(used) : (cpu ?? 0) >= 50 ? paint.warn(used) : used} `,
    `${past(history.cpu, leastCpu)} `,
    `${(memory === undefined ? "-" : bytes(memory)).padStart(8)} `,
    `${past(history.memory, 1)} `,
    (uptimeMs === null ? "-" : duration(uptimeMs)).padStart(7),
    ` ${String(restarts).padStart(4)}`,
  ].join("");
}

function footer(
  { mode, filter, message, sort }: State,
  { explains }: Shown,
  { columns, paint, glyphs, cut }: Place,
): string {
  if (mode.kind === "confirm") return `${paint.warn(clip(`Stop '${sanitize(mode.name)}'?`, columns - 8, cut))} (y/N)`;
  if (mode.kind === "filter")
    return `/${sanitize(filter)}${paint.accent("_")}${paint.faint("  Enter keeps it, Esc leaves it")}`;
  if (message !== undefined) {
    const text = clip(sanitize(message.text), columns, cut);
    return message.isBad ? paint.bad(text) : text;
  }
  const keys = keysOf(mode.kind, { explains, filter, sort, glyphs });
  return keys.map(([key, what]) => `${paint.strong(key)} ${paint.faint(what)}`).join("  ");
}

function keysOf(
  kind: State["mode"]["kind"],
  { explains, filter, sort, glyphs }: { explains: string; filter: string; sort: string; glyphs: Glyphs },
): readonly (readonly [key: string, what: string])[] {
  if (kind === "logs" || kind === "text")
    return [
      [glyphs.upDown, "scroll"],
      ["PgUp/PgDn", "page"],
      ["q", "back"],
    ];
  return [
    [glyphs.upDown, "select"],
    ["r", "restart"],
    ["s", "stop"],
    ["l", "logs"],
    ["w", explains],
    ["/", filter === "" ? "filter" : clip(sanitize(filter), 12, "")],
    ["o", `by ${sort}`],
    ["q", "quit"],
  ];
}
