import { type Role, roles, sgrOf, type Theme, themes } from "../../view/theme.ts";

/** SGR parameters by meaning; undefined for none. */
export type Styles = Readonly<Record<Role, string | undefined>>;

/** The styles of the shell's own text. Without colour only what is no hue remains: bold, faint, underlined, reversed. */
export function styles(colour: boolean, theme: Theme = themes.dark): Styles {
  return inSgr(colour ? theme : themes.mono);
}

function inSgr(theme: Partial<Theme>): Styles {
  // Each role has its entry.
  return Object.fromEntries(roles.map((role) => [role, sgrOf(theme[role] ?? "")])) as Styles;
}

/** Where nothing is painted. */
export const noStyles: Styles = inSgr({});

export function painted(style: string | undefined, text: string): string {
  return style === undefined ? text : `\x1b[${style}m${text}\x1b[0m`;
}
