import { type Role, roles, sgrOf, type Theme, themes } from "../../view/theme.ts";

/** SGR parameters by meaning; undefined for none. */
export type Styles = Readonly<Record<Role, string | undefined>>;

/** The styles of the shell's own text. Without colour only what is no hue remains: bold, faint, underlined, reversed. */
export function styles(colour: boolean, theme: Theme = themes.dark): Styles {
  const shown = colour ? theme : themes.mono;
  // Each role has its entry.
  return Object.fromEntries(roles.map((role) => [role, sgrOf(shown[role])])) as Styles;
}
