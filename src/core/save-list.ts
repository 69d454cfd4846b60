import type { SavedProcess } from "./dump.ts";
import { type SetAside, writeDump } from "./dump-store.ts";
import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { isLive, observe } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { lockDump } from "./process-lock.ts";
import { readRecords } from "./records.ts";
import { endedWithAll } from "./stop.ts";
import type { World } from "./world.ts";

/** What `save` without arguments did. */
export interface SavedList {
  readonly file: string;
  readonly savedAt: string;
  readonly processes: readonly Pick<SavedProcess, "id" | "name" | "wanted">[];
  /** What is on record and cannot be saved. */
  readonly left: readonly { readonly name: string; readonly problem: string }[];
  readonly setAside: readonly SetAside[];
}

/** Writes down all that is on record. @throws TsmError when there is nothing, unless that is what is wanted. */
export async function saveList(world: World, force: boolean, signal: AbortSignal): Promise<SavedList> {
  const { records, damaged } = readRecords(world);
  const left = damaged.map(({ name, problem }) => ({ name, problem: `its record is damaged: ${problem}` }));
  const processes: SavedProcess[] = [];
  for (const record of records) {
    const saved = savedFrom(world, record);
    if (saved === undefined) left.push({ name: record.name, problem: "its launch files are missing" });
    else processes.push(saved);
  }
  if (processes.length === 0 && !force) {
    throw new TsmError("NOT_FOUND", "there is no process to save; what was saved before stays", {
      hint: "save --force and cleardump save an empty list",
    });
  }
  return { ...(await write(world, processes, signal)), left };
}

/** What was saved last becomes the first of the older ones. */
export async function clearList(world: World, signal: AbortSignal): Promise<SavedList> {
  return { ...(await write(world, [], signal)), left: [] };
}

async function write(world: World, processes: readonly SavedProcess[], signal: AbortSignal) {
  const savedAt = new Date(world.platform.clock.nowMs()).toISOString();
  const release = await lockDump(world, signal);
  try {
    const written = writeDump(world, { savedAt, processes });
    return { ...written, savedAt, processes: processes.map(({ id, name, wanted }) => ({ id, name, wanted })) };
  } finally {
    release();
  }
}

/** What every start makes anew out of the rest. */
const derived = /^(?:overlay|settings|hook|after-hook|stamp\.json|log-limit|named-logs|meta\..*)$/;

function savedFrom(world: World, record: ProcessRecord): SavedProcess | undefined {
  const { files } = world.platform;
  const { launch: folder, launchBefore } = processPaths(world.home, record.name);
  const at = files.kind(folder) === "directory" ? folder : launchBefore;
  const launch: Record<string, string | readonly string[]> = {};
  for (const name of files.listFiles(at).sort()) {
    if (derived.test(name)) continue;
    const text = files.readText(`${at}/${name}`);
    if (text !== undefined) launch[name] = text.endsWith("\0") ? text.split("\0").slice(0, -1) : text;
  }
  // A process that began with no variable at all.
  if (launch["env"] === "") launch["env"] = [];
  if (typeof launch["argv"] !== "object" || typeof launch["env"] !== "object") return undefined;
  return {
    id: record.tsm_id,
    name: record.name,
    wanted: wantedOf(world, record),
    command: record.command,
    port: record.port,
    cwd: record.cwd,
    interpreter: record.interpreter,
    type: record.process_type,
    envFile: record.env_file,
    preHook: record.prehook,
    restart: record.restart_policy,
    launch,
  };
}

/** Stopped is what somebody has stopped, or what came to its end. What the machine took down with it is neither. */
function wantedOf(world: World, record: ProcessRecord): "online" | "stopped" {
  const observed = observe(record, world.platform.processes);
  if (isLive(observed) || observed.kind === "crashed") return "online";
  if (wasPutToRest(world, record.name) || record.boot_id === "") return "stopped";
  const { last_exit: end, start_time: begun } = record;
  return end !== null && end.at >= begun && end.by !== "user" ? "stopped" : "online";
}

/** Has somebody stopped this very process since it was started? */
export function wasStoppedByName(world: World, name: string): boolean {
  const { rests } = processPaths(world.home, name);
  return wasPutToRest(world, name) && world.platform.files.readText(rests) !== endedWithAll;
}

/** Has somebody stopped it since it was started? */
function wasPutToRest({ platform: { files }, home }: World, name: string): boolean {
  return files.kind(processPaths(home, name).rests) === "file";
}
