import { isEcosystemWord } from "../core/ecosystem-word.ts";
import { TsmError } from "../core/errors.ts";
import type { ProcessRecord } from "../core/process.ts";
import type { Resolving } from "./define.ts";

/**
 * Of the processes that a file of apps means those that `--only` names; all where it was not given.
 * @throws TsmError where the word is no such file, and where nothing is there of an app that is named
 */
export async function onlyApps(
  word: string,
  records: readonly ProcessRecord[],
  { engine, only, verb }: Resolving,
): Promise<readonly ProcessRecord[]> {
  if (only === undefined) return records;
  if (!isEcosystemWord(word) || records.some(({ name }) => name === word)) {
    throw new TsmError("USAGE", "--only is for the apps of a file", {
      hint: `tsm ${verb} ecosystem.config.cjs --only api`,
    });
  }
  const apps = await engine.apps();
  const named = records.map((record) => ({ record, app: apps.nameOf(record) }));
  const missing = only.find((name) => named.every(({ app }) => app !== name));
  if (missing !== undefined) {
    throw new TsmError("NOT_FOUND", `of ${word} there is no app '${missing}' here`, {
      hint: `There is ${[...new Set(named.map(({ app }) => app))].join(", ") || "none of it"}`,
    });
  }
  return named.flatMap(({ record, app }) => (only.includes(app) ? [record] : []));
}
