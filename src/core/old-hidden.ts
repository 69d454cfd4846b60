import { join } from "node:path";
import { isErrno } from "./errors.ts";
import { hasOwnOrgs, tetraFolder } from "./tetra-folder.ts";
import type { World } from "./world.ts";

/**
 * Files of the older layouts whose name begins with a dot: set aside by somebody, or left half-written. They are told,
 * and stay where they are.
 */
export function hiddenOldFiles(world: World): string[] {
  const { root, processes } = world.home;
  const orgs = join(tetraFolder(world), "orgs");
  const ofOrgs = hasOwnOrgs(world)
    ? listed(world, orgs).map((org) => [join(orgs, org, "tsm/services-enabled"), /\.tsm$/] as const)
    : [];
  const places: readonly (readonly [folder: string, named: RegExp])[] = [
    [join(root, "processes"), /\.(?:meta|json|env)$/],
    [processes, /\.(?:meta|json|env)$/],
    [join(root, "services-available"), /\.tsm$/],
    ...ofOrgs,
  ];
  return places.flatMap(([folder, named]) =>
    listed(world, folder)
      .filter((name) => name.startsWith(".") && named.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
}

function listed({ platform: { files } }: World, folder: string): string[] {
  try {
    // A link is not followed, as nowhere in a migration.
    return files.linkTarget(folder) === undefined && files.kind(folder) === "directory" ? files.list(folder) : [];
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG", "EIO")) return []; // not ours to look into
    throw error;
  }
}
