import { defineCommand, flag, one } from "../src/command/define.ts";
import { processOrService } from "../src/command/service-target.ts";
import { folder, oneOf } from "../src/command/types.ts";
import { quoteWord } from "../src/core/quote.ts";
import { serviceNotFound } from "../src/core/service-store.ts";
import { exportedBy, serviceUnit } from "../src/integrations/systemd-service.ts";
import { sanitize } from "../src/view/sanitize.ts";

export default defineCommand({
  name: "export",
  summary: "Write a process or service as a unit of systemd, which then runs it",
  details: [
    "Two files, tsm-NAME.service and tsm-NAME.env with its environment, for your eyes alone: command, folder, user, restart policy, kill signal and limits as tsm has them. Without -o the unit is printed, and its environment is left out.",
    "Stop the process here before systemd starts it. What it depends on is named in the unit, and is to be exported too.",
  ],
  effect: "changes",
  args: {
    format: one(oneOf(["systemd"]), "What it is written for"),
    target: one(processOrService(serviceNotFound), "A process, or ORG/NAME"),
  },
  flags: { output: flag(folder, { short: "o", summary: "Write both files into this folder" }) },
  examples: ["export systemd api", "export systemd tetra/quasar -o ./units"],
  onlyLooks: ({ output }) => output === undefined,
  async run({ target, output }, { engine, signal }) {
    const exported = await engine.exported(target, output, signal);
    const { unit, environment, notes } = serviceUnit(exported);
    const written = output === undefined ? [] : [unit, environment];
    const files = await engine.writeExported(exported.folder, written, exportedBy);
    return { name: unit.name, text: unit.text, notes, files };
  },
  names: () => [],
  *render({ text, files, name }) {
    if (files.length === 0) yield text.trimEnd();
    for (const file of files) yield `✅ Wrote ${file}`;
    if (files.length > 0) yield sanitize(`   As root: systemctl enable --now ${quoteWord(files[0] ?? name)}`);
  },
  *notes({ notes }) {
    for (const note of notes) yield sanitize(note);
  },
});
