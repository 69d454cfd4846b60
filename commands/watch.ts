import { seconds } from "../src/command/amount-types.ts";
import { command, defineCommand, flag } from "../src/command/define.ts";
import { commandLine } from "../src/command/nested.ts";
import { integer, lookLine } from "../src/command/types.ts";
import { eraseBelow } from "../src/view/erase-below.ts";
import type { Screen } from "../src/view/screen.ts";
import { clip, displayWidth } from "../src/view/width.ts";

/** Not even `--every 0` keeps a core busy. */
const leastPauseMs = 100;

export default defineCommand({
  name: "watch",
  summary: "Run a command again and again and see its output change in place",
  details: [
    "Until Ctrl-C, or so many times; only what looks can be watched. On a terminal each output takes the place of the one before; in a pipe they follow one another. Flags of the watched command stand behind it, or with it in quotes.",
  ],
  effect: "reads",
  owns: "screen",
  args: { command: command(lookLine, "The command, as one word in quotes or as several") },
  flags: {
    every: flag(seconds, { short: "n", summary: "The pause between two runs in seconds", fallback: 2 }),
    times: flag(integer("N", 1), { summary: "So many times, then no more" }),
  },
  examples: ["watch list", "watch 'list crashed' --every 5s", "watch --every 1 list --where 'cpu > 50'"],
  async *run({ command: typed, every, times }, context) {
    const words = await commandLine({ verb: "watch", looksOnly: true }, typed, context);
    let before: readonly string[] = [];
    for (let run = 1; times === undefined || run <= times; run += 1) {
      let output = "";
      const exitCode = await context.run(words, (text) => {
        output += text;
      });
      if (context.signal.aborted) return;
      const title = `Every ${every} s: ${words.join(" ")}`;
      const rows = context.screen.terminal ? rowsOf(title, output, context.screen) : [];
      yield { exitCode, output, rows, before, last: run === times };
      before = rows;
      if (run !== times) await context.engine.pause(Math.max(leastPauseMs, every * 1000), context.signal);
    }
  },
  *render({ output, rows, before, last }, screen) {
    if (!screen.terminal || screen.plain) {
      // Parted by an empty line, as no other sign is certain not to be in the output.
      yield output.replace(/\n$/, last ? "" : "\n");
      return;
    }
    const height = heightOf(before, screen);
    // Held back by the terminal until it is whole: nothing flickers.
    const begin = `\x1b[?2026h${height === 0 ? "" : `\x1b[${height}A`}\r${eraseBelow}`;
    const [title = "", ...shown] = rows;
    yield `${begin}${screen.paint.faint(title)}`;
    yield `${shown.join("\n")}\x1b[?2026l`;
  },
  json: ({ exitCode, output }) => ({ exitCode, output }),
});

/** As many as can be written over: what scrolled away cannot. One row is the title's, one the cursor's. */
function rowsOf(title: string, output: string, { columns = 80, rows: screenRows = 24, cut }: Screen): string[] {
  const rows = output.replace(/\n$/, "").split("\n");
  const most = Math.max(1, screenRows - 2);
  const fitting = rows.length <= most ? rows : [...rows.slice(0, most - 1), `… ${rows.length - most + 1} more lines`];
  return [title, ...fitting].map((row) => clip(row, columns, cut));
}

/** How many rows they take on the screen by now: it may have become narrower since. */
function heightOf(rows: readonly string[], { columns = 80, reflows = false }: Screen): number {
  return rows.reduce((sum, row) => sum + (reflows ? Math.max(1, Math.ceil(displayWidth(row) / columns)) : 1), 0);
}
