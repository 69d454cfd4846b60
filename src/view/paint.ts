import { type Style, sgrOf, type Theme, themeFor, type Wanted, wantsColour } from "./theme.ts";

/** Colours by meaning. On anything but a terminal each of them returns its text unchanged. */
export interface Paint {
  /** Names, headings. */
  strong(text: string): string;
  /** What may be overlooked. */
  faint(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  accent(text: string): string;
  /** What was asked for, to be seen at once. */
  selected(text: string): string;
  /** The n-th of a few distinct hues: log prefixes of several processes. */
  hue(n: number, text: string): string;
}

const same = (text: string): string => text;

export const plain: Paint = {
  strong: same,
  faint: same,
  good: same,
  bad: same,
  warn: same,
  accent: same,
  selected: same,
  hue: (_n, text) => text,
};

/** Colours for a place, or none. */
export async function paintFor(
  wanted: Wanted,
  terminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Paint> {
  return wantsColour(wanted, terminal, env) ? await themedPaint(themeFor(wanted, env)) : plain;
}

/** chalk is loaded here and only here: a pipe never pays for it. */
async function themedPaint(theme: Theme): Promise<Paint> {
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 2 });
  const brush = (style: Style): ((text: string) => string) => {
    const words = style.split(/[ ,]+/).filter((word) => sgrOf(word) !== undefined);
    if (words.length === 0) return same;
    // Every word that has an SGR code and is no number is the name of a chalk style.
    const made = words.reduce(
      (chain, word) => (/^\d/.test(word) ? chain.ansi256(Number(word)) : chain[word as "bold"]),
      chalk,
    );
    // With the text alone: it is called with rows of tables too.
    return (text) => made(text);
  };
  const { strong, faint, good, bad, warn, accent, selected } = theme;
  const hues = [accent, theme.bash, theme.quoted, warn, good].map(brush);
  return {
    strong: brush(strong),
    faint: brush(faint),
    good: brush(good),
    bad: brush(bad),
    warn: brush(warn),
    accent: brush(accent),
    selected: brush(selected),
    hue: (n, text) => (hues[n % hues.length] ?? same)(text),
  };
}
