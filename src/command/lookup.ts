import type { Engine } from "../core/engine.ts";
import { TsmError } from "../core/errors.ts";
import { inShort } from "../core/in-short.ts";
import { nearest } from "../core/nearest.ts";
import { type Registry, verbWords } from "./registry.ts";

/** What to do instead of `cd`. */
export const staysInFolder = "The shell stays in its folder: start --cwd FOLDER, or !cd FOLDER && COMMAND";

/**
 * The error for a word that is no verb, with what it was nearest to. Nothing is ever run in its place.
 * @param inShell where a program is only a `!` away
 */
export function unknownVerb(registry: Registry, engine: Engine, word: string, inShell = false): TsmError {
  const known = [...verbWords(registry), ...engine.settings().aliases.keys()];
  const asTyped = nearest(word, known);
  const near = asTyped.length > 0 ? asTyped : nearest(word.toLowerCase(), known);
  const isProcess = engine.records().some((record) => record.name === word);
  const inBash = inShell && /^[a-z][\w.+-]{0,60}$/i.test(word) ? `!${word} runs it in bash` : undefined;
  const meant = `Did you mean ${near.map((each) => `'${each}'`).join(" or ")}?`;
  const hint =
    inShell && word === "cd"
      ? staysInFolder
      : near.length > 0
        ? // `git` is near to `get`, and `make` to `save`.
          `${meant}${inBash !== undefined && engine.hasProgram(word) ? ` ${inBash}` : ""}`
        : isProcess
          ? `'${word}' is a process: tsm info ${word}`
          : inBash === undefined
            ? "tsm help lists what there is"
            : `${inBash}; help lists what there is`;
  return new TsmError("UNKNOWN_VERB", `unknown command '${inShort(word)}'`, { hint });
}
