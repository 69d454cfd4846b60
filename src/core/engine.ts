import type { TypedCommand } from "./command-note.ts";
import { allSettings, changeMeaning, changeSetting, type Setting } from "./configure.ts";
import type { DeedBy, DeedVerb } from "./deeds.ts";
import type { EnvironmentChanges } from "./environment-changes.ts";
import type { ErrorReport, ErrorRequest } from "./error-groups.ts";
import type { EventRequest } from "./events.ts";
import { isFirstShell } from "./first-shell.ts";
import type { Flushed } from "./flush-logs.ts";
import type { ManagedTree } from "./forest.ts";
import { followJournal, type Happening } from "./happenings.ts";
import { type Home, type ProcessPaths, processPaths } from "./home.ts";
import { type Inspection, inspect } from "./inspect.ts";
import type { JournalEntry } from "./journal-reader.ts";
import { keepWatch } from "./keep-watch.ts";
import type { Deleted } from "./lifecycle.ts";
import { type LogFiles, logFiles } from "./log-files.ts";
import { lastLines } from "./log-lines.ts";
import type { LogBatch, LogRequest } from "./log-request.ts";
import { type RunStart, runsOf } from "./log-runs.ts";
import type { LogSize } from "./log-sizes.ts";
import { withoutPort } from "./names.ts";
import type { Notify } from "./notify.ts";
import { isLive, observe } from "./observe.ts";
import type { PatrolReport } from "./patrol.ts";
import type { StartRequest } from "./plan.ts";
import type { Process, ProcessRecord, ProcessSummary } from "./process.ts";
import type { ProcessEnvironment } from "./process-environment.ts";
import { type DamagedRecord, goodRecord, inOrder, readRecords, recordReader } from "./records.ts";
import type { ReloadedLog } from "./reload-logs.ts";
import { type Match, matchTarget } from "./resolve.ts";
import type { LogPass, RotatedProcess } from "./rotate-logs.ts";
import { recordsOfService } from "./service-of.ts";
import type { StartedService } from "./service-start.ts";
import type { Services } from "./services.ts";
import type { Settings, SettingTable } from "./settings.ts";
import type { Delivery } from "./signal-process.ts";
import type { PlannedStart } from "./start.ts";
import type { Receipt } from "./stop.ts";
import { summarize, summarizeEach } from "./summary.ts";
import type { Timeline, TimelineRequest } from "./timeline.ts";
import type { Undone, UndoPlan } from "./undo.ts";
import type { Condition, Waited } from "./wait-for.ts";
import type { World } from "./world.ts";

/**
 * The engine as verbs and the shell see it. It never prints and never asks. What looks is part of the program; what
 * starts, ends and reads logs is loaded when it is first used, as `list` and the shell's prompt are to be quick.
 */
export interface Engine {
  readonly home: Home;
  settings(): Settings;
  /** Every process, by id. */
  summaries(): ProcessSummary[];
  /** Each process, in no order: for who must not be kept for as long as all of them take. */
  eachSummary(): Iterable<ProcessSummary>;
  damaged(): readonly DamagedRecord[];
  /** Both, of one look at the disk. */
  overview(): Overview;
  /** One process by its exact name; undefined when there is none. */
  summaryOf(name: string): ProcessSummary | undefined;
  /** The last line that it wrote to stderr and that says something. */
  lastWordsOf(name: string): string | undefined;
  /** Calls back with what goes on record from now on. @returns the function that ends it. */
  follow(happened: (happenings: readonly Happening[]) => void): () => void;
  /** Is this the first shell of the home? True once. */
  isFirstShell(): boolean;
  records(): readonly ProcessRecord[];
  /** Those of which nothing runs or will by itself: stopped and crashed. */
  resting(): readonly ProcessRecord[];
  observe(record: ProcessRecord): Process;
  match(query: string): Promise<Match>;
  /** What was asked for comes last, behind the services that it depends on. */
  start(request: StartRequest, signal: AbortSignal): Promise<Started[]>;
  /** What runs by definition: loaded when it is asked for. */
  services(): Promise<Services>;
  /** What `start` would do, and nothing is done. */
  planStart(request: StartRequest): Promise<PlannedStart>;
  stop(
    record: ProcessRecord,
    options: { timeoutSeconds: number | undefined; hard: boolean; event: "stop" | "kill" },
    signal: AbortSignal,
  ): Promise<Receipt>;
  restart(
    record: ProcessRecord,
    options: { timeoutSeconds: number | undefined; settleMs: number; updateEnv?: boolean },
    signal: AbortSignal,
  ): Promise<Started>;
  delete(
    name: string,
    options: { timeoutSeconds: number | undefined; keepLogs: boolean; deed: string | undefined },
    signal: AbortSignal,
  ): Promise<Deleted>;
  /**
   * Puts on record what is about to be done to these processes, so that it can be undone, and does it.
   * @param act is handed what `delete` keeps things for; undefined when nothing can be kept.
   */
  undoable<T>(
    verb: DeedVerb,
    by: DeedBy,
    names: readonly string[],
    act: (deed: string | undefined) => Promise<T>,
  ): Promise<T>;
  /** What can be undone, the last first, and what that would do now. */
  undoPlans(): Promise<UndoPlan[]>;
  /** @throws TsmError when another tsm has undone it meanwhile */
  undo(deed: string, signal: AbortSignal): Promise<Undone[]>;
  /** Gives back what is kept for them. */
  forgetDeeds(deeds: readonly string[], signal: AbortSignal): Promise<void>;
  /** One idempotent pass: every record is made true, every live process has a runner. */
  patrol(options: { readonly orphans: boolean }): Promise<PatrolReport>;
  /** The same, and then resident for as long as a process asks for it. */
  watchOver(signal: AbortSignal): Promise<PatrolReport>;
  /** Zeroes the restart counters. */
  reset(record: ProcessRecord, signal: AbortSignal): Promise<ProcessSummary>;
  /** Makes sure that somebody watches while something is wanted. */
  keepWatch(): Promise<void>;
  signal(record: ProcessRecord, signal: NodeJS.Signals): Promise<Delivery>;
  inspect(record: ProcessRecord): Inspection;
  /** @throws TsmError when it does not come true: see core/wait-for.ts. */
  waitFor(
    record: ProcessRecord,
    condition: Condition,
    timeoutMs: number | undefined,
    signal: AbortSignal,
  ): Promise<Waited>;
  /** Lets time pass, until the signal is aborted at most. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** Both logs of a process into archives, whatever their size. */
  rotate(record: ProcessRecord, signal: AbortSignal): Promise<RotatedProcess>;
  /** Those of all processes that have reached their limit. */
  rotateDue(): Promise<LogPass>;
  /** Throws away what a process has written so far. */
  flush(record: ProcessRecord, signal: AbortSignal): Promise<Flushed>;
  /** After somebody moved logs away: who writes where, and stampers open theirs anew. */
  reloadLogs(record: ProcessRecord): Promise<ReloadedLog[]>;
  /** Errors of these processes, grouped by what they say. */
  errors(request: ErrorRequest, signal: AbortSignal): Promise<ErrorReport>;
  /** The journal, and how it goes on. @throws TsmError NOT_FOUND for a name that nothing answers to */
  events(request: EventRequest, signal: AbortSignal): AsyncIterable<readonly JournalEntry[]>;
  /** What happened when. */
  timeline(request: TimelineRequest, signal: AbortSignal): Promise<Timeline>;
  /** Processes with what they have started; those that are asked for, and nothing of the others. */
  forest(names: readonly string[]): Promise<ManagedTree[]>;
  /** Who is told of what: loaded when it is asked for. */
  notify(): Promise<Notify>;
  /** Puts on record who typed what. */
  noteCommand(command: TypedCommand): Promise<void>;
  logs(request: LogRequest, signal: AbortSignal): AsyncIterable<LogBatch>;
  /** What the logs of each take on disk. */
  logSizes(records: readonly ProcessRecord[]): Promise<LogSize[]>;
  /** The lives that the logs of a process tell of, the oldest first. */
  runs(name: string): readonly RunStart[];
  ports(): PortRow[];
  paths(record: ProcessRecord): Omit<ProcessPaths, "out" | "err"> & LogFiles;
  environment(record: ProcessRecord, show: boolean): Promise<ProcessEnvironment>;
  /** What a restart would change in it. */
  environmentChanges(record: ProcessRecord, show: boolean): Promise<EnvironmentChanges>;
  /** Tsm's own environment, as it would be handed to a new process. */
  ownEnvironment(show: boolean): Promise<ProcessEnvironment>;
  listSettings(): Setting[];
  changeSetting(name: string, value: string): Promise<Setting>;
  /** Gives an alias or a key its meaning; undefined takes it away. */
  changeMeaning(table: SettingTable, name: string, meaning: string | undefined): Promise<void>;
  /** Makes the home's folders and hooks. @returns those that were not there. */
  setup(): Promise<string[]>;
}

export interface Overview {
  readonly processes: readonly ProcessSummary[];
  readonly damaged: readonly DamagedRecord[];
}

/** A process that is up. */
export interface Started extends ProcessSummary {
  /** The command that stood under this name before and is forgotten now. */
  readonly replaced: string | null;
  /** The service that it is, where it was started as one; null: none. */
  readonly service: StartedService | null;
}

/** A declared port against what the kernel says. */
export interface PortRow {
  readonly id: number;
  readonly name: string;
  /** The name without its `-PORT`: what the port registry calls it. */
  readonly service: string;
  readonly port: number;
  /** Does its tree listen on it now? */
  readonly listening: boolean;
  readonly pid: number | null;
}

export function createEngine(world: World): Engine {
  const { platform, home } = world;
  const summaryOf = (record: ProcessRecord): ProcessSummary => {
    const [summary] = summarize([goodRecord(world, record.name) ?? record], platform);
    if (summary === undefined) throw new Error("one record gives one summary");
    return summary;
  };
  // Not a copy of the summary: that would work out its cpu and memory, which few want to know of a start.
  const startedAs = (
    record: ProcessRecord,
    replaced: string | null = null,
    service: StartedService | null = null,
  ): Started => Object.assign(summaryOf(record), { replaced, service });
  const records = () => readRecords(world).records;
  // For looks alone: what acts on a process reads its record anew.
  const look = recordReader(world);
  function* eachRecord(): Generator<ProcessRecord> {
    for (const { record } of look()) if (!("problem" in record)) yield record;
  }

  return {
    home,
    settings: world.settings,
    records,
    summaryOf(name) {
      const record = goodRecord(world, name);
      return record === undefined ? undefined : summaryOf(record);
    },
    lastWordsOf(name) {
      const { err } = logFiles(platform.files, processPaths(home, name));
      if (err === null) return undefined;
      return lastLines(platform.files, err, 5)
        .filter((line) => line.trim() !== "")
        .at(-1);
    },
    follow: (happened) => followJournal(world, happened),
    isFirstShell: () => isFirstShell(world),
    resting: () => records().filter((record) => !isLive(observe(record, platform.processes))),
    damaged: () => readRecords(world).damaged,
    summaries: () => summarize(records(), platform),
    eachSummary: () => summarizeEach(eachRecord(), platform),
    overview() {
      const found = inOrder(look());
      return { processes: summarize(found.records, platform), damaged: found.damaged };
    },
    observe: (record) => ({ record, observed: observe(record, platform.processes) }),
    async match(query) {
      const all = records();
      const started = recordsOfService(world, query, all) ?? [];
      return started.length > 0 ? { kind: "exact", records: started } : await matchTarget(query, all);
    },
    async start(request, signal) {
      const { start } = await import("./start.ts");
      const started = await start(world, request, signal);
      return started.map(({ record, replaced, service }) => startedAs(record, replaced, service));
    },
    async services() {
      const { createServices } = await import("./services.ts");
      return createServices(world, startedAs);
    },
    async planStart(request) {
      const { planStart } = await import("./start.ts");
      return await planStart(world, request);
    },
    async stop(record, options, signal) {
      const { stopProcess } = await import("./stop.ts");
      return await stopProcess(world, record.name, { ...options, by: "user" }, signal);
    },
    async restart(record, options, signal) {
      const { restartProcess } = await import("./lifecycle.ts");
      return startedAs(await restartProcess(world, record.name, { ...options, by: "user" }, signal));
    },
    async delete(name, options, signal) {
      const { deleteProcess } = await import("./lifecycle.ts");
      return await deleteProcess(world, name, options, signal);
    },
    async undoable(verb, by, names, act) {
      const { beginDeed, endDeed } = await import("./deeds.ts");
      const id = beginDeed(world, verb, by, names);
      try {
        return await act(id);
      } finally {
        if (id !== undefined) await endDeed(world, id);
      }
    },
    async undoPlans() {
      const [{ readDeeds }, { planUndo }] = await Promise.all([import("./deeds.ts"), import("./undo.ts")]);
      return readDeeds(world).map((deed) => planUndo(world, deed));
    },
    async undo(deed, signal) {
      const { undoDeed } = await import("./undo.ts");
      return await undoDeed(world, deed, signal);
    },
    async forgetDeeds(deeds, signal) {
      const { forgetDeeds } = await import("./undo.ts");
      await forgetDeeds(world, deeds, signal);
    },
    async patrol(options) {
      const { patrol } = await import("./patrol.ts");
      return await patrol(world, options);
    },
    async watchOver(signal) {
      const { watchOver } = await import("./watch-over.ts");
      return await watchOver(world, signal);
    },
    async reset(record, signal) {
      const { resetCounters } = await import("./reset.ts");
      await resetCounters(world, record.name, signal);
      return summaryOf(record);
    },
    keepWatch: () => keepWatch(world),
    async signal(record, signal) {
      const { signalProcess } = await import("./signal-process.ts");
      return signalProcess(world, record, signal);
    },
    inspect: (record) => inspect(world, goodRecord(world, record.name) ?? record),
    async waitFor(record, condition, timeoutMs, signal) {
      const { waitFor } = await import("./wait-for.ts");
      return await waitFor(world, record.name, condition, timeoutMs, signal);
    },
    pause: (ms, signal) =>
      platform.clock.sleep(ms, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      }),
    async rotate(record, signal) {
      const { rotateLogs } = await import("./rotate-logs.ts");
      return await rotateLogs(world, record, signal);
    },
    async rotateDue() {
      const { rotateDue } = await import("./rotate-logs.ts");
      return await rotateDue(world);
    },
    async flush(record, signal) {
      const { flushLogs } = await import("./flush-logs.ts");
      return await flushLogs(world, record, signal);
    },
    async *logs(request, signal) {
      const { readLogs } = await import("./logs.ts");
      yield* readLogs(world, request, signal);
    },
    async reloadLogs(record) {
      const { reloadLogs } = await import("./reload-logs.ts");
      return await reloadLogs(world, record);
    },
    async errors(request, signal) {
      const { collectErrors } = await import("./error-groups.ts");
      return await collectErrors(world, request, signal);
    },
    async *events(request, signal) {
      const { readEvents } = await import("./events.ts");
      yield* readEvents(world, request, records(), signal);
    },
    async timeline(request, signal) {
      const { readTimeline } = await import("./timeline.ts");
      return await readTimeline(world, request, records(), signal);
    },
    async forest(names) {
      const { forestOf } = await import("./forest.ts");
      const wanted = new Set(names);
      return forestOf(
        world,
        records().filter(({ name }) => wanted.has(name)),
      );
    },
    async notify() {
      const { createNotify } = await import("./notify.ts");
      return createNotify(world);
    },
    async noteCommand(command) {
      const { noteCommand } = await import("./command-note.ts");
      noteCommand(world, command);
    },
    async logSizes(records) {
      const { logSizes } = await import("./log-sizes.ts");
      return logSizes(world, records);
    },
    runs: (name) => runsOf(world, name),
    ports: () =>
      records()
        .map((record) => inspect(world, record))
        .flatMap(({ id, name, port, listening, pid }) =>
          port === "none"
            ? []
            : [{ id, name, service: withoutPort(name, port), port, listening: listening === true, pid }],
        ),
    paths(record) {
      const paths = processPaths(home, record.name);
      return { ...paths, ...logFiles(platform.files, paths) };
    },
    async environment(record, show) {
      const { environmentOf } = await import("./process-environment.ts");
      return environmentOf(world, record, show);
    },
    async environmentChanges(record, show) {
      const { environmentChanges } = await import("./environment-changes.ts");
      return environmentChanges(world, record, show);
    },
    async ownEnvironment(show) {
      const { environmentOf } = await import("./process-environment.ts");
      return environmentOf(world, undefined, show);
    },
    listSettings: () => allSettings(world),
    changeSetting: (name, value) => changeSetting(world, name, value),
    changeMeaning: (table, name, meaning) => changeMeaning(world, table, name, meaning),
    async setup() {
      const { setup } = await import("./setup.ts");
      return setup(world);
    },
  };
}
