import type { Engine, Started } from "../core/engine.ts";
import type { ForegroundExit } from "../core/foreground.ts";
import type { LogLine } from "../core/log-line.ts";

/** What a verb shows that stays with what it has started. */
export type Shown =
  | { readonly lines: readonly LogLine[]; readonly isNamed: boolean; readonly notes: readonly string[] }
  | { readonly exits: readonly ForegroundExit[] };

/** Until they rest; with whoever stops looking they end. @param begin starts them. */
export async function* stayWith(
  engine: Engine,
  begin: () => Promise<readonly Pick<Started, "name">[]>,
  signal: AbortSignal,
): AsyncGenerator<Shown> {
  let isNamed = false;
  const names = async () => {
    const started = await begin();
    isNamed = started.length > 1;
    return started.map(({ name }) => name);
  };
  for await (const item of engine.inForeground(names, signal)) yield "exits" in item ? item : { ...item, isNamed };
}

/** Until Ctrl-C, and they go on. */
export async function* lookAt(
  engine: Engine,
  started: readonly Pick<Started, "name">[],
  signal: AbortSignal,
): AsyncGenerator<Shown> {
  const names = started.map(({ name }) => name);
  const records = engine.records().filter(({ name }) => names.includes(name));
  const request = {
    ...{
      records,
      patterns: [],
      streams: ["out", "err"] as const,
      lines: undefined,
      since: undefined,
      until: undefined,
    },
    ...{ follow: true, run: "last" as const, crash: false, withLevels: false },
    filter: { pattern: undefined, invert: false, context: 0, level: undefined },
  };
  for await (const item of engine.logs(request, signal)) yield { ...item, isNamed: records.length > 1 };
}

/** Lines and bytes as they were written: a container's own tools read them. */
export function* shownLines(item: Shown): Iterable<string | Uint8Array> {
  if ("exits" in item) return;
  for (const { name, bytes, text, more } of item.lines) {
    const head = item.isNamed ? `${name} | ` : "";
    if (bytes === undefined && !more) yield head + text;
    else yield Buffer.concat([Buffer.from(head), bytes ?? Buffer.from(text), Buffer.from(more ? "" : "\n")]);
  }
}

export function* shownNotes(item: Shown): Iterable<string> {
  if ("lines" in item) yield* item.notes;
  else for (const { name, exitCode, how } of item.exits) if (exitCode !== 0) yield `'${name}' ended: ${how}`;
}

/** Of several the first that is not 0. */
export function shownExitCode(item: Shown): number {
  return "exits" in item ? (item.exits.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0) : 0;
}

export function shownJson(item: Shown): unknown {
  return "exits" in item
    ? { exits: item.exits }
    : item.lines.map(({ name, stream, text, more }) => ({ name, stream, text, ...(more ? { partial: true } : {}) }));
}
