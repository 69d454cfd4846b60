import type { ParamType } from "./define.ts";
import { process } from "./targets.ts";

const processes = process();

/** An app by its own name, or by a word that means one process. */
export const appName: ParamType<{ readonly name: string }> = {
  label: "NAME",
  offers: { kind: "processes", which: "all" },
  // A word becomes a name in `resolve`.
  parse(): never {
    throw new Error("targets are resolved, not parsed");
  },
  async resolve(words, resolving) {
    const [word = ""] = words;
    const apps = await resolving.engine.apps();
    if (apps.has(word)) return [{ name: word }];
    const found = (await processes.resolve?.(words, resolving)) ?? [];
    return [...new Set(found.map((record) => apps.scaledAs(record)))].map((name) => ({ name }));
  },
};
