import { expect, test } from "vitest";
import kill from "../../../commands/kill.ts";
import signal from "../../../commands/signal.ts";
import { isFailed, sideBySide } from "../../../src/command/each.ts";
import { TsmError } from "../../../src/core/errors.ts";
import { plain } from "../../../src/view/paint.ts";

const screen = { columns: 80, terminal: false, paint: plain };

const gone = (name: string) => new TsmError("NOT_FOUND", `process '${name}' was deleted meanwhile`);
const failFor =
  (doomed: string) =>
  async ({ name }: { name: string }) => {
    if (name === doomed) throw gone(name);
    return { id: 1, name, signal: "SIGHUP" as const, delivered: 2 };
  };

test("one of several that fails does not hide what became of the others", async () => {
  const results = await sideBySide([{ name: "one" }, { name: "two" }], failFor("one"));
  expect(results.map(isFailed)).toEqual([true, false]);
  for (const verb of [kill, signal]) {
    expect([...(verb.render?.(results, screen) ?? [])]).toEqual(["tsm: 'two' got SIGHUP (2 processes)"]);
    expect([...(verb.notes?.(results) ?? [])]).toEqual(["process 'one' was deleted meanwhile"]);
    expect(verb.exitCode?.(results)).toBe(gone("one").exitCode);
  }
});

test("a single one's error is thrown as it is", async () => {
  await expect(sideBySide([{ name: "one" }], failFor("one"))).rejects.toThrow(gone("one"));
});

test("what is no error of a target is no result", async () => {
  await expect(
    sideBySide([{ name: "one" }, { name: "two" }], () => Promise.reject(new RangeError("a bug"))),
  ).rejects.toThrow("a bug");
});
