import { processPaths } from "./home.ts";
import { readWords } from "./launch-words.ts";
import { livingIdentity, observe } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { maskedValue } from "./secrets.ts";
import { runnerMark } from "./tree.ts";
import type { World } from "./world.ts";

/** Names and values, sorted by name; secrets masked unless they were asked for. */
export interface ProcessEnvironment {
  readonly name: string | null;
  /** "live": read from the kernel, as the process began. "saved": what a start would give it. "tsm": this program's own. */
  readonly source: "live" | "saved" | "tsm";
  readonly variables: Readonly<Record<string, string>>;
}

/** @param record undefined for this program's own environment. */
export function environmentOf(world: World, record: ProcessRecord | undefined, show: boolean): ProcessEnvironment {
  if (record === undefined) return { name: null, source: "tsm", variables: shown(Object.entries(world.env), show) };
  const live = liveEnvironment(world, record);
  return live === undefined
    ? { name: record.name, source: "saved", variables: shown([...savedEnvironment(world, record)], show) }
    : { name: record.name, source: "live", variables: shown([...live], show) };
}

/** What a process began with, from the kernel; undefined when none runs, or none has been executed yet: until then it is its runner's child. */
export function liveEnvironment(world: World, record: ProcessRecord): ReadonlyMap<string, string> | undefined {
  const { processes } = world.platform;
  const identity = livingIdentity(observe(record, processes));
  const environment = identity === undefined ? undefined : processes.environment(identity.pid);
  return environment?.has(runnerMark) === true ? undefined : environment;
}

/** What its last start was handed, before any pre-hook. */
export function savedEnvironment(world: World, record: ProcessRecord): Map<string, string> {
  const { launch: folder } = processPaths(world.home, record.name);
  const pairs = [...(readWords(world, folder, "env") ?? []), ...(readWords(world, folder, "overlay") ?? [])];
  return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

function shown(variables: readonly (readonly [string, string])[], show: boolean): Record<string, string> {
  const last = new Map(variables);
  return Object.fromEntries(
    [...last]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, show ? value : maskedValue(name, value)]),
  );
}
