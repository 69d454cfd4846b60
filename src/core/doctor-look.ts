import { lookForOwners, type Owners } from "./port-owners.ts";
import { type Records, readRecords } from "./records.ts";
import type { World } from "./world.ts";

/** What several checks ask for, looked up once. */
export interface LookedAt {
  readonly records: Records;
  readonly owners: () => Owners;
}

export function lookAt(world: World): LookedAt {
  let owners: Owners | undefined;
  return {
    records: readRecords(world),
    owners() {
      owners ??= lookForOwners(world);
      return owners;
    },
  };
}
