import { TsmError } from "../core/errors.ts";
import { settingNamed } from "../core/settings.ts";
import type { Offers, ParamType } from "./define.ts";

/** Any text. */
export function text(label: string, offers: Offers = { kind: "nothing" }): ParamType<string> {
  return { label, offers, parse: (word) => word };
}

/** Any text but an empty one. @param what it names, as an error calls it. */
export function filled(label: string, what: string, offers: Offers): ParamType<string> {
  return {
    label,
    offers,
    parse(word) {
      if (word !== "") return word;
      throw new TsmError("USAGE", `the ${what} is empty`, {
        hint: `Name ${/^[aeiou]/.test(what) ? "an" : "a"} ${what}`,
      });
    },
  };
}

/** These words are offered, each with what it means; others may do too. */
export function offering(words: Readonly<Record<string, string>>): Offers {
  return { kind: "words", words: Object.entries(words).map(([value, summary]) => ({ value, summary })) };
}

/** The same of words that say enough by themselves. */
export function offeringAlone(words: readonly string[]): Offers & { readonly kind: "words" } {
  return { kind: "words", words: words.map((value) => ({ value, summary: "" })) };
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
    offers: offering({ none: "No limit" }),
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
    offers: offeringAlone(words),
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
  // Object.keys forgets that the keys are those of the literal.
  const known = Object.keys(words) as T[];
  return {
    label: "WHAT",
    offers: offering(words),
    parse(word) {
      const found = known.find((each) => each === word);
      if (found !== undefined) return found;
      const all = known.join(", ");
      throw new TsmError("USAGE", `'${word}' is none of ${all}`, { hint: `Choose one of: ${all}` });
    },
  };
}

export const folder = filled("FOLDER", "folder", { kind: "folders" });

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

export const stackName = filled("STACK", "stack", { kind: "stacks" });

/** What `save` makes a service of. */
export const savable = text("SERVICE|PROCESS", { kind: "savable" });
export const verbName = text("VERB", { kind: "verbs" });
/** A command of TSM's own that another one runs. */
export const verbLine = text("COMMAND", { kind: "verbs", inside: "any" });
/** The same of those that change nothing. */
export const lookLine = text("COMMAND", { kind: "verbs", inside: "looks" });
export const settingName: ParamType<string> = { label: "NAME", offers: { kind: "settings" }, parse: settingNamed };

export const settingValue = text("VALUE", { kind: "setting-values" });
export const aliasName = text("NAME", { kind: "aliases" });

/** What `run` takes: a file of commands, or what runs in the foreground. */
export const runnable = filled("FILE|COMMAND", "file", { kind: "files" });
