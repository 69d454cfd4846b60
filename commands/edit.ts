import { defineCommand, one } from "../src/command/define.ts";
import { serviceOrFile } from "../src/command/service-target.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";
import { notFound } from "../src/core/service-store.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { sanitize } from "../src/view/sanitize.ts";

export default defineCommand({
  name: "edit",
  summary: "Open the file of a service in $VISUAL or $EDITOR, then check it",
  details: ["A process that runs keeps what it was started with until you restart it."],
  effect: "changes",
  args: { service: one(serviceOrFile(notFound), "ORG/NAME, or NAME where one org alone has it") },
  flags: {},
  examples: ["edit tetra/quasar"],
  async run({ service: place }, { engine, shell }) {
    const services = await engine.services();
    const code = await services.edit(place, shell === undefined ? undefined : (line) => shell.passthrough(line));
    if (code !== 0)
      throw new TsmError("CANCELLED", `the editor ended with ${code}`, {
        hint: "VISUAL or EDITOR says which one; without them it is vi",
      });
    const { ref, file, problems } = services.page(place);
    return { ref, file, problems };
  },
  names: () => [],
  fold: wholeWords,
  *render({ ref, problems }) {
    if (problems.length === 0) yield `✅ ${ref} can be started`;
  },
  *notes({ problems, file }) {
    for (const problem of problems) yield sanitize(`${file}: ${problem}`);
  },
  exitCode: ({ problems }) => (problems.length === 0 ? exitCodes.done : exitCodes.badData),
});
