import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keyId } from "../../../src/repl/editor/keymap.ts";
import { Terminal } from "../../../src/repl/terminal.ts";

/* A paste whose end never comes, as from a terminal that was cut off or a program that printed the mark. */

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The keys that come of these pieces, each so long after the one before. */
function keysOf(...pieces: readonly (readonly [afterMs: number, text: string])[]): string[] {
  const stdin = new PassThrough();
  const keys: string[] = [];
  const none = () => undefined;
  const events = { resized: none, interrupted: none, continued: none, lent: none, ended: none, bug: none };
  const key = (text: string | undefined, struck: Parameters<typeof keyId>[1]): void => {
    keys.push(keyId(text, struck) ?? text ?? "");
  };
  const terminal = new Terminal({ stdin, stdout: new PassThrough() }, { ...events, key }, false);
  terminal.open();
  for (const [afterMs, text] of pieces) {
    vi.setSystemTime(Date.now() + afterMs);
    stdin.emit("data", Buffer.from(text));
  }
  terminal.close();
  return keys;
}

test("is ended by Ctrl-C when nothing more has come of it", () => {
  const keys = keysOf([0, "\x1b[200~a"], [600, "\x03"], [0, "b"]);
  expect(keys).toEqual(["paste-start", "a", "paste-end", "C-c", "b"]);
});

test("Ctrl-C while it is coming is a part of it, alone in its piece or not", () => {
  const keys = keysOf([0, "\x1b[200~a"], [600, "b\x03"], [100, "\x03"], [100, "c\x1b[201~"]);
  expect(keys).toEqual(["paste-start", "a", "b", "C-c", "C-c", "c", "paste-end"]);
});

test("Ctrl-C again and again does not put the end off", () => {
  const keys = keysOf([0, "\x1b[200~"], [400, "\x03"], [200, "\x03"]);
  expect(keys).toEqual(["paste-start", "C-c", "paste-end", "C-c"]);
});
