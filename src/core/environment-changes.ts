import type { LaunchSpec } from "./launch.ts";
import { overlayOf } from "./launch-files.ts";
import type { ProcessRecord } from "./process.ts";
import { liveEnvironment, savedEnvironment } from "./process-environment.ts";
import { maskedValue } from "./secrets.ts";
import { serviceFileOf } from "./service-of.ts";
import { specOf } from "./spec-of.ts";
import type { World } from "./world.ts";

/** What a restart would change in the environment of a process; secrets masked unless they were asked for. */
export interface EnvironmentChanges {
  readonly name: string;
  /** "live": compared with what the kernel says; "saved": with its last start, as it does not run. */
  readonly source: "live" | "saved";
  /** By name. */
  readonly changes: readonly EnvironmentChange[];
  /** Variables that its pre-hook has made what they are: nobody knows what they will be. */
  readonly fromPreHook: readonly string[];
}

export interface EnvironmentChange {
  readonly variable: string;
  /** null: it has none now. */
  readonly from: string | null;
  /** null: it would have none. */
  readonly to: string | null;
}

/** @throws TsmError when a restart would fail: its env file is gone or wrong. */
export async function environmentChanges(
  world: World,
  record: ProcessRecord,
  show: boolean,
): Promise<EnvironmentChanges> {
  const spec = (await asService(world, record)) ?? specOf(world, record, 0, record.restarts);
  const next = new Map(Object.entries({ ...spec.env, ...overlayOf(world, spec, record) }));
  const saved = savedEnvironment(world, record);
  const live = liveEnvironment(world, record);
  const now = live ?? saved;
  const names = [...new Set([...now.keys(), ...next.keys()])].sort();
  const isOfHook = (name: string) => record.prehook !== "" && now.get(name) !== saved.get(name);
  const shown = (name: string, value: string | undefined) =>
    value === undefined ? null : show ? value : maskedValue(name, value);
  return {
    name: record.name,
    source: live === undefined ? "saved" : "live",
    changes: names
      .filter((name) => now.get(name) !== next.get(name) && !isOfHook(name))
      .map((name) => ({ variable: name, from: shown(name, now.get(name)), to: shown(name, next.get(name)) })),
    fromPreHook: names.filter(isOfHook),
  };
}

/** Nothing is run for that: a file that only bash can read says nothing here, and the env file on record counts. */
async function asService(world: World, record: ProcessRecord): Promise<LaunchSpec | undefined> {
  const file = serviceFileOf(world, record.name);
  if (file === "" || world.platform.files.kind(file) !== "file") return undefined;
  const [{ serviceAgain }, { readService }, { placeOfFile }] = await Promise.all([
    import("./service-again.ts"),
    import("./service-read.ts"),
    import("./service-store.ts"),
  ]);
  if (readService(world, placeOfFile(world, file, file)).problems.length > 0) return undefined;
  const again = { settleMs: 0, restarts: record.restarts, updateEnv: false, noExec: true };
  return (await serviceAgain(world, record, again, new AbortController().signal))?.spec;
}
