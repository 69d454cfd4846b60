import { TsmError } from "../core/errors.ts";
import { isName } from "../core/names.ts";
import type { ParamType } from "./define.ts";
import { filled } from "./types.ts";

/** A file of another program, a folder, or the kind that a file is of. */
export const importSource = filled("FILE|KIND", "file", { kind: "files" });

/** Where it is written to. */
export const importedFile = filled("FILE", "file", { kind: "files" });

/** Names, separated by commas. */
export const nameList: ParamType<readonly string[]> = {
  label: "NAMES",
  offers: { kind: "nothing" },
  parse(word) {
    const names = word.split(",").map((name) => name.trim());
    if (names.every((name) => name !== "")) return names;
    throw new TsmError("USAGE", `'${word}' has an empty part`, { hint: "Separate names by commas: api,web" });
  },
};

/** The first part of ORG/NAME. */
export const orgName: ParamType<string> = {
  label: "ORG",
  offers: { kind: "nothing" },
  parse(word) {
    if (isName(word)) return word;
    throw new TsmError("USAGE", `'${word}' is not a name of an org`, {
      hint: "Letters, digits, '-', '_' and '.', beginning with a letter or digit",
    });
  },
};
