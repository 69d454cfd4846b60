import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Home, HomeProcess } from "./home.ts";
import { folderOf } from "./record.ts";

/** The resident patrols of a home: one, or none. */
export function residents(home: Home): HomeProcess[] {
  return home.processes().filter(({ command }) => command.includes("tsm.js patrol --watch"));
}

/** What the resident patrol has seen of a process. @throws while it has seen nothing. */
export function seenOf(home: Home, name: string): Seen {
  return JSON.parse(readFileSync(join(folderOf(home, name), "probe.json"), "utf8"));
}

interface Seen {
  readonly health: { readonly at: number; readonly why: string | null; readonly failures: number } | null;
  readonly memory: { readonly bytes: number } | null;
  readonly nextCron: number | null;
  readonly restarted: { readonly by: string; readonly why: string; readonly problem: string | null } | null;
}
