import { TsmError } from "./errors.ts";
import { JournalReader } from "./journal-reader.ts";
import { withoutPort } from "./names.ts";
import { nearest } from "./nearest.ts";
import type { ProcessRecord } from "./process.ts";
import { isPattern, matchByParts } from "./resolve.ts";
import type { World } from "./world.ts";

/**
 * Which entries are about what was named. A word means processes as everywhere; one that no process answers to means
 * those of the journal, which remembers who was deleted.
 */
export class WantedNames {
  readonly #words: readonly { readonly word: string; readonly names: ReadonlySet<string> }[];
  readonly #known = new Map<string, boolean>();
  readonly #answered = new Set<string>();
  readonly #names: readonly string[];

  /** @param remembers does the journal know somebody of exactly this name? Asked only where nobody else is sure to be meant. */
  constructor(
    words: readonly string[],
    records: readonly ProcessRecord[],
    remembers: (name: string) => boolean = () => false,
  ) {
    this.#names = records.flatMap(({ name, port }) => [name, withoutPort(name, port)]);
    const typed = new Map([...fullNames(records)].map(([short, name]) => [name, short]));
    this.#words = words.map((word) => {
      const match = matchByParts(word, records);
      const found = match === undefined || match.kind === "none" ? [] : match.records;
      if (found.length > 0 && found.every((record) => isPart(word, record)) && remembers(word))
        return { word, names: new Set([word]) };
      return { word, names: new Set(found.flatMap(({ name }) => [name, typed.get(name) ?? name])) };
    });
  }

  /** undefined: all are. */
  get isMeant(): ((names: readonly string[]) => boolean) | undefined {
    return this.#words.length === 0 ? undefined : (names) => names.some((name) => this.#isNameMeant(name));
  }

  /** Those of the processes that were named; none where no word was. */
  named(records: readonly ProcessRecord[]): readonly ProcessRecord[] {
    return records.filter(({ name }) => this.#words.some(({ names }) => names.has(name)));
  }

  /** Words that no process and no entry so far has answered to. */
  unknown(): readonly string[] {
    return this.#words
      .filter(({ word, names }) => names.size === 0 && !this.#answered.has(word) && !isPattern(word))
      .map(({ word }) => word);
  }

  /** @throws TsmError NOT_FOUND for such a word */
  refuseUnknown(): void {
    const [unknown] = this.unknown();
    if (unknown === undefined) return;
    const near = nearest(unknown, [...new Set(this.#names)]).map((name) => `'${name}'`);
    throw new TsmError("NOT_FOUND", `process '${unknown}' not found, and nothing of it in this time`, {
      hint: `${near.length === 0 ? "" : `Did you mean ${near.join(" or ")}? `}tsm events --since 30d looks further back; tsm list all shows the processes`,
    });
  }

  #isNameMeant(name: string): boolean {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const isMeant = this.#words.some(({ word, names }) => {
      if (names.has(name)) return true;
      if (names.size > 0 && !isPattern(word)) return false;
      const match = matchByParts(word, [{ tsm_id: -1, name, port: portOf(name), pid: 0 }]);
      if (match === undefined || match.kind === "none" || match.records.length === 0) return false;
      this.#answered.add(word);
      return true;
    });
    this.#known.set(name, isMeant);
    return isMeant;
  }
}

/**
 * `api-3000` by `api`, as `start --name api` calls it before it has its port. Where another has that name, or several
 * come by it, nobody is meant.
 */
export function fullNames(records: readonly ProcessRecord[]): ReadonlyMap<string, string> {
  const taken = new Set(records.map(({ name }) => name));
  const full = new Map<string, string>();
  for (const { name, port } of records) {
    const short = withoutPort(name, port);
    if (taken.has(short)) full.delete(short);
    else full.set(short, name);
    taken.add(short);
  }
  return full;
}

/** Is the word no more than a part of its name? */
function isPart(word: string, { name, port }: ProcessRecord): boolean {
  return (
    !isPattern(word) &&
    name !== word &&
    withoutPort(name, port) !== word &&
    name.toLowerCase().includes(word.toLowerCase())
  );
}

/** Asks the journal, since then (epoch milliseconds); undefined: all of it. */
export function rememberedBy(world: World, sinceMs: number | undefined): (name: string) => boolean {
  return (name) => new JournalReader(world, sinceMs, (names) => names.includes(name)).read().next().done === false;
}

/** `api-3000` is meant by `api`, as long as nothing else tells the port of who is gone. */
function portOf(name: string): number | "none" {
  const port = /-(\d{1,5})$/.exec(name)?.[1];
  return port === undefined ? "none" : Number(port);
}
