import { domainToASCII } from "node:url";
import { TsmError } from "../core/errors.ts";
import type { ParamType } from "./define.ts";

/** A host name, as DNS has it: also of other letters than these, which become `xn--…`; `*.` may stand before it. */
export const domain: ParamType<string> = {
  label: "DOMAIN",
  offers: { kind: "nothing" },
  parse(word) {
    const star = word.startsWith("*.") ? "*." : "";
    const ascii = /^[\p{L}\p{M}\p{N}.-]+$/u.test(word.slice(star.length)) ? domainToASCII(word.slice(star.length)) : "";
    if (isDomain(ascii)) return `${star}${ascii}`;
    throw new TsmError("USAGE", `'${word}' is not a domain`, {
      hint: "Give a host name without http:// and port: example.com, api.example.com",
    });
  },
};

/** Are its labels such that DNS would have them? An address is none. */
export function isDomain(name: string): boolean {
  const labels = name.split(".");
  return (
    name.length <= 253 &&
    labels.every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/.test(label)) &&
    /[a-z]/.test(labels.at(-1) ?? "")
  );
}
