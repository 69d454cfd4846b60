import { anyNumber, defineCommand, flag, type ParamType, toggle } from "../src/command/define.ts";
import { level, moment, regex, runNumber } from "../src/command/log-types.ts";
import { type LogTarget, logTarget } from "../src/command/targets.ts";
import { integer, oneOf, text } from "../src/command/types.ts";
import { TsmError } from "../src/core/errors.ts";
import { levelOf } from "../src/core/log-level.ts";
import type { LogLine } from "../src/core/log-line.ts";
import { parsePattern } from "../src/core/log-pattern.ts";
import type { LogBatch, LogRequest } from "../src/core/log-request.ts";
import type { LogSize } from "../src/core/log-sizes.ts";
import type { ProcessRecord } from "../src/core/process.ts";
import { bytes } from "../src/view/bytes.ts";
import { LogPrinter } from "../src/view/log-lines.ts";
import { type ShownTime, timeStyles } from "../src/view/log-time.ts";
import type { Screen } from "../src/view/screen.ts";
import { table } from "../src/view/table.ts";
import { isTimeFormat } from "../src/view/time-format.ts";

type Shown = (LogBatch & { readonly printer: LogPrinter }) | { readonly sizes: readonly LogSize[] };

/** How times are shown: a style by its name, or a format as `HH:mm:ss`. */
const shownTime: ParamType<ShownTime> = {
  ...oneOf(timeStyles, `${timeStyles.join("|")}|FORMAT`),
  owns: isTimeFormat,
  parse(word) {
    if (isTimeFormat(word)) return { format: word };
    const found = timeStyles.find((each) => each === word);
    if (found !== undefined) return found;
    throw new TsmError("USAGE", `'${word}' is none of ${timeStyles.join(", ")}, and no format`, {
      hint: "A format is 'YYYY-MM-DD HH:mm:ss' or a part of it",
    });
  },
};

export default defineCommand({
  name: "logs",
  summary: "Show what processes wrote, search in it, and follow it with -f",
  details: [
    "Without a name: of all. Lines are counted exactly, through archives, stdout and stderr together by time (to the second; in one second stdout stands first). With --since, --until, --run, --grep or --level all that fits is shown, unless --lines says how many.",
    "Times are 10m, 1h30m, 2d (ago), 10:30, 2026-01-02T10:00, 2026-01-02, today, yesterday, boot (of this machine) and start (of the process).",
    "--level knows pino, bunyan and winston, level=…, [ERROR], ERROR:, E0102, python and stack traces, which belong to the line above; what says nothing is an error on stderr and information on stdout. --json prints one object a line: time, name, id, stream, run, level, text.",
    "On a terminal JSON lines are shown as text, and nothing in a line moves the cursor. --raw leaves every byte as it was written.",
  ],
  effect: "reads",
  args: { targets: anyNumber(logTarget, "Whose lines; * is all") },
  flags: {
    lines: flag(integer("N", 0, 10_000_000), {
      short: "n",
      summary: "How many lines of each (default: the setting, 50)",
    }),
    follow: toggle("Show new lines as they come, until Ctrl-C; who fits a pattern joins", "f"),
    nostream: toggle("Do not follow, whatever else is said"),
    since: flag(moment, { summary: "Not what is older: 10m, 10:30, 2026-01-02T10:00, boot, start" }),
    until: flag(moment, { summary: "Not what is younger" }),
    run: flag(runNumber, { summary: "Only those of one run, from its start to its exit: a number, or last" }),
    crash: toggle("The last lines before the last crash"),
    grep: flag(regex, { summary: "Only lines that fit a regular expression" }),
    ignoreCase: toggle("Small and capital letters are alike for --grep", "i"),
    invert: toggle("Only lines that --grep does not find", "v"),
    context: flag(integer("N", 0, 10_000), {
      short: "C",
      summary: "So many lines around each that --grep or --level finds",
    }),
    level: flag(level, { summary: "Only lines as bad as that, or worse" }),
    err: toggle("Only stderr"),
    out: toggle("Only stdout"),
    timestamps: flag(shownTime, {
      also: ["--timestamp"],
      bare: "iso",
      summary: "The time of each line before it (alone: iso), or as 'HH:mm:ss'",
    }),
    format: toggle("All that is known of a line before it: timestamp=… app=… id=… type=… message=…"),
    highlight: flag(text("TEXT"), { summary: "Mark this text wherever it stands" }),
    raw: toggle("The bytes as they were written"),
    noPrefix: toggle("Not the name before the lines of several"),
    sizes: toggle("What the logs take on disk instead"),
  },
  examples: [
    "logs api",
    "logs 0 --lines 100",
    "logs 'api-*' -f --timestamps short",
    "logs api --since 10m --level warn",
    "logs api --format --highlight timeout",
    "logs --grep 'timeout|refused' -i -C 2",
    "logs api --run last --err",
    "logs --sizes",
  ],
  run(values, { engine, signal, json }): AsyncIterable<Shown> | Promise<Shown> {
    const { targets, raw, noPrefix, timestamps, format: keyed, highlight } = values;
    const patterns =
      targets.length === 0 ? ["*"] : targets.flatMap((target) => ("pattern" in target ? [target.pattern] : []));
    const records = targets.length === 0 ? engine.records() : recordsOf(targets);
    // Who follows may wait for the first of them.
    const [missing] = targets.flatMap((target) => ("pattern" in target ? [target.missing] : [])).filter(Boolean);
    const follows = values.follow && !values.nostream && !values.sizes;
    if (!follows && missing !== undefined) throw missing;
    if (values.sizes) return engine.logSizes(records).then((sizes) => ({ sizes }));
    const request: LogRequest = { records, patterns, ...requestOf(values), inFull: raw, withLevels: json };
    const named = records.length > 1 || (request.follow && patterns.length > 0);
    const names = records.map(({ name }) => name);
    const look = { raw, named: named && !noPrefix, times: timestamps, keyed, highlight, levelOf };
    const printer = new LogPrinter(look, names);
    return shown(engine.logs(request, signal), printer);
  },
  render: (item, screen) => ("sizes" in item ? sizesTable(item.sizes, screen) : item.printer.lines(item.lines, screen)),
  json: (item) => ("sizes" in item ? item.sizes : item.lines.map(asJson)),
  *notes(item) {
    if ("notes" in item) yield* item.notes;
  },
});

interface Asked {
  readonly lines: number | undefined;
  readonly follow: boolean;
  readonly nostream: boolean;
  readonly since: LogRequest["since"];
  readonly until: LogRequest["until"];
  readonly run: LogRequest["run"];
  readonly crash: boolean;
  readonly grep: string | undefined;
  readonly ignoreCase: boolean;
  readonly invert: boolean;
  readonly context: number | undefined;
  readonly level: LogRequest["filter"]["level"];
  readonly err: boolean;
  readonly out: boolean;
}

function requestOf(asked: Asked): Omit<LogRequest, "records" | "patterns" | "withLevels"> {
  const { lines, since, until, run, crash, grep, ignoreCase, invert, context, level, err, out } = asked;
  const follow = asked.follow && !asked.nostream;
  for (const [flag, given] of [
    ["--until", until !== undefined],
    ["--run", run !== undefined],
    ["--crash", crash],
  ] as const) {
    if (follow && given)
      throw new TsmError("USAGE", `-f does not go with ${flag}`, { hint: "What has an end cannot be followed" });
  }
  if (crash && run !== undefined)
    throw new TsmError("USAGE", "--crash does not go with --run", { hint: "--crash finds its run itself" });
  for (const [flag, given] of [
    ["-i", ignoreCase],
    ["-v", invert],
  ] as const) {
    if (grep === undefined && given)
      throw new TsmError("USAGE", `${flag} needs --grep`, { hint: "logs --grep 'error' -i" });
  }
  return {
    streams: err === out ? ["out", "err"] : err ? ["err"] : ["out"],
    lines,
    follow,
    since,
    until,
    run,
    crash,
    filter: {
      pattern: grep === undefined ? undefined : parsePattern(grep, ignoreCase),
      invert,
      context: grep === undefined && level === undefined ? 0 : (context ?? 0),
      level,
    },
  };
}

function recordsOf(targets: readonly LogTarget[]): ProcessRecord[] {
  return targets.flatMap((target) => ("record" in target ? [target.record] : []));
}

async function* shown(batches: AsyncIterable<LogBatch>, printer: LogPrinter): AsyncGenerator<Shown> {
  for await (const batch of batches) yield { ...batch, printer };
}

/** One line of `--json`. */
function asJson({ time, name, id, stream, run, level, text, more, cut }: LogLine) {
  const iso = time === null ? null : new Date(time * 1000).toISOString().replace(".000Z", "Z");
  const part = cut !== undefined ? { partial: true, lineBytes: cut.bytes } : more ? { partial: true } : {};
  return { time: iso, name, id, stream, run, level: level ?? null, text, ...part };
}

function sizesTable(sizes: readonly LogSize[], screen: Screen): string[] {
  const files = (count: number) => (count === 1 ? "1 file" : `${count} files`);
  return table(
    sizes,
    [
      { title: "id", min: 4, cell: ({ id }) => String(id) },
      { title: "name", min: 18, shrinkTo: 8, cell: ({ name }) => name, paint: screen.paint.strong },
      { title: "live", min: 8, cell: ({ live }) => bytes(live), align: "right" },
      {
        title: "archives",
        min: 8,
        cell: ({ archives, archiveFiles }) =>
          archiveFiles === 0 ? "-" : `${bytes(archives)} in ${files(archiveFiles)}`,
        align: "right",
      },
      { title: "total", min: 8, cell: ({ total }) => bytes(total), align: "right" },
    ],
    { columns: screen.columns, paintFrame: screen.paint.faint, plain: screen.plain },
  );
}
