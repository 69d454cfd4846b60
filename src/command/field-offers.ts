import { recordedStatuses } from "../core/process.ts";
import type { Offered } from "./completing.ts";
import { fieldNames } from "./field-names.ts";
import { matching } from "./matching.ts";

/** What `--sort` can be: a field, and the same the other way round where that was begun. */
export function orderOffers(typed: string): readonly Offered[] {
  const minus = typed.startsWith("-") ? "-" : "";
  const turned = /^[a-z]+:/i.test(typed) ? [":asc", ":desc"] : [""];
  const offered = fields.flatMap(({ value, summary }) =>
    turned.map((end) => ({ value: `${minus}${value}${end}`, summary })),
  );
  return matching(offered, typed, wordOf);
}

/** What can come next in the conditions of `--where`: each with all that stands before it. */
export function conditionOffers(typed: string): readonly Offered[] {
  const word = /[\w.%-]*$/.exec(typed)?.[0] ?? "";
  const before = typed.slice(0, typed.length - word.length);
  return matching(nextIn(before), word, wordOf).map(({ value, summary }) => ({ value: before + value, summary }));
}

function nextIn(before: string): readonly Offered[] {
  if (/(?:^|\(|(?:^|[\s)])(?:and|or|not))\s*$/i.test(before))
    return [...fields, { value: "not", summary: "The opposite" }];
  const compared = /([a-z]+)\s*(?:[!<>]=|[=<>~])\s*$/i.exec(before)?.[1]?.toLowerCase();
  if (compared !== undefined)
    return compared === "status" ? recordedStatuses.map((value) => ({ value, summary: "" })) : [];
  const begun = /(?:^|\(|(?:^|[\s)])(?:and|or|not))\s*([a-z]+)\s+$/i.exec(before)?.[1]?.toLowerCase();
  if (begun !== undefined) return Object.hasOwn(fieldNames, begun) ? operators : [];
  return /[\s)]$/.test(before) && !hasOpenQuote(before) ? together : [];
}

const fields: readonly Offered[] = Object.entries(fieldNames).map(([value, summary]) => ({ value, summary }));
const operators: readonly Offered[] = [
  { value: "=", summary: "is" },
  { value: "!=", summary: "is not" },
  { value: ">", summary: "more than" },
  { value: ">=", summary: "at least" },
  { value: "<", summary: "less than" },
  { value: "<=", summary: "at most" },
  { value: "~", summary: "fits the regular expression" },
];
const together: readonly Offered[] = [
  { value: "and", summary: "Both" },
  { value: "or", summary: "One of them" },
];

function hasOpenQuote(text: string): boolean {
  return /^(?:[^'"]|'[^']*'|"[^"]*")*['"][^'"]*$/.test(text);
}

function wordOf({ value }: Offered): string {
  return value;
}
