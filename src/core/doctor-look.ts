import type { BootPlan } from "./boot-plan.ts";
import { lookForOwners, type Owners } from "./port-owners.ts";
import { type Records, readRecords } from "./records.ts";
import type { World } from "./world.ts";

/** What several checks ask for, looked up once. */
export interface LookedAt {
  readonly records: Records;
  readonly owners: () => Owners;
  /** What starts this home at boot, as `startup --check` finds it. */
  readonly boot: () => Promise<readonly BootPlan[]>;
}

/** Those that are in their place: their text is made where the engine does not look. */
export type BootInPlace = () => Promise<readonly BootPlan[]>;

export function lookAt(world: World, bootInPlace: BootInPlace): LookedAt {
  let boot: Promise<readonly BootPlan[]> | undefined;
  let records: Records | undefined;
  let owners: Owners | undefined;
  return {
    // When a check asks: a home that cannot be read fails that one, and no other.
    get records() {
      records ??= readRecords(world);
      return records;
    },
    boot() {
      boot ??= bootInPlace();
      return boot;
    },
    owners() {
      owners ??= lookForOwners(world);
      return owners;
    },
  };
}
