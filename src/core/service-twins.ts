import { TsmError } from "./errors.ts";
import { plainRequest } from "./plain-request.ts";
import type { ReadService } from "./service-read.ts";
import { serviceSpec } from "./service-start.ts";
import type { World } from "./world.ts";

/** Services that would be one process by its name: no two of them run at a time. */
export interface Twins {
  /** Of the process. */
  readonly name: string;
  readonly refs: readonly string[];
}

/** Of those that startup starts. */
export function twinsAmong(world: World, enabled: readonly ReadService[]): Twins[] {
  const byName = new Map<string, readonly string[]>();
  for (const service of enabled) {
    const name = nameOf(world, service);
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), service.place.ref]);
  }
  return [...byName].flatMap(([name, refs]) => (refs.length < 2 ? [] : [{ name, refs }]));
}

export function twinsText({ name, refs }: Twins): string {
  return `${refs.join(" and ")} would be one process, '${name}': no two of them run at a time`;
}

/** undefined: it is not started, or for another reason, which is told by itself. */
function nameOf(world: World, { place, definition, problems }: ReadService): string | undefined {
  if (problems.length > 0 || !definition.autostart) return undefined;
  try {
    return serviceSpec(world, { place, definition, ran: undefined }, plainRequest(0)).name;
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    return undefined;
  }
}
