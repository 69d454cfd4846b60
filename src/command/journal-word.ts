import { text } from "./types.ts";

/** A process by any of its names, or one that is gone and that the journal remembers. */
export const journalWord = text("PROCESS", { kind: "processes", which: "all" });
