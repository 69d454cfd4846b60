// @ts-check
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { program } from "../../src/build/layout.mjs";

/**
 * A home of its own, the folder beside it, and the environment to run in.
 * @typedef {object} House
 * @property {string} home
 * @property {string} folder
 * @property {Record<string, string>} env
 */

/** @type {string[]} */
const made = [];

/** @returns {House} */
export function openHouse() {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "tsm-bench-")));
  made.push(base);
  const folder = join(base, "work");
  mkdirSync(folder);
  const home = join(base, "home");
  /** @type {Record<string, string>} */
  const env = { TSM_HOME: home, TERM: "xterm-256color" };
  // No more than programs need. An extra CA bundle alone would add 40 ms to every start of Node, and hide ours.
  for (const name of ["PATH", "HOME", "USER", "LANG", "TMPDIR"]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { home, folder, env };
}

/** Runs `tsm` with commands on its stdin, as a script. @param {House} house @param {string[]} commands */
export function script(house, commands) {
  const run = spawnSync(process.execPath, [program, "repl"], {
    cwd: house.folder,
    env: house.env,
    input: `${commands.join("\n")}\n`,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status !== 0)
    throw new Error(`the script gave ${run.status ?? run.signal}: ${run.stdout.slice(-500)}${run.stderr}`);
}

/** A TCP port that nothing listens on now. @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject(address)));
    });
  });
}

/** What runs in a house. @param {House} house */
export function membersOf(house) {
  return belongingTo(dirname(house.folder));
}

/** Ends whatever runs in the homes that were made, and removes them. */
export async function removeHouses() {
  for (const base of made.splice(0)) {
    for (let found = belongingTo(base); found.length > 0; found = belongingTo(base)) {
      for (const pid of found) kill(pid);
      await sleep(50);
    }
    rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** Live processes whose environment or command line names the folder. @param {string} base */
function belongingTo(base) {
  return process.platform === "linux" ? fromProc(base) : fromPs(base);
}

/** @param {string} base */
function fromProc(base) {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid)
    .filter((pid) => `${read(pid, "cmdline")}\0${read(pid, "environ")}`.includes(`${base}/`));
}

/** @param {string} base */
function fromPs(base) {
  const lines = spawnSync("ps", ["-Aww", "-E", "-o", "pid=,command="], { encoding: "utf8" }).stdout.split("\n");
  return lines
    .filter((line) => line.includes(`${base}/`))
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => pid !== process.pid);
}

/** Empty for a zombie, and for what is gone or another user's. @param {number} pid @param {string} file */
function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone since the look.
  }
}
