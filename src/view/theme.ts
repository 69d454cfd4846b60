/** What text means, and so how it looks. */
export const roles = [
  "good",
  "bad",
  "warn",
  "accent",
  "flag",
  "quoted",
  "bash",
  "wrong",
  "faint",
  "strong",
  "match",
  "selected",
] as const;

export type Role = (typeof roles)[number];

/** A look in words as they are typed: `bold red`, `blueBright`, `underline`; 0 to 255 is a colour of 256. "" is none. */
export type Style = string;

export type Theme = Readonly<Record<Role, Style>>;

export const themeNames = ["auto", "dark", "light", "mono"] as const;
export type ThemeName = (typeof themeNames)[number];

const shapes = { faint: "dim", strong: "bold", match: "underline", selected: "inverse" };
const noHues = { good: "", bad: "", warn: "", accent: "", flag: "", quoted: "", bash: "", wrong: "" };

/**
 * The colours by background. `either` is for one that is not known: each of its colours has three times the contrast
 * of its background on black and on white. Of 16 colours a terminal makes its own, which are those of a dark one.
 */
export const themes = {
  dark: {
    ...shapes,
    good: "green",
    bad: "red",
    warn: "yellow",
    accent: "cyan",
    flag: "cyan",
    quoted: "blueBright",
    bash: "magenta",
    wrong: "bold red",
  },
  light: {
    ...shapes,
    good: "28",
    bad: "160",
    warn: "130",
    accent: "25",
    flag: "25",
    quoted: "26",
    bash: "127",
    wrong: "bold 160",
  },
  light16: {
    ...shapes,
    good: "green",
    bad: "red",
    warn: "magenta",
    accent: "blue",
    flag: "blue",
    quoted: "blue",
    bash: "magenta",
    wrong: "bold red",
  },
  either: {
    ...shapes,
    good: "28",
    bad: "160",
    warn: "130",
    accent: "31",
    flag: "31",
    quoted: "32",
    bash: "133",
    wrong: "bold 160",
  },
  mono: { ...shapes, ...noHues },
} as const satisfies Readonly<Record<string, Theme>>;

type Env = Readonly<Record<string, string | undefined>>;

/** What a person wants of colours. */
export interface Wanted {
  readonly colours: "auto" | "always" | "never";
  readonly theme: ThemeName;
  /** Looks of their own by role: `warn=magenta flag=bold,blue`. */
  readonly styles: string;
}

/**
 * The theme in force. Nothing is asked of the terminal: an answer would arrive among the keys. It is what the setting
 * says, else what COLORFGBG says of the background.
 */
export function themeFor(wanted: Wanted, env: Env): Theme {
  const all = knows256(env);
  const name = wanted.theme === "auto" ? background(env) : wanted.theme;
  const theme =
    name === "mono"
      ? themes.mono
      : name === "light"
        ? themes[all ? "light" : "light16"]
        : themes[name === undefined && all ? "either" : "dark"];
  return { ...theme, ...readStyles(wanted.styles) };
}

/** `NO_COLOR` and FORCE_COLOR=0 mean none, FORCE_COLOR colour in pipes too; the setting is stronger than both. */
export function wantsColour({ colours }: Pick<Wanted, "colours">, terminal: boolean, env: Env): boolean {
  if (colours !== "auto") return colours === "always";
  if (env["NO_COLOR"]) return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  return terminal && env["TERM"] !== "dumb";
}

function background(env: Env): "dark" | "light" | undefined {
  const last = env["COLORFGBG"]?.split(";").at(-1) ?? "";
  if (!/^\d+$/.test(last)) return undefined;
  return ["7", "15"].includes(last) ? "light" : "dark";
}

function knows256(env: Env): boolean {
  const forced = env["FORCE_COLOR"] ?? "";
  if (/^[123]$/.test(forced)) return forced !== "1";
  if (env["COLORTERM"]) return true;
  return /256|direct|kitty|ghostty|alacritty|foot|wezterm/.test(env["TERM"] ?? "");
}

const shapeCodes: Readonly<Record<string, number>> = { bold: 1, dim: 2, italic: 3, underline: 4, inverse: 7 };
const hueNames = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** The SGR parameters of a style; undefined for none, and for a word that is none. */
export function sgrOf(style: Style): string | undefined {
  const codes = style.split(/[ ,]+/).flatMap((word) => codeOf(word) ?? []);
  return codes.length === 0 ? undefined : codes.join(";");
}

function codeOf(word: string): string | undefined {
  if (/^\d{1,3}$/.test(word) && Number(word) <= 255) return `38;5;${Number(word)}`;
  const shape = shapeCodes[word];
  if (shape !== undefined) return String(shape);
  const bright = word.endsWith("Bright");
  const hue = hueNames.indexOf(bright ? word.slice(0, -"Bright".length) : word);
  return hue === -1 ? undefined : String((bright ? 90 : 30) + hue);
}

/** The parts of `role=style role=style` that cannot be understood. */
export function wrongStyles(text: string): string[] {
  return partsOf(text).flatMap(({ part, role, isStyle }) => (role === undefined || !isStyle ? [part] : []));
}

function readStyles(text: string): Partial<Record<Role, Style>> {
  const known = partsOf(text).flatMap(({ role, style, isStyle }) =>
    role !== undefined && isStyle ? [[role, style]] : [],
  );
  return Object.fromEntries(known);
}

function partsOf(text: string) {
  return text
    .split(/\s+/)
    .filter((part) => part !== "")
    .map((part) => {
      const [name = "", style = ""] = part.split("=");
      const isStyle =
        style === "none" || (style !== "" && style.split(",").every((word) => codeOf(word) !== undefined));
      return { part, role: roles.find((each) => each === name), style, isStyle };
    });
}
