import { withoutPort } from "./names.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** Writes `runtime/ports`: one `name:port` line for each record that declares a port. Called under the ids lock. */
export function writePortRegistry(world: World, records: readonly ProcessRecord[]): void {
  const lines = records
    .filter((record) => record.port !== "none")
    .sort((a, b) => a.tsm_id - b.tsm_id)
    .map((record) => `${withoutPort(record.name, record.port)}:${record.port}\n`);
  const { files } = world.platform;
  // Of many that are started at once few have a port.
  if (files.readText(world.home.ports) !== lines.join("")) files.writeWhole(world.home.ports, lines.join(""));
}
