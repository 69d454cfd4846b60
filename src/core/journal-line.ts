import { parsedJson } from "./parsed-json.ts";
/** What every line of the journal begins with. A quote within a value has a backslash before it: so does no value. */
export const lineBeginning = '{"time":"';

/**
 * The object on a line of the journal; undefined for what is none. Where a full disk or a power cut has cut a line short,
 * the next one stands behind it: then it is that one.
 */
export function parseLine(line: string): unknown {
  return parsedJson(line) ?? parsedJson(line.slice(Math.max(0, line.lastIndexOf(lineBeginning))));
}
