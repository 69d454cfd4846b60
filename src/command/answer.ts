import { exitCodes } from "../core/errors.ts";
import type { Look } from "../view/look.ts";
import type { Screen } from "../view/screen.ts";
import type { AnyVerb } from "./define.ts";
import type { Door, House } from "./door.ts";
import { printableLines } from "./failure.ts";
import { textOf } from "./output-text.ts";

/** Lines and bytes in one piece. @param look what the place can show; undefined: it takes everything */
export function print(door: Door, lines: Iterable<string | Uint8Array>, look: Look | undefined): void {
  let text = "";
  for (const line of lines) text += typeof line === "string" ? `${line}\n` : textOf(line);
  if (text !== "") door.write(look === undefined ? text : look.fit(text));
}

/** What the verb has to say of its result, or of an item that it yields. */
export function* linesOf(verb: AnyVerb, result: unknown, screen: Screen): Iterable<string | Uint8Array> {
  // The type that this verb's own `run` declares: see runVerb.
  for (const line of verb.render?.(result as never, screen) ?? [])
    yield verb.fold !== undefined && typeof line === "string" ? verb.fold(line, screen.columns) : line;
}

export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

interface Telling {
  readonly json: boolean;
  readonly look: Look;
  readonly silent: boolean;
  readonly isTold: boolean;
  readonly house: Pick<House, "printable">;
}

/** Each item as it comes. @returns the exit code */
export async function printStream(
  verb: AnyVerb,
  stream: AsyncIterable<unknown>,
  door: Door,
  screen: Screen,
  { json, look, silent, isTold, house }: Telling,
): Promise<number> {
  let exitCode: number = exitCodes.done;
  const names: string[] = [];
  // What streams is what others wrote: a pipe gets it as it is.
  const output = new Gathered(door, door.terminal ? look : undefined);
  try {
    for await (const item of stream) {
      if (door.signal.aborted) break;
      // See runVerb: the item is what this verb's own `run` yields.
      if (json) {
        const value = verb.json === undefined ? item : verb.json(item as never);
        for (const each of Array.isArray(value) ? value : [value]) output.add(`${JSON.stringify(each)}\n`);
      } else if (isTold)
        for (const line of linesOf(verb, item, screen)) output.add(typeof line === "string" ? `${line}\n` : line);
      for (const note of silent ? [] : (verb.notes?.(item as never) ?? [])) {
        output.flush();
        door.writeError(`tsm: ${printableLines(note, house)}\n`);
      }
      // What it asks next is asked below what it has shown.
      if (door.interactive || door.ask !== undefined) output.flush();
      names.push(...(verb.names?.(item as never) ?? []));
      if (exitCode === exitCodes.done) exitCode = verb.exitCode?.(item as never) ?? exitCodes.done;
      const room = door.room?.();
      if (room !== undefined) await room;
    }
  } finally {
    output.flush();
  }
  if (verb.names !== undefined) door.shell?.remember(names);
  return exitCode;
}

/** What a stream prints goes out in large pieces while it comes fast, and at once when it pauses. */
class Gathered {
  readonly #door: Door;
  readonly #look: Look | undefined;
  #text = "";
  #due: NodeJS.Immediate | undefined;

  /** @param look what the place can show; undefined: it takes everything */
  constructor(door: Door, look: Look | undefined) {
    this.#door = door;
    this.#look = look;
  }

  add(output: string | Uint8Array): void {
    if (typeof output !== "string") {
      this.flush();
      this.#door.write(output);
      return;
    }
    this.#text += output;
    if (this.#text.length >= gatheredAtMost) this.flush();
    else this.#due ??= setImmediate(() => this.flush());
  }

  flush(): void {
    if (this.#due !== undefined) clearImmediate(this.#due);
    this.#due = undefined;
    const text = this.#text;
    this.#text = "";
    if (text !== "") this.#door.write(this.#look === undefined ? text : this.#look.fit(text));
  }
}

const gatheredAtMost = 64 * 1024;
