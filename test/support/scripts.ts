import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Home } from "./home.ts";
import { until } from "./until.ts";

/** Writes a file into the home's work folder, without the run bit unless asked. Returns its path. */
export function script(home: Home, name: string, text: string, mode = 0o644): string {
  const path = join(home.folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** A shell script that stays. */
export const tick = "echo tick\nexec sleep 600\n";

/** A node program that writes what it was given to `seen.json` in its folder, and stays. */
export const showing = `
const fs = require("node:fs");
const { argv, execPath, env, pid } = process;
fs.writeFileSync("seen.tmp", JSON.stringify({ argv: argv.slice(2), execPath, env, pid, cwd: process.cwd(), stdin: fs.readFileSync(0, "utf8") }));
fs.renameSync("seen.tmp", "seen.json");
setInterval(() => {}, 60000);
`;

export interface Seen {
  readonly argv: string[];
  readonly execPath: string;
  readonly env: Record<string, string>;
  readonly pid: number;
  readonly cwd: string;
  readonly stdin: string;
}

/** What a `showing` program was given. @param after the pid of an earlier one, whose answer does not count. */
export async function seenIn(folder: string, after?: number): Promise<Seen> {
  return await until("the program has written what it was given", () => {
    const seen: Seen = JSON.parse(readFileSync(join(folder, "seen.json"), "utf8"));
    return seen.pid === after ? undefined : seen;
  });
}

/** A node server on the port that PORT says, else 1 (which fails). Says `up` when it listens. */
export const server = `
const server = require("node:http").createServer((request, response) => response.end("pid " + process.pid));
server.listen(Number(process.env.PORT ?? 1), () => console.log("up " + process.env.PORT));
`;
