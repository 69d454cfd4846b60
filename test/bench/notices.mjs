// @ts-check
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import xterm from "@xterm/headless";
import { program } from "../../src/build/layout.mjs";
import { openPty } from "./pty.mjs";

/** @typedef {import("./house.mjs").House} House */

const batchMs = 50;

/**
 * Crashes go on record while somebody types: what becomes of the screen, of the keys and of the shell's memory.
 * @param {House} house with a crowd in it
 * @param {{ perSecond: number, seconds: number, count: number }} storm
 */
export async function notices(house, { perSecond, seconds, count }) {
  const terminal = new xterm.Terminal({ cols: 120, rows: 40, scrollback: 100_000, allowProposedApi: true });
  const shell = openPty(house, [program, "repl"], (data) => terminal.write(data));
  await shell.until((text) => text.includes(" › "));
  await sleep(1500); // What is read behind the prompt, and the table on the screen.
  shell.write("\x0c");
  await sleep(200);
  const before = memoryMb(shell.pid);
  const journal = join(house.home, `db/events/${new Date().toISOString().slice(0, 10)}.jsonl`);
  let told = 0;
  const begun = performance.now();
  const crash = () => {
    const due = Math.min(perSecond * seconds, Math.floor(((performance.now() - begun) * perSecond) / 1000));
    let lines = "";
    for (; told < due; told += 1) lines += crashLine(told % count);
    if (lines !== "") appendFileSync(journal, lines);
  };
  const storm = setInterval(crash, batchMs);
  const typed = "logs service-1 --lines 5";
  /** @type {import("./keys.mjs").Times} */
  const keys = { ms: [], processorMs: [] };
  while (performance.now() - begun < seconds * 1000) {
    for (const letter of typed) {
      const { ms, processorMs } = await shell.press(letter);
      keys.ms.push(ms);
      if (processorMs !== undefined) keys.processorMs.push(processorMs);
    }
    // Typed again and again: after the last time it stays.
    if (performance.now() - begun < seconds * 1000) await shell.press("\x15");
  }
  clearInterval(storm);
  await sleep(3000); // The last of them are told a second after the ones before.
  const after = memoryMb(shell.pid);
  await shell.end();
  await new Promise((resolve) => terminal.write("", () => resolve(undefined)));
  const lines = linesOf(terminal);
  const wrong = lines.filter((line, index) => (index === lines.length - 1 ? !isPrompt(line, typed) : !isNotice(line)));
  terminal.dispose();
  return { told, lines: lines.length, wrong, keys, memoryMb: { before, after } };
}

/** @param {number} id */
function crashLine(id) {
  const exit = { code: 3, signal: null, core: false, at: 1, uptime: 1, by: "crash" };
  return `${JSON.stringify({ time: "2026-01-01T00:00:00Z", event: "exit", id, name: `service-${id}`, exit })}\n`;
}

/** @param {string} line @param {string} typed */
function isPrompt(line, typed) {
  return /^tsm \d+● (\d+✗ )?› /.test(line) && line.includes(`› ${typed}`);
}

/** @param {string} line */
function isNotice(line) {
  return /^✗ service-\d+ \(#\d+\) crashed( \d+ times, last)?: exit code 3; .+$|^ {2}and \d+ more: \/notices$/.test(
    line,
  );
}

/** @param {xterm.Terminal} terminal */
function linesOf(terminal) {
  const { active } = terminal.buffer;
  /** @type {string[]} */
  const lines = [];
  for (let y = 0; y < active.length; y += 1) {
    const line = active.getLine(y);
    const text = line?.translateToString(true) ?? "";
    if (line?.isWrapped) lines.push(lines.pop() + text);
    else lines.push(text);
  }
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

/** What the program has in memory, in MB; undefined where the kernel does not tell. @param {number} pid */
function memoryMb(pid) {
  try {
    const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Math.round(Number(kb) / 1024);
  } catch {
    return undefined;
  }
}
