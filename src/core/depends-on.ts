import { processPaths } from "./home.ts";
import { among, type Needs } from "./needs.ts";
import { readRecords } from "./records.ts";
import type { World } from "./world.ts";

/** The processes that this one needs, by name, as they were when it was started. */
export function dependsOn({ platform, home }: Pick<World, "platform" | "home">, name: string): readonly string[] {
  return dependsIn(platform.files.readText(`${processPaths(home, name).launch}/depends-on`));
}

/** The same as its launch file holds it: a name a line. */
export function dependsIn(text: string | undefined): readonly string[] {
  return (text ?? "").split("\n").filter((line) => line !== "");
}

/** Of these processes, which need which others of them. */
export function needsOf(world: World, names: readonly string[]): Needs {
  // One alone needs none of them, and what it needs is not read.
  const all = names.length < 2 ? names : readRecords(world).records.map(({ name }) => name);
  return among(new Map([...all, ...names].map((name) => [name, dependsOn(world, name)])), names);
}
