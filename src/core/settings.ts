import type { Files } from "../platform/platform.ts";
import { isErrno } from "./errors.ts";

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
  colours: {
    type: "string",
    enum: ["auto", "always", "never"],
    default: "auto",
    summary: "Colour on terminals, always, or never",
  },
  prompt: { type: "string", maxLength: 40, default: "tsm", summary: "Word at the beginning of the shell's prompt" },
  notices: {
    type: "string",
    enum: ["on", "off"],
    default: "on",
    summary: "Crashes and restarts, told above the shell's prompt as they happen",
  },
  historySize: {
    type: "integer",
    minimum: 0,
    maximum: 1_000_000,
    default: 10_000,
    summary: "Commands that the shell remembers",
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
    summary: "Seconds that a hook of post_start, post_stop or on_crash may take; then it is ended",
  },
  preHookTimeout: {
    type: "integer",
    minimum: 1,
    maximum: 86_400,
    default: 60,
    summary: "Seconds that a pre-hook may take; then the start has failed",
  },
  diskFloor: {
    type: "string",
    pattern: "^[0-9]+([KMGkmg]i?[Bb]?)?$",
    maxLength: 20,
    default: "200M",
    summary: "With less space than this on the disk, logs give theirs back",
  },
} as const;

export type SettingName = keyof typeof settingsSchema;

export interface Settings {
  readonly lines: number;
  readonly settle: number;
  readonly colours: "auto" | "always" | "never";
  readonly prompt: string;
  readonly notices: "on" | "off";
  readonly historySize: number;
  /** Sizes as `10M`, ages as `1d`: see amounts.ts. */
  readonly logMaxSize: string;
  readonly logKeep: number;
  readonly logMaxAge: string;
  readonly logCompress: "on" | "off";
  /** Seconds, both. */
  readonly hookTimeout: number;
  readonly preHookTimeout: number;
  readonly diskFloor: string;
  /** Why the file's values are not used, when they are not. */
  readonly problem: string | undefined;
}

const defaults: Settings = {
  lines: 50,
  settle: 500,
  colours: "auto",
  prompt: "tsm",
  notices: "on",
  historySize: 10_000,
  logMaxSize: "10M",
  logKeep: 5,
  logMaxAge: "1d",
  logCompress: "on",
  hookTimeout: 10,
  preHookTimeout: 60,
  diskFloor: "200M",
  problem: undefined,
};

export const settingNames: readonly string[] = Object.keys(settingsSchema);

/**
 * The settings in force. Reads the file itself: conf, which writes it, costs 30 ms at start-up.
 * A broken file or value leaves the defaults and says so in `problem`.
 */
export function readSettings(files: Files, path: string): Settings {
  let text: string | undefined;
  try {
    text = files.readText(path);
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "EISDIR", "ENOTDIR")) throw error;
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

function fromValues(values: ReadonlyMap<string, unknown>, path: string): Settings {
  let problem: string | undefined;
  const wrong = (name: string) => {
    problem ??= `${path}: '${name}' has a value that is not allowed`;
  };
  const whole = (name: "lines" | "settle" | "historySize" | "logKeep" | "hookTimeout" | "preHookTimeout"): number => {
    const value = values.get(name);
    const { minimum, maximum } = settingsSchema[name];
    if (value === undefined) return defaults[name];
    if (typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    wrong(name);
    return defaults[name];
  };
  const matching = (name: "logMaxSize" | "logMaxAge" | "diskFloor"): string => {
    const value = values.get(name);
    if (value === undefined) return defaults[name];
    if (typeof value === "string" && new RegExp(settingsSchema[name].pattern).test(value)) return value;
    wrong(name);
    return defaults[name];
  };
  const prompt = values.get("prompt");
  if (prompt !== undefined && typeof prompt !== "string") wrong("prompt");
  const colours = settingsSchema.colours.enum.find((word) => word === values.get("colours"));
  if (values.has("colours") && colours === undefined) wrong("colours");
  const notices = settingsSchema.notices.enum.find((word) => word === values.get("notices"));
  if (values.has("notices") && notices === undefined) wrong("notices");
  const logCompress = settingsSchema.logCompress.enum.find((word) => word === values.get("logCompress"));
  if (values.has("logCompress") && logCompress === undefined) wrong("logCompress");
  return {
    lines: whole("lines"),
    settle: whole("settle"),
    colours: colours ?? defaults.colours,
    prompt: typeof prompt === "string" ? prompt : defaults.prompt,
    notices: notices ?? defaults.notices,
    historySize: whole("historySize"),
    logMaxSize: matching("logMaxSize"),
    logKeep: whole("logKeep"),
    logMaxAge: matching("logMaxAge"),
    logCompress: logCompress ?? defaults.logCompress,
    hookTimeout: whole("hookTimeout"),
    preHookTimeout: whole("preHookTimeout"),
    diskFloor: matching("diskFloor"),
    problem,
  };
}
