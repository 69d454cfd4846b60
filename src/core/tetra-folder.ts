import { dirname, isAbsolute, resolve } from "node:path";
import type { World } from "./world.ts";

/** TETRA_DIR, else the folder that the home lies in. */
export function tetraFolder({ env, home }: Pick<World, "env" | "home">): string {
  const asked = env["TETRA_DIR"];
  return asked !== undefined && isAbsolute(asked) ? resolve(asked) : dirname(home.root);
}
