import { defineCommand, one } from "../src/command/define.ts";
import { processOrService } from "../src/command/service-target.ts";
import { notFound } from "../src/core/service-store.ts";
import { whyPage } from "../src/view/why.ts";

export default defineCommand({
  name: "why",
  summary: "Why a process is down, slow, restarting or unreachable, and what helps",
  details: [
    "One paragraph, the evidence for it, and the commands that help. The cause comes from the record, the journal, the program's last words, the kernel and the files; what nobody says is not guessed: 'it looks as if' marks what only the program's own words say.",
    "With --json the word in `cause` names the cause; `confidence` is certain or likely; `fix` holds the commands in their order.",
  ],
  effect: "reads",
  args: { target: one(processOrService(notFound), "The process; or a service, as ORG/NAME or NAME") },
  flags: {},
  examples: ["why api", "why 0 --json", "why tetra/api"],
  run: ({ target }, { engine, signal }) => engine.why(target, signal),
  names: ({ why }) => ("ref" in why ? [] : [why.name]),
  json: ({ why }) => why,
  render: ({ why, now }, screen) => whyPage(why, now, screen),
});
