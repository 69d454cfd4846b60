import { recordOfSaved, type SavedProcess } from "./dump.ts";
import { newestDump, type SetAside } from "./dump-store.ts";
import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { type LaunchSpec, launch } from "./launch.ts";
import { withoutRecord } from "./lost-record.ts";
import { type MovedProgram, movedPath, movedProgram } from "./moved-program.ts";
import { isLive, observe } from "./observe.ts";
import { writePortRegistry } from "./port-registry.ts";
import type { ProcessRecord } from "./process.ts";
import { lockDump, lockIds, lockProcess } from "./process-lock.ts";
import { formatRecord } from "./record.ts";
import { damageAdvice, goodRecord, readRecord, readRecords } from "./records.ts";
import { idFor } from "./reserve.ts";
import { wasStoppedByName } from "./save-list.ts";
import { savedNeeds } from "./saved-needs.ts";
import { serviceFileOf } from "./service-of.ts";
import { specOf } from "./spec-of.ts";
import { takenIds } from "./taken-ids.ts";
import { waitFor } from "./wait-for.ts";
import type { World } from "./world.ts";

/** What became of one saved process. */
export interface Resurrected {
  readonly name: string;
  /**
   * `running`: it was; `resting`: somebody has stopped it since; `restored`: on record again, stopped as it was saved;
   * `kept`: it is on record, stopped as it was saved.
   */
  readonly outcome: "started" | "running" | "resting" | "restored" | "kept" | "failed";
  readonly record: ProcessRecord | undefined;
  /** Its program was elsewhere when it was saved. */
  readonly moved: MovedProgram | undefined;
  readonly error: TsmError | undefined;
}

export interface Resurrection {
  readonly file: string;
  readonly savedAt: string;
  readonly setAside: readonly SetAside[];
  readonly processes: readonly Resurrected[];
}

/**
 * Brings back what was saved: side by side, and each behind what it depends on. What runs is left as it is.
 * @param generation 0 is what was saved last, 4 the oldest; undefined: the newest that can be read.
 * @returns undefined when nothing was ever saved.
 */
export async function resurrect(
  world: World,
  generation: number | undefined,
  settleMs: number,
  signal: AbortSignal,
): Promise<Resurrection | undefined> {
  const release = await lockDump(world, signal);
  let found: ReturnType<typeof newestDump>;
  try {
    found = newestDump(world, generation);
  } finally {
    release();
  }
  if (found === undefined) return undefined;
  const { dump, file, setAside } = found;
  const needs = savedNeeds(world, dump.processes);
  const strangers = withoutRecord(world, lostNames(world, dump.processes));
  const begun = new Map<string, Promise<Resurrected>>();
  const begin = (saved: SavedProcess, path: readonly string[]): Promise<Resurrected> => {
    const known = begun.get(saved.name);
    if (known !== undefined) return known;
    const before = (needs.get(saved.name) ?? []).filter(({ name }) => !path.includes(name) && name !== saved.name);
    const came = before.map((each) => begin(each, [...path, saved.name]));
    const isNeeded = [...needs.values()].some((list) => list.some(({ name }) => name === saved.name));
    const one = bringBack(world, { saved, all: dump.processes, strangers, isNeeded, settleMs }, came, signal);
    begun.set(saved.name, one);
    return one;
  };
  const processes = await Promise.all(dump.processes.map((saved) => begin(saved, [])));
  return { file, savedAt: dump.savedAt, setAside, processes };
}

interface One {
  readonly saved: SavedProcess;
  readonly all: readonly SavedProcess[];
  /** Pids of processes that carry the marks of one of whom there is no record. */
  readonly strangers: ReadonlyMap<string, number>;
  readonly isNeeded: boolean;
  readonly settleMs: number;
}

/** One that fails does not keep the others from coming back, but for those that need it. */
async function bringBack(
  world: World,
  one: One,
  needs: readonly Promise<Resurrected>[],
  signal: AbortSignal,
): Promise<Resurrected> {
  const { name, wanted } = one.saved;
  const nothing = { name, record: undefined, moved: undefined, error: undefined };
  try {
    const before = await Promise.all(needs);
    const found = standing(world, one);
    if (found !== undefined) {
      const isStarting =
        found.record !== undefined && observe(found.record, world.platform.processes).kind === "starting";
      if (one.isNeeded && isStarting) await waitFor(world, name, { kind: "online" }, mostWaitMs, signal);
      return { ...nothing, ...found };
    }
    if (wanted === "stopped")
      return { ...nothing, outcome: "restored", record: await restore(world, one.saved, signal) };
    const failed = before.find(({ outcome }) => outcome === "failed");
    if (failed !== undefined) {
      const why = failed.error?.message ?? "";
      throw new TsmError("START_FAILED", `it depends on '${failed.name}', which was not started: ${why}`);
    }
    const moved = movedProgram(world, one.saved.launch["argv"]?.[0] ?? "", pathOf(one.saved));
    const spec = await stagedSpec(world, freshened(world, one.saved, moved), one.settleMs, signal);
    return { ...nothing, outcome: "started", record: (await launch(world, spec, signal)).record, moved };
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    // Another `tsm` was faster.
    const record = goodRecord(world, name);
    if (error.code === "ALREADY_RUNNING" && record !== undefined) return { ...nothing, outcome: "running", record };
    return { ...nothing, outcome: "failed", error };
  }
}

/** For what somebody else has started and is not up yet. */
const mostWaitMs = 60_000;

/** What there is to be left as it is; undefined: it is to be started, or put on record. @throws TsmError when it cannot be told */
function standing(world: World, { saved, all, strangers }: One): Pick<Resurrected, "outcome" | "record"> | undefined {
  const { name, wanted, launch: files } = saved;
  const found = readRecord(world, name);
  if (found !== undefined && "problem" in found) {
    throw new TsmError("BAD_DATA", `its record is damaged: ${found.problem}`, {
      hint: `${damageAdvice(name)}; then resurrect again`,
    });
  }
  if (found !== undefined) {
    if (isLive(observe(found, world.platform.processes))) return { outcome: "running", record: found };
    if (wanted === "stopped") return { outcome: "kept", record: found };
    return wasStoppedByName(world, name) ? { outcome: "resting", record: found } : undefined;
  }
  const pid = strangers.get(name);
  if (pid !== undefined) {
    throw new TsmError("ALREADY_RUNNING", `PID ${pid} is one of it and still runs, though there is no record of it`, {
      hint: `End it (kill ${pid}), and resurrect again`,
    });
  }
  const file = files["service"];
  const twin = typeof file === "string" && file !== "" ? liveService(world, file, all) : undefined;
  return twin === undefined ? undefined : { outcome: "running", record: twin };
}

/** The same service under a name that was not saved: it has another port now. */
function liveService(world: World, file: string, all: readonly SavedProcess[]): ProcessRecord | undefined {
  return readRecords(world).records.find(
    (record) =>
      serviceFileOf(world, record.name) === file &&
      !all.some(({ name }) => name === record.name) &&
      isLive(observe(record, world.platform.processes)),
  );
}

/** Somebody has removed the folders of these. */
function lostNames(world: World, saved: readonly SavedProcess[]): ReadonlySet<string> {
  return new Set(saved.map(({ name }) => name).filter((name) => readRecord(world, name) === undefined));
}

/** With its program, and the folders of its PATH, as they are now. */
function freshened(world: World, saved: SavedProcess, moved: MovedProgram | undefined): SavedProcess {
  const [program = "", ...args] = saved.launch["argv"] ?? [];
  const env = typeof saved.launch["env"] === "object" ? saved.launch["env"] : [];
  const to = moved === undefined || moved.to === "" ? program : moved.to;
  const path = pathOf(saved);
  const newPath = movedPath(world, path, moved);
  return {
    ...saved,
    interpreter: saved.interpreter === program ? to : saved.interpreter,
    launch: {
      ...saved.launch,
      argv: [to, ...args],
      env: newPath === path ? env : env.map((pair) => (pair.startsWith("PATH=") ? `PATH=${newPath}` : pair)),
    },
  };
}

function pathOf({ launch: { env } }: SavedProcess): string {
  const pairs = typeof env === "object" ? env : [];
  return pairs.find((pair) => pair.startsWith("PATH="))?.slice("PATH=".length) ?? "";
}

/** What a restart would make of it, if it were on record. */
async function stagedSpec(
  world: World,
  saved: SavedProcess,
  settleMs: number,
  signal: AbortSignal,
): Promise<LaunchSpec> {
  const release = await lockProcess(world, saved.name, signal);
  const folder = stageOf(world, saved.name);
  try {
    writeLaunchFolder(world, `${folder}/launch`, saved);
    const record = recordOfSaved(saved, saved.id, 0);
    const spec = specOf(world, record, settleMs, goodRecord(world, saved.name)?.restarts ?? 0, {
      folder: `${folder}/launch`,
    });
    return { ...spec, id: saved.id };
  } finally {
    world.platform.files.removeFolder(folder);
    release();
  }
}

/** On record again and stopped: in one step, or over logs that were left there with the record last. */
async function restore(world: World, saved: SavedProcess, signal: AbortSignal): Promise<ProcessRecord> {
  const { platform, home } = world;
  const { files } = platform;
  const paths = processPaths(home, saved.name);
  const stage = stageOf(world, saved.name);
  const release = await lockProcess(world, saved.name, signal);
  try {
    const releaseIds = await lockIds(world, signal);
    try {
      const there = goodRecord(world, saved.name);
      if (there !== undefined) return there;
      const all = readRecords(world);
      const nowSeconds = Math.floor(platform.clock.nowMs() / 1000);
      const record = recordOfSaved(saved, idFor(takenIds(world, all), saved.id), nowSeconds);
      writeLaunchFolder(world, `${stage}/launch`, saved);
      files.writeWhole(`${stage}/meta.json`, formatRecord(record));
      if (files.list(paths.folder).length === 0) {
        files.removeFolder(paths.folder);
        files.rename(stage, paths.folder);
      } else {
        files.removeFolder(paths.launch);
        files.rename(`${stage}/launch`, paths.launch);
        files.rename(`${stage}/meta.json`, paths.meta);
      }
      await writePortRegistry(world, [...all.records, record]);
      return record;
    } finally {
      releaseIds();
    }
  } finally {
    files.removeFolder(stage);
    release();
  }
}

/** No name of a process begins with a dot. */
function stageOf({ home }: World, name: string): string {
  return `${home.processes}/.saved-${name}`;
}

function writeLaunchFolder({ platform: { files } }: World, folder: string, { launch: saved }: SavedProcess): void {
  files.removeFolder(folder);
  files.makeFolder(folder);
  for (const [name, content] of Object.entries(saved)) {
    const text = typeof content === "string" ? content : content.map((word) => `${word}\0`).join("");
    files.writeWhole(`${folder}/${name}`, text);
  }
}
