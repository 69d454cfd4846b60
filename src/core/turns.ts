import { TsmError } from "./errors.ts";
import { type Needs, reversed, withoutCircles } from "./needs.ts";

/** When one of several may do what: it ends when those that need it are gone, and begins when what it needs is up. */
export interface Turn {
  /** To be awaited before the process's lock is taken: so nobody waits with a lock for one who waits for that lock. */
  readonly mayEnd: Promise<unknown>;
  /** It has ended. */
  ended(): void;
  /** @throws why what it needs is not up. */
  mayBegin(): Promise<void>;
  /** Does nobody else take a turn beside it? */
  readonly isOnly: boolean;
}

/** One for each of several processes that are restarted at once. */
export class Turns {
  readonly #turns = new Map<string, OneTurn>();
  readonly #needs: Needs;
  readonly #goesOn: (name: string, need: string) => boolean;
  readonly #shown: (name: string) => string;

  /**
   * @param goesOn does one begin though the restart of another that it stands behind has failed?
   * @param shown what a person calls it.
   */
  constructor(needs: Needs, goesOn: (name: string, need: string) => boolean, shown = (name: string) => name) {
    this.#needs = withoutCircles(needs);
    this.#goesOn = goesOn;
    this.#shown = shown;
    for (const name of needs.keys()) this.#turns.set(name, new OneTurn());
  }

  /** Does it in its turn. */
  async take<R>(name: string, restart: (turn: Turn) => Promise<R>): Promise<R> {
    const own = this.#turns.get(name) ?? new OneTurn();
    const of = (names: readonly string[] = []) => names.flatMap((each) => this.#turns.get(each) ?? []);
    const behind = of(reversed(this.#needs).get(name));
    const restarting = restart({
      isOnly: this.#turns.size === 1,
      mayEnd: Promise.all(behind.map(({ end }) => end.opened)),
      ended: () => own.end.open(),
      mayBegin: async () => {
        for (const need of this.#needs.get(name) ?? []) await this.#whenUp(name, need);
      },
    });
    try {
      const result = await restarting;
      own.over.open(undefined);
      return result;
    } catch (error) {
      own.over.open(error);
      throw error;
    } finally {
      own.end.open();
    }
  }

  async #whenUp(name: string, need: string): Promise<void> {
    const error = await this.#turns.get(need)?.over.opened;
    if (error === undefined || this.#goesOn(name, need)) return;
    if (error instanceof TsmError) throw withoutNeed(this.#shown(name), this.#shown(need), error);
    throw error;
  }
}

/** What is not started because of what it needs. */
export function withoutNeed(what: string, need: string, why: TsmError): TsmError {
  return new TsmError("START_FAILED", `'${what}' was not started, as it depends on '${need}': ${why.message}`);
}

/** Opened once, by whoever; all others wait. */
class Gate<T> {
  open: (value: T) => void = () => {
    throw new Error("a promise calls its executor at once");
  };
  readonly opened = new Promise<T>((resolve) => (this.open = resolve));
}

class OneTurn {
  readonly end = new Gate<void>();
  /** With what it failed. */
  readonly over = new Gate<unknown>();
}
