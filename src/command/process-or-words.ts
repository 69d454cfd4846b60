import { withoutPort } from "../core/names.ts";
import type { ProcessRecord } from "../core/process.ts";
import type { ParamType } from "./define.ts";
import { process } from "./targets.ts";

/** What `history` takes: a process; in the shell, where lines were typed, any other word is one to look for. */
export function processOrWords(): ParamType<ProcessRecord | string> {
  const processes = process();
  return {
    label: "PROCESS|WORDS",
    offers: { kind: "processes", which: "all", orWords: true },
    parse: processes.parse,
    async resolve(words, resolving) {
      const [word = ""] = words;
      if (!resolving.inShell) return (await processes.resolve?.(words, resolving)) ?? [];
      const records = resolving.engine.records();
      const named = records.find(({ name }) => name === word);
      return [named ?? records.find((record) => withoutPort(record.name, record.port) === word) ?? word];
    },
  };
}
