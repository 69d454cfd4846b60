import type { AppPart } from "./app-part.ts";
import { processPaths } from "./home.ts";
import type { LaunchSpec } from "./launch.ts";
import { overlayOf } from "./launch-files.ts";
import { readWords } from "./launch-words.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/**
 * What is no longer as it was when the process was started: attributes by name, variables as `env.NAME`, never their
 * values. Empty when nothing is.
 */
export function specChanges(
  world: World,
  record: ProcessRecord,
  before: AppPart | undefined,
  spec: LaunchSpec,
): string[] {
  if (before === undefined || spec.app === undefined) return ["it was started by hand"];
  const { launch } = processPaths(world.home, record.name);
  const attributes = differing(new Map(Object.entries(before.said)), new Map(Object.entries(spec.app.said)));
  const argv = readWords(world, launch, "argv");
  const isOther = JSON.stringify(argv) !== JSON.stringify(spec.argv) && attributes.length === 0;
  const pairs = (readWords(world, launch, "overlay") ?? []).map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  const variables = differing(new Map(pairs), new Map(Object.entries(overlayOf(world, spec, record))));
  return [
    ...attributes,
    ...(isOther ? ["what the script is run with"] : []),
    ...(record.cwd !== spec.cwd && !attributes.includes("cwd") ? ["cwd"] : []),
    ...(record.env_file !== spec.envFile && !attributes.includes("env_file") ? ["env_file"] : []),
    ...variables.map((name) => `env.${name}`),
  ];
}

/** The names whose values are not the same in both. */
function differing(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).sort();
}
