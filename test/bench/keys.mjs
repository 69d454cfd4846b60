// @ts-check
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { program } from "../../src/build/layout.mjs";
import { openPty } from "./pty.mjs";

/** @typedef {import("./house.mjs").House} House */

/** What a key of each kind is called in the report. */
export const kinds = /** @type {const} */ ({
  letter: "a letter",
  backspace: "backspace",
  upArrow: "the up arrow",
  search: "Ctrl-R",
  searched: "a letter of Ctrl-R's search",
  tab: "Tab, a menu of processes",
  menu: "a letter or an arrow in that menu",
});

/**
 * @typedef {keyof typeof kinds} Kind
 * @typedef {object} Times
 * @property {number[]} ms from the key to the first byte of the paint
 * @property {number[]} processorMs what of it the shell was at work, which no other program adds to
 */

/** What no shell can be faster than: reads a key and writes about as much as a paint does. */
const echo = `process.stdin.setRawMode(true);
process.stdout.write("ready");
process.stdin.on("data", (key) => process.stdout.write("\\x1b[0m".repeat(20) + key.length));
`;

/**
 * From each key until the shell has painted, in turn with the same key in a program that only answers it.
 * @param {House} house
 * @param {number} rounds of about 70 keys
 */
export async function timesToPaint(house, rounds) {
  writeFileSync(join(house.folder, "echo.mjs"), echo);
  const floor = openPty(house, [join(house.folder, "echo.mjs")]);
  const shell = openPty(house, [program, "repl"]);
  await floor.until((text) => text.includes("ready"));
  await shell.until((text) => text.includes(" › "));
  await sleep(1500); // What is read behind the prompt.
  const none = () => /** @type {Times} */ ({ ms: [], processorMs: [] });
  const times = Object.fromEntries([...Object.keys(kinds), "floor"].map((kind) => [kind, none()]));
  const take = async (
    /** @type {string} */ kind,
    /** @type {import("./pty.mjs").Pty} */ pty,
    /** @type {string} */ bytes,
  ) => {
    const { ms, processorMs } = await pty.press(bytes);
    times[kind]?.ms.push(ms);
    if (processorMs !== undefined) times[kind]?.processorMs.push(processorMs);
  };
  const key = async (/** @type {Kind} */ kind, /** @type {string} */ bytes) => {
    await take("floor", floor, "x");
    await take(kind, shell, bytes);
  };
  const keys = async (/** @type {Kind} */ kind, /** @type {string} */ letters) => {
    for (const letter of letters) await key(kind, letter);
  };
  const empty = async () => {
    await shell.press("x");
    await shell.press("\x15");
  };
  for (let round = 0; round < rounds; round += 1) {
    const name = `service-${(round * 37) % 1000}`;
    await keys("letter", `restart ${name}`);
    for (let back = 0; back < 10; back += 1) await key("backspace", "\x7f");
    await empty();
    await keys("letter", `logs ${name} --li`);
    await empty();
    await keys("letter", "l");
    for (let up = 0; up < 10; up += 1) await key("upArrow", "\x1b[A");
    await empty();
    await key("search", "\x12");
    await keys("searched", `ice-${round * 37}`);
    await shell.press("\x07");
    await keys("letter", "stop ");
    await key("tab", "\t");
    await keys("menu", "serv");
    for (let down = 0; down < 5; down += 1) await key("menu", "\x1b[B");
    await shell.press("\x07");
    await empty();
  }
  await shell.end();
  await floor.end();
  return times;
}
