import { excess, sizeIn } from "./amounts.ts";
import { processPaths } from "./home.ts";
import { knownPolicy } from "./policy.ts";
import { quoteLine } from "./quote.ts";
import { goodRecord } from "./records.ts";
import { maskedArguments } from "./secrets.ts";
import { readSightings } from "./sightings.ts";
import type { World } from "./world.ts";

/** `PID 4242 (node server.js)`; undefined where nobody holds the port any more, or who does is not ours to see. */
export function portHolder({ platform }: World, port: number): string | undefined {
  const pid = platform.ports.listenersOn(port).find((each) => each.pid !== undefined)?.pid;
  if (pid === undefined) return undefined;
  const command = quoteLine(maskedArguments(platform.processes.commandLine(pid) ?? [])).slice(0, 60);
  return command === "" ? `PID ${pid}` : `PID ${pid} (${command})`;
}

/** What a process was restarted for: `used 91 MB of memory, 80M (84 MB) are allowed`. */
export function memoryExcess(world: World, name: string): string | undefined {
  const record = goodRecord(world, name);
  if (record === undefined) return undefined;
  const { files } = world.platform;
  const { maxMemory } = knownPolicy(files, processPaths(world.home, name).launch, record.restart_policy).oversight;
  if (maxMemory === null) return undefined;
  const seen = readSightings(world, name).memory?.bytes ?? 0;
  // Where the kernel holds the limit, the last look may have been long before.
  return seen > maxMemory ? excess(seen, maxMemory) : `used more memory than the ${sizeIn(maxMemory)} that are allowed`;
}
