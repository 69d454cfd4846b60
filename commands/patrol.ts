import { defineCommand, toggle } from "../src/command/define.ts";
import { bytes } from "../src/view/bytes.ts";
import { wholeWords } from "../src/view/error-lines.ts";

export default defineCommand({
  name: "patrol",
  summary: "Look after everything once: stale records, lost runners, leftovers",
  details: [
    "A process whose runner was killed gets a new one; one that died meanwhile is brought back by its policy or marked crashed. Files and locks that killed programs left half made are removed. Logs that have reached their limit are rotated. Nothing that is right is touched, and any number of passes may run at once. The ticker does this by itself while something runs.",
  ],
  effect: "changes",
  args: {},
  flags: {
    watch: toggle("Stay, for as long as a process asks for health, memory, cron or watch"),
    quick: toggle("Do not look for processes without a record; what the ticker does"),
  },
  examples: ["patrol", "patrol --json"],
  // The resident one is begun by tsm itself: nobody typed it.
  unnoted: ({ quick, watch }) => quick || watch,
  run: ({ watch, quick }, { engine, signal }) =>
    watch ? engine.watchOver(signal) : engine.patrol({ orphans: !quick }),
  fold: wholeWords,
  *render({ adopted, restarted, crashed, stopped, orphans, leftovers, logs }) {
    yield "🚨 TSM Patrol: Checking for stale processes...";
    for (const { name, pid } of crashed) yield `🧹 Marking crashed process: ${name} (PID ${pid})`;
    for (const { name, pid } of stopped) yield `🧹 Marking stopped process: ${name} (PID ${pid})`;
    for (const { name, pid } of restarted) yield `🧹 Started again: ${name} (was PID ${pid})`;
    for (const { name, pid } of adopted) yield `🧹 Watched again: ${name} (PID ${pid})`;
    for (const { name, pid } of orphans) yield `⚠️  Process without a record: ${name} (PID ${pid})`;
    for (const path of leftovers) yield `🧹 Removed what a killed program left: ${path}`;
    for (const { name } of logs?.rotated ?? []) yield `🧹 Rotated the logs of ${name}`;
    const stale = [crashed, stopped, restarted, adopted, leftovers];
    yield `✅ Cleaned up ${stale.reduce((count, { length }) => count + length, 0)} stale entries`;
  },
  *notes({ damaged, orphans, logs }) {
    if (orphans.length > 0) yield "what has no record is left alone: tsm doctor --fix ends it";
    for (const { problem } of logs?.failed ?? []) yield problem;
    if (logs?.low)
      yield `the disk has ${bytes(logs.low.freeBytes)} left; archives gave back ${bytes(logs.low.freedBytes)}`;
    for (const { name, problem } of damaged) yield `the record of '${name}' is damaged: ${problem}`;
  },
});
