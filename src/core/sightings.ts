import { isDiskUnwritable, isErrno } from "./errors.ts";
import { processPaths } from "./home.ts";
import { parsedJson } from "./parsed-json.ts";
import type { ExitCause } from "./process.ts";
import { exitCauses } from "./process.ts";
import { goodRecord } from "./records.ts";
import type { World } from "./world.ts";

/** What the resident patrol has seen of a process. It alone writes them, whole, into the process's folder. */
export interface Sightings {
  readonly health: HealthSighting | null;
  /** The whole tree. */
  readonly memory: { readonly at: number; readonly bytes: number } | null;
  /** When cron restarts it next, epoch seconds. */
  readonly nextCron: number | null;
  /** The last restart that it asked for. */
  readonly restarted: {
    readonly at: number;
    readonly by: ExitCause;
    readonly why: string;
    /** Why it failed; null when it did not. */
    readonly problem: string | null;
  } | null;
}

export interface HealthSighting {
  /** Epoch seconds. */
  readonly at: number;
  /** null: well. */
  readonly why: string | null;
  /** In a row. */
  readonly failures: number;
}

/** What makes no sense is as if it had not been seen. */
export function readSightings(world: World, name: string): Sightings {
  const seen = fieldsOf(parsedJson(textOf(world, name)));
  const health = fieldsOf(seen.get("health"));
  const memory = fieldsOf(seen.get("memory"));
  const restarted = fieldsOf(seen.get("restarted"));
  const by = exitCauses.find((cause) => cause === restarted.get("by"));
  const nextCron = seen.get("nextCron");
  const number = (value: unknown) => (typeof value === "number" ? value : 0);
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  return {
    health:
      health.size === 0
        ? null
        : { at: number(health.get("at")), why: text(health.get("why")), failures: number(health.get("failures")) },
    memory: memory.size === 0 ? null : { at: number(memory.get("at")), bytes: number(memory.get("bytes")) },
    nextCron: typeof nextCron === "number" ? nextCron : null,
    restarted:
      by === undefined
        ? null
        : {
            at: number(restarted.get("at")),
            by,
            why: text(restarted.get("why")) ?? "",
            problem: text(restarted.get("problem")),
          },
  };
}

/** Nothing rests on it: a full disk, or a process that was deleted meanwhile, is no problem. */
export function writeSightings(world: World, name: string, sightings: Sightings): void {
  if (goodRecord(world, name) === undefined) return;
  try {
    const path = processPaths(world.home, name).sightings;
    world.platform.files.writeWhole(path, `${JSON.stringify(sightings, null, 2)}\n`);
  } catch (error) {
    if (!isDiskUnwritable(error) && !isErrno(error, "ENOENT", "EISDIR", "EACCES", "EPERM")) throw error;
  }
}

function textOf(world: World, name: string): string {
  try {
    return world.platform.files.readText(processPaths(world.home, name).sightings) ?? "";
  } catch (error) {
    if (isErrno(error, "EISDIR", "EACCES", "EPERM", "ENOTDIR")) return "";
    throw error;
  }
}

function fieldsOf(value: unknown): Map<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}
