import type { Look } from "../view/look.ts";
import { themeFor, wantsColour } from "../view/theme.ts";
import type { ReplSettings } from "./deps.ts";
import { noStyles, type Styles, styles } from "./editor/styles.ts";
import { type PromptMarks, promptMarksFor } from "./prompt-marks.ts";

/** How the shell shows itself: by where it is, and by settings that may be others at the next prompt. */
export class Appearance {
  readonly look: Look;
  readonly #env: NodeJS.ProcessEnv;
  #settings: ReplSettings;
  #styles: Styles;

  constructor(look: Look, settings: ReplSettings, env: NodeJS.ProcessEnv) {
    this.look = look;
    this.#env = env;
    this.#settings = settings;
    this.#styles = this.#stylesNow();
  }

  take(settings: ReplSettings): void {
    this.#settings = settings;
    this.#styles = this.#stylesNow();
  }

  /** Is a line painted in colours? */
  get colour(): boolean {
    return wantsColour(this.#settings, true, this.#env);
  }

  get styles(): Styles {
    return this.#styles;
  }

  get marks(): PromptMarks {
    return promptMarksFor(this.look.plain ? "off" : this.#settings.promptMarks, this.#env);
  }

  #stylesNow(): Styles {
    return this.look.plain ? noStyles : styles(this.colour, themeFor(this.#settings, this.#env));
  }
}
