import { processPaths } from "./home.ts";
import type { World } from "./world.ts";

/** Which managed process of this home started this one; "": a person, or nobody knows. */
export function starterOf({ platform: { files }, home }: World, name: string): string {
  return files.readText(`${processPaths(home, name).launch}/started-by`) ?? "";
}

/** What the launch files of a start say of that. A restart changes nothing about it, unless a process asks for it. */
export function starterFor(world: World, name: string, restarts: number): string {
  const { TSM_NAME: own = "", TSM_ID: id, TSM_HOME: root } = world.env;
  if (own !== "" && own !== name && id !== undefined && root === world.home.root) return own;
  return restarts > 0 ? starterOf(world, name) : "";
}
