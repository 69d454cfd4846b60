import { daemonExitCode, daemonFlags, daemonWord, daemonWords } from "../src/command/boot-words.ts";
import { anyNumber, defineCommand, one } from "../src/command/define.ts";
import { subWord, text } from "../src/command/types.ts";
import { bootPlan } from "../src/integrations/boot-plan.ts";
import { daemonLines } from "../src/view/daemon.ts";
import { wholeWords } from "../src/view/error-lines.ts";

export default defineCommand({
  name: "daemon",
  summary: "Words of a daemon, of which there is none: boot, all processes, log",
  details: [
    "No daemon holds your processes. install and enable are startup systemd, which shows its plan and asks; uninstall is unstartup; disable leaves the unit and removes what enables it. start starts what a boot would; stop and restart mean all processes. @dev and @production are understood: there is one unit for both.",
    "status exits with 1 when nothing is installed, or the next boot would not bring everything back. logs shows what came of boots, out of systemd's journal where that has something, else out of db/boot.log; -f follows that.",
  ],
  effect: "changes",
  args: {
    word: one(subWord(daemonWords), "What to do"),
    more: anyNumber(text("WORD"), "Of install @dev or @production; of logs how many lines"),
  },
  flags: daemonFlags,
  examples: ["daemon status", "daemon install", "daemon logs 50", "daemon logs -f"],
  onlyLooks: ({ word }) => word === "status" || word === "logs",
  run: ({ word, more, ...flags }, context) => daemonWord("daemon", word, more, flags, bootPlan, context),
  names: () => [],
  fold: wholeWords,
  render: daemonLines,
  exitCode: daemonExitCode,
});
