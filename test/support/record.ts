import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { detectPlatform } from "../../src/platform/detect.ts";
import type { Home } from "./home.ts";

/** The folder of a process. */
export function folderOf(home: Home, name: string): string {
  return join(home.path, "runtime/processes", name);
}

/** What `meta.json` holds now. */
export function readMeta(home: Home, name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folderOf(home, name), "meta.json"), "utf8"));
}

/** Changes fields of `meta.json` behind the back of TSM. */
export function editMeta(home: Home, name: string, fields: Record<string, unknown>): void {
  const changed = { ...readMeta(home, name), ...fields };
  writeFileSync(join(folderOf(home, name), "meta.json"), JSON.stringify(changed, null, 2));
}

export function pidOf(home: Home, name: string): number {
  return Number(readMeta(home, name)["pid"]);
}

/** Does a process with this pid live? A zombie does not. */
export function isAlive(pid: number): boolean {
  return detectPlatform().processes.identify(pid) !== undefined;
}

/** A process's log as it is now. */
export function logOf(home: Home, name: string, stream: "out" | "err" = "out"): string {
  return readFileSync(join(folderOf(home, name), `current.${stream}`), "utf8");
}

/** The journal, line by line. @throws when a line is no JSON. */
export function journalOf(home: Home): Record<string, unknown>[] {
  const day = new Date().toISOString().slice(0, 10);
  return readFileSync(join(home.path, "db/events", `${day}.jsonl`), "utf8")
    .trimEnd()
    .split("\n")
    .map((line): Record<string, unknown> => JSON.parse(line));
}
