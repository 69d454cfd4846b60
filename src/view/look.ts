import { stripEscapes } from "./escapes.ts";

/** What a place can show: everything, ASCII only, or nothing but lines of words. */
export interface Look {
  /** Words for glyphs, lines for tables, nothing painted over: for a dumb terminal and for a screen reader. */
  readonly plain: boolean;
  /** Stands, one column wide, for what was cut off a text. */
  readonly cut: string;
  /** Text of ours as this place can show it. */
  fit(text: string): string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** @param plain as the person wants it: see `wantsPlain`. */
export function lookFor(plain: boolean, env: Env): Look {
  if (plain) return plainLook;
  return showsUtf8(env) ? fullLook : asciiLook;
}

export const fullLook: Look = { plain: false, cut: "…", fit: (text) => text };
const asciiLook: Look = { plain: false, cut: "~", fit: toAscii };
const plainLook: Look = { plain: true, cut: "...", fit: (text) => toAscii(withoutPictures(stripEscapes(text))) };

/** Lines of words instead of a painted screen: said by `TSM_PLAIN` or the setting; a dumb terminal can do no other. */
export function wantsPlain(setting: "on" | "off", env: Env): boolean {
  if (env["TERM"] === "dumb") return true;
  const said = env["TSM_PLAIN"];
  return said === undefined || said === "" ? setting === "on" : !["0", "off", "no"].includes(said);
}

/** Where the environment names no locale at all, as in most containers, the terminal is taken to know UTF-8. */
function showsUtf8(env: Env): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "UTF-8";
  return /utf-?8/i.test(locale);
}

/** What stands for the characters that we use and ASCII does not have, a blank between them. Lines of a box take a column here and there. */
const inAscii: Readonly<Record<string, string>> = {
  "-": "─ – 🧹",
  "|": "│ ·",
  "+": "┌ ┬ ┐ ├ ┼ ┤ └ ┴ ┘",
  "...": "…",
  "*": "• ●",
  '"': "“ ”",
  "->": "→",
  "<-": "←",
  Up: "↑",
  Down: "↓",
  ">": "› ❯",
  x: "✗ × ❌",
  $: "⏎",
  ">=": "≥",
  "<=": "≤",
  "!!": "🔴 🚨",
  "!": "⚠️ ⚠",
  ok: "✅",
  ">>": "🚀",
  "?": "🔓",
  "--": "🔍",
};

const pictures = /(?:🔴|🚨|⚠️|⚠|✅|❌|🧹|🚀|🔓|🔍) */gu;

function toAscii(text: string): string {
  // Plain ASCII is nearly all there is, and is to cost nothing.
  if (/^\p{ASCII}*$/u.test(text)) return text;
  let fitted = text;
  for (const [ascii, glyphs] of Object.entries(inAscii))
    for (const glyph of glyphs.split(" ")) fitted = fitted.replaceAll(glyph, () => ascii);
  return fitted;
}

function withoutPictures(text: string): string {
  return text.replace(pictures, "");
}
