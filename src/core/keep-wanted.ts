import { processPaths } from "./home.ts";
import { takesResident } from "./oversight.ts";
import { knownPolicy } from "./policy.ts";
import type { ProcessRecord } from "./process.ts";
import { wantResident } from "./resident.ts";
import type { World } from "./world.ts";

/** Whoever should have asked for the resident patrol may have been killed, and its note lost with the last resident one. */
export function keepWanted(world: World, records: readonly ProcessRecord[]): void {
  const { files } = world.platform;
  if (files.kind(world.home.patrolWanted) !== "missing") return;
  const isTaken = records.some(({ name, status, restart_policy }) => {
    const { launch, rests } = processPaths(world.home, name);
    if ((status === "stopped" || status === "crashed") && files.kind(rests) !== "missing") return false;
    return takesResident(knownPolicy(files, launch, restart_policy), status);
  });
  if (isTaken) wantResident(world);
}
