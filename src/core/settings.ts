import type { Files } from "../platform/platform.ts";
import { isErrno } from "./errors.ts";

/** A fact of an event and its place: see token.ts. */
const tokenFact = "(time|category|event|session|user|ip|fingerprint|element|page|duration|status)=[^\\s,=]+";

/** Every setting a person may change, with what it is when nobody did. */
export const settingsSchema = {
  lines: { type: "integer", minimum: 0, maximum: 1_000_000, default: 50, summary: "Lines that `logs` shows" },
  settle: {
    type: "integer",
    minimum: 0,
    maximum: 600_000,
    default: 500,
    summary: "Milliseconds until a start without a port counts as good",
  },
  startConcurrency: {
    type: "integer",
    minimum: 0,
    maximum: 1000,
    default: 0,
    summary: "Processes that are started at the same time; 0: four a processor, at least 16",
  },
  colours: {
    type: "string",
    enum: ["auto", "always", "never"],
    default: "auto",
    summary: "Colour on terminals, always, or never",
  },
  theme: {
    type: "string",
    enum: ["auto", "dark", "light", "mono"],
    default: "auto",
    summary: "Colours for a dark or a light background, for either, or none",
  },
  styles: {
    type: "string",
    maxLength: 400,
    default: "",
    summary: "Looks of your own: 'warn=magenta bad=bold,red accent=33'",
  },
  plain: {
    type: "string",
    enum: ["off", "on"],
    default: "off",
    summary: "Lines of words on a terminal: no boxes, glyphs or repainting",
  },
  prompt: { type: "string", maxLength: 40, default: "tsm", summary: "Word at the beginning of the shell's prompt" },
  notices: {
    type: "string",
    enum: ["on", "off"],
    default: "on",
    summary: "Crashes and restarts, told above the shell's prompt as they happen",
  },
  promptMarks: {
    type: "string",
    enum: ["auto", "on", "off"],
    default: "auto",
    summary: "Marks by which a terminal finds prompts and outputs (OSC 133)",
  },
  windowTitle: {
    type: "string",
    enum: ["off", "on"],
    default: "off",
    summary: "The counts of the prompt as the title of the window",
  },
  historySize: {
    type: "integer",
    minimum: 0,
    maximum: 1_000_000,
    default: 10_000,
    summary: "Commands that the shell remembers",
  },
  editingMode: {
    type: "string",
    enum: ["emacs", "vi"],
    default: "emacs",
    summary: "Keys of the shell's line: those of emacs or of vi",
  },
  logMaxSize: {
    type: "string",
    pattern: "^[1-9][0-9]*([KMGkmg]i?[Bb]?)?$",
    maxLength: 20,
    default: "10M",
    summary: "A log that is longer is rotated",
  },
  logKeep: { type: "integer", minimum: 0, maximum: 1000, default: 5, summary: "Archives that are kept of each log" },
  logMaxAge: {
    type: "string",
    pattern: "^([1-9][0-9]*[smhdw]?|never)$",
    maxLength: 20,
    default: "1d",
    summary: "A log that was begun so long ago is rotated; or never",
  },
  logCompress: { type: "string", enum: ["on", "off"], default: "on", summary: "Archives as gzip" },
  hookTimeout: {
    type: "integer",
    minimum: 1,
    maximum: 86_400,
    default: 10,
    summary: "Seconds that a hook of an event (post_start, on_crash, …) may take; then it is ended",
  },
  preHookTimeout: {
    type: "integer",
    minimum: 1,
    maximum: 86_400,
    default: 60,
    summary: "Seconds that a pre-hook may take; then the start has failed",
  },
  metricsDays: {
    type: "integer",
    minimum: 0,
    maximum: 3650,
    default: 7,
    summary: "Days that samples of cpu and memory are kept; 0 takes none",
  },
  tokenFields: {
    type: "string",
    pattern: `^(${tokenFact}(,${tokenFact})*)?$`,
    maxLength: 400,
    default: "",
    summary: "Where facts stand in the events of logs, as --fields of sessions: session=sid,user=ctx.uid",
  },
  diskFloor: {
    type: "string",
    pattern: "^[0-9]+([KMGkmg]i?[Bb]?)?$",
    maxLength: 20,
    default: "200M",
    summary: "With less space than this on the disk, logs give theirs back",
  },
} as const;

/** What a person has given names to: each is an object in the settings file, from a name to what it stands for. */
export const settingTables = {
  /** Names of their own for commands. */
  aliases: /^[A-Za-z][A-Za-z0-9._-]{0,39}$/,
  /** Keys of the shell; which there are is for whoever reads keys to say. */
  keys: /^[!-~]{1,24}$/,
} as const;

export type SettingTable = keyof typeof settingTables;

/** What each name stands for, in the order of the file. */
export type Meanings = ReadonlyMap<string, string>;

const longestMeaning = 1000;

export type SettingName = keyof typeof settingsSchema;

export interface Settings {
  readonly lines: number;
  readonly settle: number;
  /** 0: as suits the machine. */
  readonly startConcurrency: number;
  readonly colours: "auto" | "always" | "never";
  readonly theme: "auto" | "dark" | "light" | "mono";
  readonly styles: string;
  readonly plain: "on" | "off";
  readonly prompt: string;
  readonly notices: "on" | "off";
  readonly promptMarks: "auto" | "on" | "off";
  readonly windowTitle: "on" | "off";
  readonly historySize: number;
  readonly editingMode: "emacs" | "vi";
  readonly aliases: Meanings;
  readonly keys: Meanings;
  /** Sizes as `10M`, ages as `1d`: see amounts.ts. */
  readonly logMaxSize: string;
  readonly logKeep: number;
  readonly logMaxAge: string;
  readonly logCompress: "on" | "off";
  /** Seconds, both. */
  readonly hookTimeout: number;
  readonly preHookTimeout: number;
  readonly diskFloor: string;
  /** As --fields: see token.ts. */
  readonly tokenFields: string;
  /** Days. */
  readonly metricsDays: number;
  /** Why the file's values are not used, when they are not. */
  readonly problem: string | undefined;
}

const defaults: Settings = {
  lines: 50,
  settle: 500,
  startConcurrency: 0,
  colours: "auto",
  theme: "auto",
  styles: "",
  plain: "off",
  prompt: "tsm",
  notices: "on",
  promptMarks: "auto",
  windowTitle: "off",
  historySize: 10_000,
  editingMode: "emacs",
  aliases: new Map(),
  keys: new Map(),
  logMaxSize: "10M",
  logKeep: 5,
  logMaxAge: "1d",
  logCompress: "on",
  hookTimeout: 10,
  preHookTimeout: 60,
  diskFloor: "200M",
  tokenFields: "",
  metricsDays: 7,
  problem: undefined,
};

type ChoiceName =
  | "colours"
  | "theme"
  | "plain"
  | "notices"
  | "promptMarks"
  | "windowTitle"
  | "editingMode"
  | "logCompress";

export const settingNames: readonly string[] = Object.keys(settingsSchema);

/** `editing-mode` is editingMode: a setting may be typed as flags are spelled. */
export function settingNamed(word: string): string {
  return word.replace(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

/**
 * The settings in force. Reads the file itself: conf, which writes it, costs 30 ms at start-up.
 * A broken file or value leaves the defaults and says so in `problem`.
 */
export function readSettings(files: Files, path: string): Settings {
  let text: string | undefined;
  try {
    text = files.readText(path);
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "EISDIR", "ENOTDIR", "ELOOP", "EIO")) throw error;
    return { ...defaults, problem: `${path} cannot be read` };
  }
  if (text === undefined || text.trim() === "") return defaults;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ...defaults, problem: `${path} is not valid JSON` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { ...defaults, problem: `${path} is not an object` };
  return fromValues(new Map(Object.entries(value)), path);
}

export function fromValues(values: ReadonlyMap<string, unknown>, path: string): Settings {
  let problem: string | undefined;
  const wrong = (name: string) => {
    problem ??= `${path}: '${name}' has a value that is not allowed`;
  };
  const whole = (
    name:
      | "lines"
      | "settle"
      | "startConcurrency"
      | "historySize"
      | "logKeep"
      | "hookTimeout"
      | "preHookTimeout"
      | "metricsDays",
  ): number => {
    const value = values.get(name);
    const { minimum, maximum } = settingsSchema[name];
    if (value === undefined) return defaults[name];
    if (typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    wrong(name);
    return defaults[name];
  };
  const text = (name: "prompt" | "styles"): string => {
    const value = values.get(name);
    if (typeof value === "string") return value;
    if (value !== undefined) wrong(name);
    return defaults[name];
  };
  const choice = <N extends ChoiceName>(name: N): Settings[N] => {
    if (!values.has(name)) return defaults[name];
    // What is in the list of a setting is what its type allows.
    const found = settingsSchema[name].enum.find((word) => word === values.get(name)) as Settings[N] | undefined;
    if (found === undefined) wrong(name);
    return found ?? defaults[name];
  };
  const table = (name: SettingTable): Meanings => {
    const { sound, isSound } = tableIn(values.get(name), name);
    if (!isSound) wrong(name);
    return sound;
  };
  const matching = (name: "logMaxSize" | "logMaxAge" | "diskFloor" | "tokenFields"): string => {
    const value = values.get(name);
    if (value === undefined) return defaults[name];
    if (typeof value === "string" && new RegExp(settingsSchema[name].pattern).test(value)) return value;
    wrong(name);
    return defaults[name];
  };
  const settings = {
    lines: whole("lines"),
    settle: whole("settle"),
    startConcurrency: whole("startConcurrency"),
    colours: choice("colours"),
    theme: choice("theme"),
    styles: text("styles"),
    plain: choice("plain"),
    prompt: text("prompt"),
    notices: choice("notices"),
    promptMarks: choice("promptMarks"),
    windowTitle: choice("windowTitle"),
    historySize: whole("historySize"),
    editingMode: choice("editingMode"),
    aliases: table("aliases"),
    keys: table("keys"),
    logMaxSize: matching("logMaxSize"),
    logKeep: whole("logKeep"),
    logMaxAge: matching("logMaxAge"),
    logCompress: choice("logCompress"),
    hookTimeout: whole("hookTimeout"),
    preHookTimeout: whole("preHookTimeout"),
    diskFloor: matching("diskFloor"),
    tokenFields: matching("tokenFields"),
    metricsDays: whole("metricsDays"),
  };
  return { ...settings, problem };
}

/** What is sound of a table: one bad entry is no reason to be without the others. */
export function tableIn(value: unknown, table: SettingTable): { readonly sound: Meanings; readonly isSound: boolean } {
  if (value === undefined) return { sound: new Map(), isSound: true };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { sound: new Map(), isSound: false };
  const all = Object.entries(value);
  const sound = all.filter(([name, meaning]) => isEntry(table, name, meaning));
  return { sound: new Map(sound), isSound: sound.length === all.length };
}

/** May a table hold this name with this meaning? */
export function isEntry(table: SettingTable, name: string, meaning: unknown): meaning is string {
  const said = typeof meaning === "string" && meaning.trim() !== "" && meaning.length <= longestMeaning;
  return said && settingTables[table].test(name);
}
