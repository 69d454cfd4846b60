import type { Files } from "../platform/platform.ts";
import type { LogShelf } from "./log-shelf.ts";

/** Where a log stands between its archives and its end: `rotation.out`. Written whole, by whoever holds the log's lock. */
export interface RotationState {
  /** Bytes that have left the front of the live log since it began. */
  readonly base: number;
  /** When the last rotation was, epoch seconds; 0: never. */
  readonly at: number;
  /** A rotation that is under way, or was cut off. */
  readonly moving: Moving | undefined;
  /** The last one failed, and that has been said. */
  readonly failing: boolean;
}

export interface Moving {
  /** They are copied to `.rotating.out` and leave the live log's front in one step. */
  readonly bytes: number;
  /**
   * 32 characters, written over the live log's front when all is copied: while they stand there, the bytes have not left
   * it. What the log itself says cannot tell, as it may repeat.
   */
  readonly token: string;
  readonly phase: "copied" | "stamped" | "placing";
  /** The path that the bytes go to when it is not an archive of ours. */
  readonly to: string | undefined;
}

export const tokenBytes = 32;

export function readState(files: Files, { state: path }: LogShelf): RotationState {
  // Nearly always: most logs have never been rotated, and to be asked that costs less than to be read.
  return parseState(files.kind(path) === "missing" ? "" : (files.readText(path) ?? ""));
}

/** What a user's own file takes is no part of the log any more; an archive of ours is. */
export function baseAfter(base: number, { bytes, to }: Pick<Moving, "bytes" | "to">): number {
  return to === undefined ? base + bytes : base;
}

/** A file that is missing or damaged counts as no rotation. */
export function parseState(text: string): RotationState {
  const none = { base: 0, at: 0, moving: undefined, failing: false };
  if (text === "") return none;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return none;
  }
  if (typeof value !== "object" || value === null) return none;
  const values = new Map<string, unknown>(Object.entries(value));
  return {
    base: count(values.get("base")) ?? 0,
    at: count(values.get("at")) ?? 0,
    moving: movingFrom(values.get("moving")),
    failing: values.get("failing") === true,
  };
}

export function writeState(files: Files, shelf: LogShelf, state: RotationState): void {
  // What a power cut takes back must not be what tells the bytes' place.
  files.writeWhole(shelf.state, `${JSON.stringify(state)}\n`, { durable: state.moving !== undefined });
}

function movingFrom(value: unknown): Moving | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const values = new Map<string, unknown>(Object.entries(value));
  const bytes = count(values.get("bytes"));
  const token = values.get("token");
  const phase = (["copied", "stamped", "placing"] as const).find((word) => word === values.get("phase"));
  const to = values.get("to");
  if (bytes === undefined || typeof token !== "string" || phase === undefined) return undefined;
  return { bytes, token, phase, to: typeof to === "string" ? to : undefined };
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
