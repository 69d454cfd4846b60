import { lookForOwners, type Owners } from "./port-owners.ts";
import { type Records, readRecords } from "./records.ts";
import type { World } from "./world.ts";

/** What several checks ask for, looked up once. */
export interface LookedAt {
  readonly records: Records;
  readonly owners: () => Owners;
}

export function lookAt(world: World): LookedAt {
  let records: Records | undefined;
  let owners: Owners | undefined;
  return {
    // When a check asks: a home that cannot be read fails that one, and no other.
    get records() {
      records ??= readRecords(world);
      return records;
    },
    owners() {
      owners ??= lookForOwners(world);
      return owners;
    },
  };
}
