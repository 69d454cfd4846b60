/** SGR parameters by meaning. Without colour only what is no hue remains: bold, faint, underlined, reversed. */
export interface Styles {
  readonly good: string | undefined;
  readonly bad: string | undefined;
  readonly warn: string | undefined;
  readonly accent: string | undefined;
  readonly flag: string | undefined;
  readonly quoted: string | undefined;
  /** A line for bash. */
  readonly bash: string | undefined;
  /** One character that makes the line wrong. */
  readonly wrong: string | undefined;
  readonly faint: string | undefined;
  readonly strong: string | undefined;
  readonly match: string | undefined;
  readonly selected: string | undefined;
}

const shapes = { faint: "2", strong: "1", match: "4", selected: "7" };
const hues = {
  good: "32",
  bad: "31",
  warn: "33",
  accent: "36",
  flag: "36",
  quoted: "94",
  bash: "35",
  wrong: "1;31",
};
const noHues = {
  good: undefined,
  bad: undefined,
  warn: undefined,
  accent: undefined,
  flag: undefined,
  quoted: undefined,
  bash: undefined,
  wrong: undefined,
};

/** The styles of the shell's own text. */
export function styles(colour: boolean): Styles {
  return colour ? { ...shapes, ...hues } : { ...shapes, ...noHues };
}
