import type { ParamType } from "./define.ts";

/** A process by any of its names, or one that is gone and that the journal remembers. */
export const journalWord: ParamType<string> = {
  label: "PROCESS",
  offers: { kind: "processes", which: "all" },
  parse: (word) => word,
};
