import { defineCommand, flag } from "../src/command/define.ts";
import { paced, parallel } from "../src/command/paced.ts";
import { integer } from "../src/command/types.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { resurrectedLines, resurrectedNotes } from "../src/view/resurrection.ts";

export default defineCommand({
  name: "resurrect",
  summary: "Bring back what was saved, and leave what runs as it is",
  details: [
    "Each process starts as it was when it was saved: command, folder, port, environment, policy and, where it is free, id; its env file is read anew. A service waits for those of the list that its TSM_DEPENDS names. A program that is gone is looked for: another version beside it (nvm, pyenv), then on its PATH and yours.",
    "What was stopped when it was saved is put on record and not started; what somebody has stopped since stays so. One that fails stops those that need it and no other; then the exit code is 1.",
    "The five lists that were saved last are kept. One that cannot be read is renamed and said, and the one before it is used.",
  ],
  effect: "changes",
  args: {},
  flags: {
    generation: flag(integer("N", 0, 4), {
      summary: "An older list: 0 is what was saved last, 4 the oldest (default: the newest that can be read)",
    }),
    parallel,
    settle: flag(integer("MS", 0, 600_000), {
      summary: "How long to watch each when no port says that it is up (default: the setting, 500)",
    }),
  },
  examples: ["resurrect", "resurrect --generation 1"],
  async run({ generation, settle, parallel: most }, context) {
    const { engine, signal } = paced(context, most);
    const saved = await engine.saved();
    const list = await saved.resurrect(generation, settle ?? engine.settings().settle, signal);
    if (list !== undefined) return list;
    throw new TsmError(
      "NOT_FOUND",
      generation === undefined ? "nothing was saved yet" : `there is no list ${generation}`,
      {
        hint: "tsm save saves the processes that there are",
      },
    );
  },
  names: ({ processes }) => processes.flatMap(({ process }) => (process === null ? [] : [process.name])),
  fold: wholeWords,
  render: resurrectedLines,
  notes: resurrectedNotes,
  exitCode: ({ processes }) =>
    processes.some(({ outcome }) => outcome === "failed") ? exitCodes.failed : exitCodes.done,
});
