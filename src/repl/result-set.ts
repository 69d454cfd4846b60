import { TsmError } from "../core/errors.ts";
import type { Word } from "./parse.ts";

/** Words with names in the place of `$_` and the like. */
export interface Expanded {
  readonly words: readonly Word[];
  /** Those names. */
  readonly placed: readonly string[];
  /** Was there a `$_`, which is as many as there happen to be? */
  readonly spread: boolean;
}

/** The processes that were last shown or acted on in this shell: `$_` is all of them, `$1` the first. */
export class ResultSet {
  #names: readonly string[] | undefined;
  /** What becomes of the copy changes nothing here. */
  copy(): ResultSet {
    const copy = new ResultSet();
    copy.#names = this.#names;
    return copy;
  }

  remember(names: readonly string[]): void {
    this.#names = [...new Set(names)];
  }

  /**
   * The words with names in the place of `$_`, `$1` and so on, also within a longer word; in single quotes these are
   * letters.
   * @throws TsmError when there is nothing to put there
   */
  expand(words: readonly Word[]): Expanded {
    const placed: string[] = [];
    const expanded = words.flatMap((word) => {
      if (!word.isResult) return [{ ...word, text: this.textOf(word), results: [] }];
      const names = this.#named(word.text).map(asTarget);
      placed.push(...names);
      return names.map((name) => ({ ...word, text: name, quoted: true, isResult: false, results: [] }));
    });
    return { words: expanded, placed, spread: words.some(({ isResult, text }) => isResult && text === "$_") };
  }

  /**
   * The word's text with the names in it, several with a blank between them.
   * @throws TsmError when there is nothing to put there
   */
  textOf({ text, results }: Word): string {
    let filled = "";
    let at = 0;
    for (const { from, to } of results) {
      filled += text.slice(at, from) + this.#named(text.slice(from, to)).join(" ");
      at = to;
    }
    return filled + text.slice(at);
  }

  /** The names in the place of `$_`, `$1` and so on; none where it stands for nothing. */
  standsFor(word: string): readonly string[] {
    const names = this.#names ?? [];
    const number = Number(word.slice(1));
    return word === "$_" ? names : names.slice(number - 1, number);
  }

  #named(word: string): readonly string[] {
    const names = this.#names;
    if (names === undefined)
      throw new TsmError("NOT_FOUND", `${word} is empty: no command has shown or touched a process yet`, {
        hint: "list, then for example: restart $_",
      });
    if (names.length === 0)
      throw new TsmError("NOT_FOUND", `${word} is empty: the last command showed or touched no process`, {
        hint: "list all shows every process",
      });
    const meant = this.standsFor(word);
    if (meant.length > 0) return meant;
    const count = names.length === 1 ? "only one process" : `only ${names.length} processes`;
    throw new TsmError("NOT_FOUND", `${word} is empty: there ${names.length === 1 ? "is" : "are"} ${count} in $_`, {
      hint: `They are ${names.slice(0, 10).join(", ")}${names.length > 10 ? ", …" : ""}`,
    });
  }
}

/** Digits alone would be an id. */
function asTarget(name: string): string {
  return /^\d+$/.test(name) ? `/^${name}$/` : name;
}
