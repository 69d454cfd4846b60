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
  // Whose it is takes ten times as long to find out as that there is one.
  if (identity === undefined || !ports.isListening(port)) return false;
  if (ports.portsOf([identity.pid]).includes(port)) return true;
  if (!family) return false;
  const members = familyOf(identity, tableOf(processes.table()));
  return ports.portsOf(members.map((member) => member.pid)).includes(port);
}
