import { identityOf } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { familyOf, tableOf } from "./tree.ts";
import type { World } from "./world.ts";

/**
 * Is it this process, or one of its family, that listens? A stranger on the port is no good sign.
 * @param family ask all of its tree, which takes the whole process table.
 */
export function listens(world: World, record: ProcessRecord, port: number, family: boolean): boolean {
  const { ports, processes } = world.platform;
  const identity = identityOf(record);
  if (identity === undefined) return false;
  if (!family) return ports.isListenedBy([identity.pid], port);
  const members = familyOf(identity, tableOf(processes.table()));
  return ports.isListenedBy(
    members.map((member) => member.pid),
    port,
  );
}
