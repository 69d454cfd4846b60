import { defineCommand, flag, many, toggle } from "../src/command/define.ts";
import { process } from "../src/command/targets.ts";
import { integer } from "../src/command/types.ts";
import type { Stream } from "../src/core/logs.ts";
import { stripEscapes } from "../src/view/escapes.ts";
import { sanitize, sanitizeButColours } from "../src/view/sanitize.ts";

export default defineCommand({
  name: "logs",
  summary: "Show the last lines that processes wrote, and follow them with -f",
  details: [
    "Lines are counted exactly, stdout and stderr together; stderr stands behind stdout. Several processes get their names before their lines. --json prints one object a line: id, name, stream, text.",
  ],
  effect: "reads",
  args: { targets: many(process(), "Whose lines; * is all") },
  flags: {
    lines: flag(integer("N", 0, 10_000_000), {
      short: "n",
      summary: "How many lines of each (default: the setting, 50)",
    }),
    follow: toggle("Show new lines as they come, until Ctrl-C", "f"),
    nostream: toggle("Do not follow, whatever else is said"),
    err: toggle("Only stderr"),
    out: toggle("Only stdout"),
  },
  examples: ["logs api", "logs 0 --lines 100", "logs '*' -f", "logs api --err"],
  async *run({ targets, lines, follow, nostream, err, out }, { engine, signal }) {
    const streams: Stream[] = err === out ? ["out", "err"] : err ? ["err"] : ["out"];
    const width = targets.length > 1 ? Math.max(...targets.map(({ name }) => name.length)) : 0;
    const request = { records: targets, streams, lines: lines ?? engine.settings().lines, follow: follow && !nostream };
    for await (const line of engine.logs(request, signal)) yield { ...line, width };
  },
  *render({ id, name, stream, text, width }, { paint, terminal, plain }) {
    const shown = plain ? sanitize(stripEscapes(text)) : terminal ? sanitizeButColours(text) : text;
    const line = stream === "err" ? paint.bad(shown) : shown;
    yield width === 0 ? line : `${paint.hue(id, sanitize(name).padEnd(width))} | ${line}`;
  },
  json: ({ width: _width, ...line }) => line,
});
