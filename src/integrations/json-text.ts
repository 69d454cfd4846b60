import { TsmError } from "../core/errors.ts";

/** An object of JSON, by key. */
export type Values = Readonly<Record<string, unknown>>;

/** @throws TsmError BAD_DATA naming the file, and where it breaks off. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error;
    // Behind a comma the message quotes the file, which may be a secret.
    const what = text.trim() === "" ? "it is empty" : error.message.replace(/, .*/s, "").slice(0, 120);
    throw new TsmError("BAD_DATA", `${file} is not JSON: ${what}`, { hint: "Was it written to its end?" });
  }
}

export function jsonObject(value: unknown): Values | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}
