import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { FullScreen } from "../../../src/command/full-screen.ts";
import { fullScreen } from "../../../src/repl/full-screen.ts";

/* What is typed while a full screen opens in the shell, and pastes that it cuts in two. */

/** Plays keys to a screen that shows itself after the first of them. @returns what it was told, and what it left */
async function play(before: string, after: string, isPasting: boolean) {
  const stdin = new PassThrough();
  const paste = { isGoingOn: isPasting, isWatched: false };
  const told: string[] = [];
  const work = async (screen: FullScreen): Promise<void> => {
    screen.listen({
      key: (text, { name }) => told.push(text ?? name ?? ""),
      pasted: (text) => told.push(`paste of ${text}`),
      repaint: () => undefined,
    });
    for (const keys of [before, after]) {
      stdin.write(keys);
      await new Promise((resolve) => setImmediate(resolve));
      screen.write("shown");
    }
  };
  await fullScreen({ stdin, stdout: new PassThrough() }, work, paste);
  return { told, left: stdin.read()?.toString() ?? "", isGoingOn: paste.isGoingOn };
}

test.for([
  { before: "sy", after: "w", told: ["w"], left: "sy", because: "who does not see anything means the shell" },
  { before: "\x03", after: "", told: ["\x03"], left: "", because: "but Ctrl-C leaves" },
  { before: "", after: "\x1b[200~sy\x1b[201~w", told: ["paste of sy", "w"], left: "", because: "a paste is one text" },
  { before: "\x1b[200~sy", after: "w\x1b[201~q", told: ["paste of syw", "q"], left: "", because: "wherever it began" },
])("$before, then $after: told $told, leaves “$left” ($because)", async ({ before, after, told, left }) => {
  expect(await play(before, after, false)).toEqual({ told, left, isGoingOn: false });
});

test("the rest of a paste that began before presses no keys, and its end is told to who lent the screen", async () => {
  expect(await play("sy", "sy", true)).toEqual({ told: [], left: "", isGoingOn: true });
  expect(await play("sy", "sy\x1b[201~w", true)).toMatchObject({ told: ["paste of sysy", "w"], isGoingOn: false });
  expect(await play("", "sy\x03", true)).toMatchObject({ told: ["\x03"] });
});
