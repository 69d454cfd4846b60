import { defineCommand, one } from "../src/command/define.ts";
import { processServiceOrPort } from "../src/command/port-target.ts";
import { notFound } from "../src/core/service-store.ts";
import { whyPage } from "../src/view/why.ts";
import { whyPortPage } from "../src/view/why-port.ts";

export default defineCommand({
  name: "why",
  summary: "Why a process is down, slow, restarting or unreachable, and what helps",
  details: [
    "One paragraph, the evidence for it, and the commands that help. The cause comes from the record, the journal, the program's last words, the kernel and the files; what nobody says is not guessed: 'it looks as if' marks what only the program's own words say.",
    "Of a port, which is :3000 or a number that no process has: who listens there and since when, who else wants it, and what frees it.",
    "With --json the word in `cause` names the cause; `confidence` is certain or likely; `fix` holds the commands in their order.",
  ],
  effect: "reads",
  args: {
    target: one(processServiceOrPort(notFound), "The process; a service, as ORG/NAME or NAME; or a port, as :3000"),
  },
  flags: {},
  examples: ["why api", "why 0 --json", "why tetra/api", "why :3000"],
  async run({ target }, { engine, signal }) {
    if (!("listeningOn" in target)) return await engine.why(target, signal);
    return { port: await engine.whyPort(target.listeningOn, signal) };
  },
  names: (told) =>
    "port" in told
      ? told.port.holders.flatMap(({ owner, process }) => (owner === "managed" && process !== null ? [process] : []))
      : "ref" in told.why
        ? []
        : [told.why.name],
  json: (told) => ("port" in told ? told.port : told.why),
  render: (told, screen) => ("port" in told ? whyPortPage(told.port, screen) : whyPage(told.why, told.now, screen)),
});
