import { isLive, observe } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { goodRecord, readRecords } from "./records.ts";
import { serviceFileOf } from "./service-of.ts";
import type { ServicePlace } from "./service-store.ts";
import { explain, type Why } from "./why.ts";
import { gather } from "./why-gather.ts";
import { explainService, type WhyService } from "./why-service.ts";
import type { World } from "./world.ts";

/** Asks the system, and explains. A service is explained by the process that was started from it, where there is one. */
export async function whyOf(
  world: World,
  target: ProcessRecord | ServicePlace,
  signal: AbortSignal,
): Promise<Why | WhyService> {
  const record = "ref" in target ? processOf(world, target) : (goodRecord(world, target.name) ?? target);
  if (record !== undefined) return explain(await gather(world, record, signal));
  if ("ref" in target) return explainService(world, target);
  throw new Error("a process has a record");
}

function processOf(world: World, { file }: ServicePlace): ProcessRecord | undefined {
  const found = readRecords(world).records.filter(({ name }) => serviceFileOf(world, name) === file);
  return found.find((record) => isLive(observe(record, world.platform.processes))) ?? found[0];
}
