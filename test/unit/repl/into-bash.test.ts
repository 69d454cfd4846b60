import type { Readable } from "node:stream";
import { expect, test } from "vitest";
import { intoBash, type Pipe } from "../../../src/repl/into-bash.ts";

/** Writes until there is no room, `times` times; how much was written by then. */
async function fill(pipe: Pipe, times: number, full: (written: number) => void): Promise<number> {
  let written = 0;
  for (let round = 0; round < times; round++) {
    for (;;) {
      pipe.write("x".repeat(10_000));
      written += 10_000;
      const room = pipe.room();
      if (room === undefined) continue;
      full(written);
      await room;
      break;
    }
  }
  return 0;
}

test("a reader that does not read holds the command up; when it has read, the command goes on", async () => {
  const sizes: number[] = [];
  let input: Readable | undefined;
  let ended: ((exit: { code: number; signal: null }) => void) | undefined;
  const done = intoBash({
    controller: new AbortController(),
    run: (pipe) => fill(pipe, 2, (size) => sizes.push(size)),
    bash: (stream) => {
      input = stream;
      return new Promise((resolve) => {
        ended = resolve;
      });
    },
  });
  await new Promise(setImmediate);
  expect(sizes).toEqual([expect.any(Number)]);
  expect(sizes[0]).toBeLessThan(1_000_000);
  input?.on("end", () => ended?.({ code: 0, signal: null })).resume();
  expect(await done).toEqual({ code: 0, bash: { code: 0, signal: null } });
  expect(sizes).toHaveLength(2);
});

test.for(["goes", "is interrupted"])("a command that waits for room goes on when its reader %s", async (how) => {
  const controller = new AbortController();
  const { code } = await intoBash({
    controller,
    run: async (pipe) => {
      await fill(pipe, 1, () => undefined);
      return controller.signal.aborted ? 0 : 1;
    },
    bash: (input) => {
      setImmediate(() => (how === "goes" ? input.destroy() : controller.abort()));
      return Promise.resolve({ code: 0, signal: null });
    },
  });
  expect(code).toBe(0);
});
