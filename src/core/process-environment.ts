import { processPaths } from "./home.ts";
import { readWords } from "./launch-words.ts";
import { livingIdentity, observe } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { maskedValue } from "./secrets.ts";
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
  const { processes } = world.platform;
  const observed = observe(record, processes);
  const identity = livingIdentity(observed);
  const live = identity === undefined ? undefined : processes.environment(identity.pid);
  if (live !== undefined) return { name: record.name, source: "live", variables: shown([...live], show) };
  const { launch: folder } = processPaths(world.home, record.name);
  const pairs = [...(readWords(world, folder, "env") ?? []), ...(readWords(world, folder, "overlay") ?? [])];
  const variables = pairs.map((pair): [string, string] => [
    pair.slice(0, pair.indexOf("=")),
    pair.slice(pair.indexOf("=") + 1),
  ]);
  return { name: record.name, source: "saved", variables: shown(variables, show) };
}

function shown(variables: readonly (readonly [string, string])[], show: boolean): Record<string, string> {
  const last = new Map(variables);
  return Object.fromEntries(
    [...last]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, show ? value : maskedValue(name, value)]),
  );
}
