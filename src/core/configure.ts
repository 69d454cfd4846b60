import { TsmError } from "./errors.ts";
import { noteHomeLimit } from "./log-limits.ts";
import { noSetting } from "./no-setting.ts";
import { lockSettings } from "./process-lock.ts";
import { isEntry, type SettingName, type SettingTable, settingNames, settingsSchema } from "./settings.ts";
import type { World } from "./world.ts";

/** One setting as `config` shows it. */
export interface Setting {
  readonly name: string;
  readonly value: string | number;
  readonly fallback: string | number;
  readonly summary: string;
}

export function allSettings(world: World): Setting[] {
  const settings = world.settings();
  return settingNames.map((name) => {
    const key = settingKey(name);
    return { name, value: settings[key], fallback: settingsSchema[key].default, summary: settingsSchema[key].summary };
  });
}

/** @throws TsmError USAGE when there is no such setting or the value is not allowed; BAD_DATA when the file is broken. */
export async function changeSetting(world: World, name: string, text: string): Promise<Setting> {
  const key = settingKey(name);
  const value = allowedValue(key, text);
  await saving(world, () => world.saveSetting(key, value));
  if (key === "logMaxSize") noteHomeLimit(world.platform.files, world.home, world.settings());
  const changed = allSettings(world).find((setting) => setting.name === key);
  if (changed === undefined) throw new Error(`${key} is a setting`);
  return changed;
}

/**
 * Gives a name its meaning in a table of the settings, or takes it away (undefined).
 * @throws TsmError USAGE when the table cannot hold it; BAD_DATA when the file is broken.
 */
export async function changeMeaning(
  world: World,
  table: SettingTable,
  name: string,
  meaning: string | undefined,
): Promise<void> {
  if (meaning !== undefined && !isEntry(table, name, meaning)) {
    throw new TsmError("USAGE", `the settings cannot hold '${name}' with this meaning`, {
      hint: "A name has letters, digits, - and _, and begins with a letter; a meaning has 1000 characters at most",
    });
  }
  await saving(world, async () => {
    const meanings = new Map(world.settings()[table]);
    if (meaning === undefined) meanings.delete(name);
    else meanings.set(name, meaning);
    await world.saveSetting(table, Object.fromEntries(meanings));
  });
}

/** One writer at a time: what is saved was read under the same lock. */
async function saving(world: World, save: () => Promise<void>): Promise<void> {
  const release = await lockSettings(world);
  try {
    const { problem } = world.settings();
    if (problem !== undefined) throw new TsmError("BAD_DATA", problem, { hint: "Mend or remove the file first" });
    await save();
  } finally {
    release();
  }
}

export function settingKey(name: string): SettingName {
  const found = settingNames.find((each) => each === name);
  // settingNames are the schema's own keys.
  if (found !== undefined) return found as SettingName;
  throw noSetting(name, settingNames);
}

function allowedValue(key: SettingName, text: string): string | number {
  const schema = settingsSchema[key];
  if (schema.type === "integer") {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= schema.minimum && value <= schema.maximum) return value;
    throw notAllowed(key, text, `a whole number from ${schema.minimum} to ${schema.maximum}`);
  }
  if ("enum" in schema) {
    if (schema.enum.some((word) => word === text)) return text;
    throw notAllowed(key, text, `one of ${schema.enum.join(", ")}`);
  }
  if ("pattern" in schema) {
    if (text.length <= schema.maxLength && new RegExp(schema.pattern).test(text)) return text;
    throw notAllowed(key, text, forms[key === "logMaxAge" || key === "tokenFields" ? key : "size"]);
  }
  if (text.length <= schema.maxLength) return text;
  throw notAllowed(key, text, `at most ${schema.maxLength} characters`);
}

const forms = {
  logMaxAge: "an age: 12h, 1d, 2w, or never",
  tokenFields:
    "facts and their places, as session=sid,user=ctx.uid: time, category, event, session, user, ip, fingerprint, element, page, duration, status",
  size: "a size: 500K, 10M, 1G",
} as const;

function notAllowed(key: string, text: string, allowed: string): TsmError {
  return new TsmError("USAGE", `'${text}' is not a value for ${key}`, { hint: `Give ${allowed}` });
}
