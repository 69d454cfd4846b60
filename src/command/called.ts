import type { Engine } from "../core/engine.ts";
import { TsmError } from "../core/errors.ts";
import type { ProcessSummary } from "../core/process.ts";

/**
 * By name, whether a process was named itself, or as one of a namespace.
 * @param among.words what could be meant instead, for who means nobody.
 * @throws TsmError when one of the names is nobody's.
 */
export async function processesCalled(
  names: readonly string[],
  {
    processes,
    engine,
    words,
  }: {
    readonly processes: readonly ProcessSummary[];
    readonly engine: Pick<Engine, "match">;
    readonly words: readonly string[];
  },
): Promise<ReadonlyMap<string, "itself" | "together">> {
  const meant = new Map<string, "itself" | "together">();
  for (const called of names) {
    const together = processes.filter(({ namespace }) => namespace === called);
    const match = together.length > 0 ? undefined : await engine.match(called);
    const found = match === undefined || match.kind === "none" || match.kind === "guess" ? [] : match.records;
    for (const { name } of together) if (!meant.has(name)) meant.set(name, "together");
    for (const { name } of found) meant.set(name, "itself");
    if (together.length > 0 || found.length > 0) continue;
    throw new TsmError("USAGE", `'${called}' is none of ${words.join(", ")}, and no process or namespace`, {
      hint: `Choose one of: ${words.join(", ")}`,
    });
  }
  return meant;
}
