import { defineCommand } from "../src/command/define.ts";
import { shellOf } from "../src/command/shell-verb.ts";
import { sanitize } from "../src/view/sanitize.ts";

export default defineCommand({
  name: "notices",
  summary: "Crashes and restarts since this shell was opened",
  details: [
    "What the shell has told above its prompt, or would have: config set notices off keeps them from being shown above the prompt.",
  ],
  effect: "reads",
  scope: "shell",
  args: {},
  flags: {},
  examples: ["notices"],
  run: (_values, context) => shellOf(context).notices(),
  *render(notices, { paint }) {
    if (notices.length === 0) yield "tsm: nothing has happened since this shell was opened";
    for (const { at, kind, text, words } of notices) {
      const time = new Date(at).toTimeString().slice(0, "00:00:00".length);
      yield `${paint.faint(time)}  ${paint[kind](sanitize(text))}`;
      if (words !== undefined) yield paint.faint(`          ${sanitize(words)}`);
    }
  },
});
