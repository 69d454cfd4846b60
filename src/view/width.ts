import { eastAsianWidth } from "get-east-asian-width";
import { isPlain } from "./ascii.ts";
import { stripEscapes } from "./escapes.ts";

/**
 * Columns that a text takes on a terminal. Escape sequences take none, a wide character two, and what is drawn as
 * one emoji (a family, a flag, a skin tone) takes two however many code points it is made of.
 */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(stripEscapes(text))) width += graphemeWidth(segment);
  return width;
}

/**
 * The text, cut to so many columns, with a mark of one column in the place of what was cut. Never half of a wide character: the result
 * may be a column narrower. For text that is not painted yet: escape sequences are removed when it has to be cut.
 */
export function clip(text: string, columns: number, mark = "…"): string {
  if (displayWidth(text) <= columns) return text;
  if (columns <= 0) return "";
  const plain = stripEscapes(text);
  if (isPlain(plain)) return `${plain.slice(0, columns - 1)}${mark}`;
  let kept = "";
  let width = 0;
  for (const { segment } of graphemes(plain)) {
    width += graphemeWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}${mark}`;
}

/** The text with spaces after it up to so many columns; longer texts stay as they are. Painted texts too. */
export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}

let segmenter: Intl.Segmenter | undefined;

// Made at the first text that needs it: 2 ms that a list of ASCII names does not pay.
function graphemes(text: string): Iterable<Intl.SegmentData> {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

// In functions, as a `\p` costs 0.2 ms when it is first met: only texts that need it pay.

/** Shown as a picture by itself, or told to be one, or a flag; a lone letter of a flag is a letter. */
function isEmoji(grapheme: string): boolean {
  return /(?!\p{Regional_Indicator})\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Regional_Indicator}{2}/u.test(grapheme);
}

function isUnseen(character: string): boolean {
  return /^[\p{Cc}\p{Cf}\p{Cs}\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]*$/u.test(character);
}

function graphemeWidth(grapheme: string): number {
  const code = grapheme.codePointAt(0) ?? 0;
  if (grapheme.length === 1 && code >= 0x20 && code <= 0x7e) return 1;
  if (isEmoji(grapheme)) return 2;
  // The base character decides; marks that join it take no room of their own.
  let width = 0;
  for (const character of grapheme) {
    if (isUnseen(character)) continue;
    width = Math.max(width, eastAsianWidth(character.codePointAt(0) ?? 0));
  }
  return width;
}
