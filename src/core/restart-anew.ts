import type { ProcessRecord } from "./process.ts";
import { type RestartOptions, restartProcess } from "./restart.ts";
import { serviceFileOf } from "./service-of.ts";
import type { StartedService } from "./service-start.ts";
import type { World } from "./world.ts";

export interface Restarted {
  readonly record: ProcessRecord;
  /** The service that it is; null: none. */
  readonly service: StartedService | null;
}

/** As a person means it: a service is what its file says now. What watches over a process restarts it as it was. */
export async function restartAnew(
  world: World,
  name: string,
  options: Omit<RestartOptions, "by" | "specFor">,
  signal: AbortSignal,
): Promise<Restarted> {
  let service: StartedService | null = null;
  const specFor: RestartOptions["specFor"] = async (record, restarts) => {
    if (serviceFileOf(world, name) === "") return undefined;
    const { serviceAgain } = await import("./service-again.ts");
    const { settleMs, updateEnv = false } = options;
    const again = await serviceAgain(world, record, { settleMs, restarts, updateEnv, noExec: false }, signal);
    service = again?.service ?? null;
    return again?.spec;
  };
  const record = await restartProcess(world, name, { ...options, by: "user", specFor }, signal);
  return { record, service };
}
