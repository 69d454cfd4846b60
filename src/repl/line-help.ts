import type { Offered, OfferedService } from "../command/completing.ts";
import type { Registry } from "../command/registry.ts";
import type { ShellJob } from "../command/shell.ts";
import type { ProcessSummary } from "../core/process.ts";
import type { Meanings } from "../core/settings.ts";
import type { Appearance } from "./appearance.ts";
import type { Completion } from "./editor/menu.ts";
import type { History } from "./history.ts";
import type { Outputs } from "./outputs.ts";
import type { Processes } from "./processes.ts";
import type { ResultSet } from "./result-set.ts";
import type { Typing } from "./typing.ts";

export interface LineHelpDeps {
  readonly registry: Registry;
  readonly env: NodeJS.ProcessEnv;
  readonly appearance: Appearance;
  readonly processes: Processes;
  readonly history: History;
  readonly outputs: Outputs;
  readonly results: ResultSet;
  aliases(): Meanings;
  keys(): Meanings;
  jobs(): readonly ShellJob[];
  /** The runs of a process, by its exact name. */
  runs(name: string): readonly Offered[];
  services(): Promise<readonly OfferedService[]>;
  /** Something was learnt that changes what is shown. */
  changed(): void;
  reportBug(error: unknown): void;
}

/** What helps while a line is typed, loaded behind the first prompt or when it is asked for. */
export class LineHelp {
  readonly #deps: LineHelpDeps;
  #typing: Typing | undefined;

  constructor(deps: LineHelpDeps) {
    this.#deps = deps;
  }

  /** undefined until it is loaded, and where nothing is painted. */
  get typing(): Typing | undefined {
    return this.#typing;
  }

  /** The processes have been looked at. */
  looked(summaries: readonly ProcessSummary[]): void {
    this.#typing?.begin(summaries);
  }

  /** Styles and proposals from now on. */
  async open(): Promise<void> {
    const { registry, env, appearance, processes, history, results, aliases, jobs, changed, reportBug } = this.#deps;
    if (appearance.look.plain) return;
    const { Typing } = await import("./typing.ts");
    this.#typing = new Typing({
      registry,
      get styles() {
        return appearance.styles;
      },
      get colour() {
        return appearance.colour;
      },
      userHome: env["HOME"],
      aliases,
      lastLine: () => history.last(),
      look: () => processes.look(),
      areOneApp: (part, found, all) => processes.areOneApp(part, found, all),
      unrecorded: (summaries) => processes.unrecorded(summaries),
      standsFor: (word) => results.standsFor(word),
      jobs,
      newest: (begun, isWanted) => history.newest(begun, isWanted),
      changed,
      reportBug,
    });
  }

  async complete(text: string, cursor: number): Promise<Completion> {
    const { completeLine } = await import("./completion.ts");
    const { registry, env, processes, outputs, aliases, keys, jobs, runs, services } = this.#deps;
    const typing = this.#typing;
    return completeLine(text, cursor, {
      registry,
      aliases: aliases(),
      keys: keys(),
      summaries: () => typing?.summaries ?? processes.now(),
      fresh: () => typing?.fresh(),
      // It may have been loaded since.
      latest: (process) => (this.#typing === undefined ? process : this.#typing.latest(process)),
      env,
      outputs: outputs.commands(),
      jobs: jobs(),
      runs,
      services,
    });
  }
}
