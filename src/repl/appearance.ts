import type { Look } from "../view/look.ts";
import { themeFor, wantsColour } from "../view/theme.ts";
import type { ReplSettings } from "./deps.ts";
import { noStyles, type Styles, styles } from "./editor/styles.ts";
import { type PromptMarks, promptMarksFor } from "./prompt-marks.ts";

/** How the shell shows itself. */
export interface Appearance {
  /** Is a line painted in colours? */
  readonly colour: boolean;
  readonly styles: Styles;
  readonly marks: PromptMarks;
}

/** By the settings, which may be others at the next prompt. */
export function appearanceFor(settings: ReplSettings, { plain }: Look, env: NodeJS.ProcessEnv): Appearance {
  const colour = wantsColour(settings, true, env);
  return {
    colour,
    styles: plain ? noStyles : styles(colour, themeFor(settings, env)),
    marks: promptMarksFor(plain ? "off" : settings.promptMarks, env),
  };
}
