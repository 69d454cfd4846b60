import type { ProcessSummary } from "../core/process.ts";
import type { Appearance } from "./appearance.ts";
import type { Span } from "./editor/painter.ts";
import type { Processes } from "./processes.ts";
import { promptFor, titleFor } from "./prompt.ts";

export interface LivePromptDeps {
  readonly processes: Processes;
  readonly appearance: Appearance;
  settings(): { readonly prompt: string; readonly windowTitle: "on" | "off" };
  /** The processes have been looked at. */
  looked(summaries: readonly ProcessSummary[]): void;
  /** Calls the window so; undefined: as it was called before. */
  entitle(title: string | undefined): void;
  /** Puts it in the place of the one that is shown. */
  show(prompt: readonly Span[]): void;
  reportBug(error: unknown): void;
}

/** Once a second at most: with a thousand processes the counts take as long as many keys. */
const paceMs = 1000;

/** The prompt and the title of the window, whose counts are those of now while a line is typed. */
export class LivePrompt {
  readonly #deps: LivePromptDeps;
  #due: NodeJS.Timeout | undefined;
  #madeAt = Number.NEGATIVE_INFINITY;
  #isOver = false;

  constructor(deps: LivePromptDeps) {
    this.#deps = deps;
  }

  /** For a line that begins. */
  now(): Span[] {
    return this.#of(this.#deps.processes.now());
  }

  /** Something has happened to a process. */
  changed(): void {
    const pause = Math.max(0, this.#madeAt + paceMs - Date.now());
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      void this.#lookAgain();
    }, pause).unref();
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#due);
  }

  async #lookAgain(): Promise<void> {
    try {
      const madeAt = this.#madeAt;
      const summaries = await this.#deps.processes.look();
      // One that was made meanwhile counts what is younger.
      if (!this.#isOver && this.#madeAt === madeAt) this.#deps.show(this.#of(summaries));
    } catch (error) {
      this.#deps.reportBug(error);
    }
  }

  #of(summaries: readonly ProcessSummary[]): Span[] {
    const { appearance, settings, looked, entitle } = this.#deps;
    this.#madeAt = Date.now();
    looked(summaries);
    const { look, styles, marks } = appearance;
    const { prompt, windowTitle } = settings();
    entitle(windowTitle === "on" ? titleFor(prompt, summaries) : undefined);
    return marks.around(promptFor(prompt, summaries, styles, look));
  }
}
