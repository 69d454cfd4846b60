import type { Files } from "../platform/platform.ts";
import { parsedJson } from "./parsed-json.ts";
import { fromValues, readSettings, type SettingTable, settingsSchema, settingTables, tableIn } from "./settings.ts";

/** What keeps a settings file from being used as it is. */
interface BrokenSettings {
  /** What stands instead of each that is not allowed; none: the whole is of no use. */
  readonly without: readonly { readonly name: string; readonly instead: string }[];
  /** What is left of it; undefined: nothing. */
  readonly kept: Readonly<Record<string, unknown>> | undefined;
}

/** undefined when nothing is wrong with it that a program could put right. */
export function brokenSettings(files: Files, path: string): BrokenSettings | undefined {
  if (readSettings(files, path).problem === undefined) return undefined;
  const whole: BrokenSettings = { without: [], kept: undefined };
  if (files.kind(path) !== "file") return whole;
  if (!files.isReadable(path)) return undefined;
  const value = parsedJson(files.readText(path) ?? "");
  if (typeof value !== "object" || value === null || Array.isArray(value)) return whole;
  const entries = Object.entries(value).map(([name, found]) => {
    const isBad = fromValues(new Map([[name, found]]), path).problem !== undefined;
    const table = tableNames.find((each) => each === name);
    const sound = !isBad ? found : table === undefined ? undefined : Object.fromEntries(tableIn(found, table).sound);
    return { name, isBad, sound, isTable: table !== undefined };
  });
  const known = new Map<string, { readonly default: number | string }>(Object.entries(settingsSchema));
  const instead = (name: string) => JSON.stringify(known.get(name)?.default ?? "");
  return {
    without: entries
      .filter(({ isBad }) => isBad)
      .map(({ name, isTable }) => ({ name, instead: isTable ? "its allowed entries" : instead(name) })),
    kept: Object.fromEntries(entries.flatMap(({ name, sound }) => (sound === undefined ? [] : [[name, sound]]))),
  };
}

// Which there are is what their type says.
const tableNames = Object.keys(settingTables) as readonly SettingTable[];
