import { dirname, isAbsolute, resolve } from "node:path";
import type { World } from "./world.ts";

/** TETRA_DIR, else the folder that the home lies in. */
export function tetraFolder({ env, home }: Pick<World, "env" | "home">): string {
  const asked = env["TETRA_DIR"];
  return asked !== undefined && isAbsolute(asked) ? resolve(asked) : dirname(home.root);
}

/**
 * Are the orgs those of this home? Whoever tries something in a home of its own has TETRA_DIR set as ever: what is enabled
 * there is none of that home's business.
 */
export function hasOwnOrgs({ env, home, platform: { files } }: Pick<World, "env" | "home" | "platform">): boolean {
  const asked = env["TETRA_DIR"];
  if (asked === undefined || !isAbsolute(asked)) return true;
  return `${resolve(asked)}/tsm` === home.root || files.realPath(`${resolve(asked)}/tsm`) === home.root;
}
