import { daemonExitCode, daemonFlags, daemonWord, daemonWords } from "../src/command/boot-words.ts";
import { anyNumber, defineCommand, one } from "../src/command/define.ts";
import { subWord, text } from "../src/command/types.ts";
import { bootPlan } from "../src/integrations/boot-plan.ts";
import { daemonLines } from "../src/view/daemon.ts";

const { install, uninstall, status, logs } = daemonWords;

export default defineCommand({
  name: "systemd",
  summary: "Have systemd start everything at boot: install, uninstall, status, logs",
  details: [
    "install is startup systemd, which shows its plan and asks; uninstall is unstartup systemd. status exits with 1 when nothing is installed, or the next boot would not bring everything back. logs shows what came of boots. export makes units of single processes.",
  ],
  effect: "changes",
  args: {
    word: one(subWord({ install, uninstall, status, logs }), "What to do"),
    more: anyNumber(text("WORD"), "Of install @dev or @production; of logs how many lines"),
  },
  flags: daemonFlags,
  examples: ["systemd status", "systemd install", "systemd logs 50"],
  onlyLooks: ({ word }) => word === "status" || word === "logs",
  run: ({ word, more, ...flags }, context) => daemonWord("systemd", word, more, flags, bootPlan, context),
  names: () => [],
  render: daemonLines,
  exitCode: daemonExitCode,
});
