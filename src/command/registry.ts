import type { AnyVerb } from "./define.ts";

/** What a verb's declaration says of it in one line. */
export type Told = Pick<AnyVerb, "summary" | "effect" | "scope">;

/** A verb before its code is loaded. */
export interface VerbEntry {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Put in by the build, from the declaration; undefined where there is only the source. */
  readonly told?: Told;
  load(): Promise<AnyVerb>;
}

/**
 * What a word means behind a `/` in the shell where that is another verb than bare: `ps` is the list, as for people who
 * come from pm2, and `/ps` has always been the machine's.
 */
export const behindSlash: ReadonlyMap<string, string> = new Map([["ps", "machine"]]);

export type Registry = readonly VerbEntry[];

/** The entry that a word names, by name or alias. */
export function findVerb(registry: Registry, word: string): VerbEntry | undefined {
  return registry.find((entry) => entry.name === word || entry.aliases.includes(word));
}

/** A verb's own name, which no alias of the user's hides. Other words for a verb (`l`, `log`) give way to one. */
export function isVerbName(registry: Registry, word: string): boolean {
  return registry.some(({ name }) => name === word);
}

/** What is said of each verb, for which few are loaded. */
export async function toldOf(registry: Registry): Promise<ReadonlyMap<VerbEntry, Told>> {
  return new Map(
    await Promise.all(registry.map(async (entry) => [entry, entry.told ?? (await entry.load())] as const)),
  );
}

/** Every word that starts a command. */
export function verbWords(registry: Registry): string[] {
  return registry.flatMap((entry) => [entry.name, ...entry.aliases]);
}
