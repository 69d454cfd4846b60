import { isEcosystemWord } from "../core/ecosystem-word.ts";
import type { ProcessRecord } from "../core/process.ts";
import type { ParamType } from "./define.ts";
import { checkInput, process } from "./targets.ts";
import { text } from "./types.ts";

/** What can be started anew: a process, or a file whose apps are read anew. */
export type Restartable =
  | { readonly kind: "process"; readonly name: string; readonly record: ProcessRecord }
  | { readonly kind: "file"; readonly file: string };

const processes = process();

export const restartable: ParamType<Restartable> = {
  label: "PROCESS",
  offers: { kind: "processes", which: "all" },
  // Words become targets all at once, in `resolve`.
  parse(): never {
    throw new Error("targets are resolved, not parsed");
  },
  async resolve(words, resolving) {
    const names = resolving.engine.records().map(({ name }) => name);
    const isFile = (word: string) => isEcosystemWord(word) && !names.includes(word);
    const files = [...new Set(words.filter(isFile))];
    for (const file of files) checkInput(file, resolving);
    const others = words.filter((word) => !isFile(word));
    const records = others.length === 0 ? [] : ((await processes.resolve?.(others, resolving)) ?? []);
    return [
      ...files.map((file) => ({ kind: "file", file }) as const),
      ...records.map((record) => ({ kind: "process", name: record.name, record }) as const),
    ];
  },
};

/** A file of apps by its path. */
export const ecosystemFile = text("FILE", {
  kind: "files",
  endings: [".cjs", ".js", ".mjs", ".json", ".yaml", ".yml"],
});
