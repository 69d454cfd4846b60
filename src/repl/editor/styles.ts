/** SGR parameters by meaning. Without colour only what is no hue remains: bold, faint, underlined, reversed. */
export interface Styles {
  readonly good: string | undefined;
  readonly bad: string | undefined;
  readonly warn: string | undefined;
  readonly accent: string | undefined;
  readonly faint: string | undefined;
  readonly strong: string | undefined;
  readonly match: string | undefined;
  readonly selected: string | undefined;
}

const shapes = { faint: "2", strong: "1", match: "4", selected: "7" };

/** The styles of the shell's own text. */
export function styles(colour: boolean): Styles {
  return colour
    ? { ...shapes, good: "32", bad: "31", warn: "33", accent: "36" }
    : { ...shapes, good: undefined, bad: undefined, warn: undefined, accent: undefined };
}
