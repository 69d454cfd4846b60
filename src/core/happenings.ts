import { describeExit } from "./exit-text.ts";
import { parseLine } from "./journal-line.ts";
import { type Exit, exitCauses } from "./process.ts";
import type { World } from "./world.ts";

/** A line of the journal, as far as a reader may rely on it. */
export interface Happening {
  /** `start`, `exit`, `stop`, `adopt`, `port-held`, … */
  readonly event: string;
  readonly id: number;
  readonly name: string;
  /** How a life ended; of `exit` alone. */
  readonly exit: Exit | undefined;
  /** The same in words: `exit code 3`. */
  readonly how: string;
}

/** So long after the first line of a burst its lines are read together: a thousand lines are no thousand reads. */
const gatherMs = 50;

/**
 * Calls back with what goes on record from now on, in its order. Never keeps the program alive.
 * @returns the function that ends it.
 */
export function followJournal(world: World, happened: (happenings: readonly Happening[]) => void): () => void {
  const { files } = world.platform;
  const folder = world.home.events;
  const positions = new Map(journals().map((name) => [name, files.stat(`${folder}/${name}`)?.size ?? 0]));
  let due: NodeJS.Timeout | undefined;
  const end = files.watch(folder, () => {
    due ??= setTimeout(() => {
      due = undefined;
      const found = journals().flatMap(newLines).flatMap(parsed);
      if (found.length > 0) happened(found);
    }, gatherMs).unref();
  });
  return () => {
    end();
    clearTimeout(due);
  };

  /** One file a day. */
  function journals(): string[] {
    return files
      .list(folder)
      .filter((name) => name.endsWith(".jsonl"))
      .sort();
  }

  function newLines(name: string): string[] {
    const from = positions.get(name) ?? 0;
    const size = files.stat(`${folder}/${name}`)?.size ?? 0;
    if (size <= from) return [];
    const bytes = files.readRange(`${folder}/${name}`, from, size - from) ?? Buffer.alloc(0);
    const whole = bytes.lastIndexOf(0x0a) + 1;
    positions.set(name, from + whole);
    return bytes.toString("utf8", 0, whole).split("\n");
  }
}

function parsed(line: string): Happening[] {
  if (line === "") return [];
  const value = parseLine(line);
  if (typeof value !== "object" || value === null || !("event" in value && "name" in value && "id" in value)) return [];
  const { event, name, id } = value;
  if (typeof event !== "string" || typeof name !== "string" || typeof id !== "number") return [];
  const exit = "exit" in value ? parseExit(value.exit) : undefined;
  return [{ event, name, id, exit, how: exit === undefined ? "" : describeExit(exit) }];
}

/** No time that a date has no name for. */
const longAfter = 1e11;

/** How a life ended, as the journal says it; undefined when it makes no sense. A time that makes none is 0. */
export function parseExit(value: unknown): Exit | undefined {
  if (typeof value !== "object" || value === null || !("by" in value && "code" in value && "signal" in value))
    return undefined;
  const { code, signal } = value;
  const by = exitCauses.find((cause) => cause === value.by);
  if (by === undefined) return undefined;
  const number = (key: string) => {
    const found = new Map(Object.entries(value)).get(key);
    return typeof found === "number" && found >= 0 && found < longAfter ? found : 0;
  };
  return {
    code: typeof code === "number" ? code : null,
    signal: typeof signal === "string" ? signal : null,
    core: "core" in value && value.core === true,
    at: number("at"),
    uptime: number("uptime"),
    by,
  };
}
