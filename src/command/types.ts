import { TsmError } from "../core/errors.ts";
import { settingNamed } from "../core/settings.ts";
import type { ParamType } from "./define.ts";

/** Any text. */
export function text(label: string): ParamType<string> {
  return { label, offers: { kind: "nothing" }, parse: (word) => word };
}

/** A whole number within bounds, in decimal digits. */
export function integer(label: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER): ParamType<number> {
  return {
    label,
    offers: { kind: "nothing" },
    parse(word) {
      const value = Number(word);
      if (/^\d+$/.test(word) && value >= minimum && value <= maximum) return value;
      const range = maximum === Number.MAX_SAFE_INTEGER ? `from ${minimum}` : `from ${minimum} to ${maximum}`;
      const wrong = /^[+-]?\d+$/.test(word) ? "out of range" : "not a whole number";
      throw new TsmError("USAGE", `'${word}' is ${wrong}`, { hint: `Give a whole number ${range}` });
    },
  };
}

/** That, or `none`. */
export function orNone<T>(type: ParamType<T>): ParamType<T | "none"> {
  return {
    label: `${type.label}|none`,
    offers: { kind: "words", words: [{ value: "none", summary: "No limit" }] },
    parse: (word) => (word === "none" ? word : type.parse(word)),
  };
}

/** Paths or patterns, separated by commas. */
export function list(label: string): ParamType<readonly string[]> {
  return {
    label,
    offers: { kind: "files" },
    parse(word) {
      const parts = word.split(",").map((part) => part.trim());
      if (parts.every((part) => part !== "" && !part.includes("\0"))) return parts;
      throw new TsmError("USAGE", `'${word}' has an empty part`, { hint: "Separate them by commas: src,public" });
    },
  };
}

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[], label?: string): ParamType<T> {
  return {
    label: label ?? words.join("|"),
    offers: { kind: "words", words: words.map((value) => ({ value, summary: "" })) },
    parse(word) {
      const found = words.find((each) => each === word);
      if (found !== undefined) return found;
      throw new TsmError("USAGE", `'${word}' is none of ${words.join(", ")}`, {
        hint: `Choose one of: ${words.join(", ")}`,
      });
    },
  };
}

/** What a verb of many parts is to do: each word with what it does. */
export function subWord<const T extends string>(words: Readonly<Record<T, string>>): ParamType<T> {
  // Object.entries forgets that the keys are those of the literal.
  const offered = Object.entries(words) as [T, string][];
  return {
    label: "WHAT",
    offers: { kind: "words", words: offered.map(([value, summary]) => ({ value, summary })) },
    parse(word) {
      const found = offered.find(([each]) => each === word);
      if (found !== undefined) return found[0];
      const known = offered.map(([each]) => each).join(", ");
      throw new TsmError("USAGE", `'${word}' is none of ${known}`, { hint: `Choose one of: ${known}` });
    },
  };
}

export const folder: ParamType<string> = { label: "FOLDER", offers: { kind: "folders" }, parse: nonEmpty("folder") };

/** Of a systemd unit, with its ending or without. */
export const unitName: ParamType<string> = {
  label: "NAME",
  offers: { kind: "nothing" },
  parse(word) {
    const name = word.replace(/\.service$/, "");
    if (/^[\w:.@-]{1,200}$/.test(name) && !name.startsWith(".")) return name;
    throw new TsmError("USAGE", `'${word}' is not a name for a unit`, { hint: "Letters, digits, and : _ . @ -" });
  },
};

export const stackName: ParamType<string> = {
  label: "STACK",
  offers: { kind: "stacks" },
  parse: nonEmpty("stack"),
};

/** What `save` makes a service of. */
export const savable: ParamType<string> = {
  label: "SERVICE|PROCESS",
  offers: { kind: "savable" },
  parse: (word) => word,
};
export const verbName: ParamType<string> = { label: "VERB", offers: { kind: "verbs" }, parse: (word) => word };
/** A command of TSM's own that another one runs. */
export const verbLine: ParamType<string> = { label: "COMMAND", offers: { kind: "verbs" }, parse: (word) => word };
export const settingName: ParamType<string> = { label: "NAME", offers: { kind: "settings" }, parse: settingNamed };

export const settingValue: ParamType<string> = {
  label: "VALUE",
  offers: { kind: "setting-values" },
  parse: (word) => word,
};
export const aliasName: ParamType<string> = { label: "NAME", offers: { kind: "aliases" }, parse: (word) => word };

export function nonEmpty(what: string): (word: string) => string {
  return (word) => {
    if (word !== "") return word;
    throw new TsmError("USAGE", `the ${what} is empty`, { hint: `Name a ${what}` });
  };
}

/** What `run` takes: a file of commands, or what runs in the foreground. */
export const runnable: ParamType<string> = {
  label: "FILE|COMMAND",
  offers: { kind: "files" },
  parse: nonEmpty("file"),
};
