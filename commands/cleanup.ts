import { defineCommand, toggle } from "../src/command/define.ts";
import { TsmError } from "../src/core/errors.ts";
import { wholeWords } from "../src/view/error-lines.ts";

export default defineCommand({
  name: "cleanup",
  summary: "Forget all crashed processes, and with --stopped the stopped ones too",
  details: [
    "As after `delete`, `undo` puts them back for a day. Files and locks that killed programs left half made go too.",
  ],
  effect: "destroys",
  args: {},
  flags: {
    stopped: toggle("Forget stopped processes too"),
    keepLogs: toggle("Leave their logs where they are"),
  },
  examples: ["cleanup", "cleanup --stopped"],
  async run({ stopped, keepLogs }, { engine, signal, undoable }) {
    const all = engine.summaries();
    const over = all.filter(({ status }) => status === "crashed" || (stopped && status === "stopped"));
    const forget = async (name: string, deed: string | undefined): Promise<string[]> => {
      try {
        await engine.delete(name, { timeoutSeconds: undefined, keepLogs, deed, unlessLive: true }, signal);
        return [name];
      } catch (error) {
        // Somebody was quicker: it is gone, or it runs again.
        if (error instanceof TsmError && (error.code === "NOT_FOUND" || error.code === "ALREADY_RUNNING")) return [];
        throw error;
      }
    };
    const removed = await undoable("cleanup", over, (deed) => Promise.all(over.map(({ name }) => forget(name, deed))));
    return { checked: all.length, removed: removed.flat(), leftovers: await engine.sweepLeftovers() };
  },
  fold: wholeWords,
  *render({ checked, removed, leftovers }) {
    for (const name of removed) yield `tsm: deleted '${name}'`;
    for (const path of leftovers) yield `tsm: removed what a killed program left: ${path}`;
    yield `Summary: Checked ${checked} processes, removed ${removed.length}`;
  },
});
