import type { HttpService, ProcessLimits, Serving } from "../platform/platform.ts";
import { recordsOfApp, recordsOfFile } from "./app-records.ts";
import type { Apps } from "./apps.ts";
import type { Audit } from "./audit.ts";
import type { TypedCommand } from "./command-note.ts";
import type { CompletedShell, CompletionInstalled } from "./completion-install.ts";
import { allSettings, changeMeaning, changeSetting, type Setting } from "./configure.ts";
import type { DeedBy, DeedVerb } from "./deeds.ts";
import type { Doctor } from "./doctor.ts";
import type { BootInPlace } from "./doctor-look.ts";
import { ecosystemPath, isEcosystemWord } from "./ecosystem-word.ts";
import type { EnvironmentChanges } from "./environment-changes.ts";
import type { ErrorReport, ErrorRequest } from "./error-groups.ts";
import type { EventRequest } from "./events.ts";
import type { Exported, ExportedFile } from "./exported.ts";
import { isFirstShell } from "./first-shell.ts";
import type { Flushed } from "./flush-logs.ts";
import type { Foreground } from "./foreground.ts";
import type { ManagedTree } from "./forest.ts";
import { followJournal, type Happening } from "./happenings.ts";
import { type Home, type ProcessPaths, processPaths } from "./home.ts";
import type { Imports } from "./imports.ts";
import { type Inspection, inspect } from "./inspect.ts";
import type { JournalEntry } from "./journal-reader.ts";
import { keepWatch } from "./keep-watch.ts";
import type { Deleted, RestartOptions } from "./lifecycle.ts";
import { type LogFiles, logFiles } from "./log-files.ts";
import { lastLines } from "./log-lines.ts";
import type { Moment } from "./log-moment.ts";
import type { LogBatch, LogRequest } from "./log-request.ts";
import { type RunStart, runsOf } from "./log-runs.ts";
import type { LogSize } from "./log-sizes.ts";
import type { ProcessMetrics } from "./metrics.ts";
import type { Migration } from "./migration.ts";
import type { Notify } from "./notify.ts";
import { isLive, livingIdentity, observe } from "./observe.ts";
import { hasOldLayout } from "./old-layout.ts";
import type { Outside } from "./outside.ts";
import type { PatrolReport } from "./patrol.ts";
import type { StartRequest } from "./plan.ts";
import type { Pm2Process } from "./pm2-list.ts";
import type { Ports } from "./ports.ts";
import type { Process, ProcessRecord, ProcessSummary } from "./process.ts";
import type { ProcessEnvironment } from "./process-environment.ts";
import type { Reconciliation } from "./reconcile.ts";
import { type DamagedRecord, goodRecord, inOrder, readRecords, recordReader } from "./records.ts";
import type { ReloadedLog } from "./reload-logs.ts";
import { type Match, matchTarget, mayBeScript } from "./resolve.ts";
import type { LogPass, RotatedProcess } from "./rotate-logs.ts";
import type { RunDiff, RunWord } from "./run-diff.ts";
import type { RunRow } from "./run-history.ts";
import type { Sample } from "./sample-lines.ts";
import type { Saved } from "./saved.ts";
import type { ServeRequest } from "./serve.ts";
import { recordsOfService } from "./service-of.ts";
import type { StartedService } from "./service-start.ts";
import type { ServicePlace } from "./service-store.ts";
import type { Services } from "./services.ts";
import type { LimitsSet, NewLimits } from "./set-limits.ts";
import type { Settings, SettingTable } from "./settings.ts";
import { namesSeveralFiles } from "./several-files.ts";
import type { Delivery } from "./signal-process.ts";
import type { Stacks } from "./stacks.ts";
import type { PlannedStart } from "./start.ts";
import { startingAtMost } from "./start-slots.ts";
import type { Receipt } from "./stop.ts";
import { summarize, summarizeEach } from "./summary.ts";
import type { Timeline, TimelineRequest } from "./timeline.ts";
import type { Tokens } from "./tokens.ts";
import { type Table, tableOf } from "./tree.ts";
import type { Turns } from "./turns.ts";
import type { Undone, UndoPlan } from "./undo.ts";
import type { Unsaved } from "./unsaved.ts";
import type { Usage } from "./usage.ts";
import type { UserHome } from "./user-homes.ts";
import type { Condition, Waited } from "./wait-for.ts";
import { isFileOfCommands } from "./what-to-run.ts";
import type { Why } from "./why.ts";
import type { WhyPort } from "./why-port.ts";
import type { WhyService } from "./why-service.ts";
import type { World } from "./world.ts";

/**
 * The engine as verbs and the shell see it. It never prints and never asks. What looks is part of the program; what
 * starts, ends and reads logs is loaded when it is first used, as `list` and the shell's prompt are to be quick.
 */
export interface Engine {
  readonly home: Home;
  /** The same engine, of whose starts so many go on at the same time, and not as many as the setting says. */
  startingAtMost(most: number): Engine;
  settings(): Settings;
  /** Every process, by id. */
  summaries(): ProcessSummary[];
  /** Each process, in no order: for who must not be kept for as long as all of them take. */
  eachSummary(): Iterable<ProcessSummary>;
  damaged(): readonly DamagedRecord[];
  /** Both, of one look at the disk. @param withUse what the trees use will be wanted of each. */
  overview(withUse?: boolean): Overview;
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
  /** The processes that `start` would start again; undefined: something new is meant, or a service. */
  namedProcesses(request: StartRequest): Promise<readonly ProcessRecord[] | undefined>;
  /** What processes write until all of them rest, and then how they ended; see core/foreground.ts. */
  inForeground(begin: () => Promise<readonly string[]>, signal: AbortSignal): AsyncIterable<Foreground>;
  /** Is each of its words a file of its own to start? */
  namesSeveralFiles(request: StartRequest): boolean;
  /** Is it a file of tsm's own commands, and nothing that `start` would start? */
  isFileOfCommands(words: readonly string[], isBehindDashes: boolean): boolean;
  /** Every process in pm2's words. */
  pm2List(withEnv: boolean): Promise<Pm2Process[]>;
  /** Makes a shell complete `tsm`, the caller's own unless it is named. */
  installCompletion(shell: CompletedShell | undefined, dryRun: boolean): Promise<CompletionInstalled>;
  serve(request: ServeRequest, signal: AbortSignal): Promise<Started>;
  /** What runs by definition: loaded when it is asked for. */
  services(): Promise<Services>;
  /** Services in a fixed order. */
  stacks(): Promise<Stacks>;
  /** Files of other programs: loaded when it is asked for. */
  imports(): Promise<Imports>;
  /** What runs by a file of apps, and several of one app: loaded when it is asked for. */
  apps(): Promise<Apps>;
  /** What `save` saves, `resurrect` brings back and a boot starts: loaded when it is asked for. */
  saved(): Promise<Saved>;
  /** How these processes differ from those that were saved; undefined when nothing was. */
  unsaved(names: readonly string[]): Promise<Unsaved | undefined>;
  /** What another service manager needs to run it. @param output the folder that it is for. */
  exported(shown: ProcessRecord | ServicePlace, output: string | undefined, signal: AbortSignal): Promise<Exported>;
  /** @returns the paths. @throws TsmError when a file is there that was not `madeBy` us */
  writeExported(folder: string, files: readonly ExportedFile[], madeBy: string): Promise<string[]>;
  /** What `start` would do, and nothing is done. */
  planStart(request: StartRequest): Promise<PlannedStart>;
  stop(
    record: ProcessRecord,
    options: { timeoutSeconds: number | undefined; hard: boolean; event: "stop" | "kill" },
    signal: AbortSignal,
  ): Promise<Receipt>;
  restart(
    record: ProcessRecord,
    options: Pick<RestartOptions, "timeoutSeconds" | "settleMs" | "updateEnv" | "turnWatch" | "changes" | "turn">,
    signal: AbortSignal,
  ): Promise<Started>;
  /** Ends several: each behind those of them that need it. @returns in that order. */
  inStopOrder<R>(names: readonly string[], end: (name: string) => Promise<R>): Promise<R[]>;
  /** For a restart of several: those end as they do there, and begin the other way round. */
  turns(names: readonly string[]): Promise<Turns>;
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
  /** Why it is as it is; `now` is the epoch second of the answer. */
  why(
    target: ProcessRecord | ServicePlace,
    signal: AbortSignal,
  ): Promise<{ readonly why: Why | WhyService; readonly now: number }>;
  /** @throws TsmError when it does not come true: see core/wait-for.ts. */
  waitFor(
    record: ProcessRecord,
    condition: Condition,
    timeoutMs: number | undefined,
    signal: AbortSignal,
  ): Promise<Waited>;
  /** Who has a port, who else wants it, and what frees it. */
  whyPort(port: number): Promise<WhyPort>;
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
  /** The same with how each ended. */
  runHistory(record: ProcessRecord): Promise<RunRow[]>;
  /** How one run differs from another: the last two unless they are named. @throws TsmError NOT_FOUND, USAGE */
  diffRuns(record: ProcessRecord, runs: readonly RunWord[], signal: AbortSignal): Promise<RunDiff>;
  /** Changes when the logs of a process have. */
  logMark(name: string): string;
  /** What processes use now; of all on record where none are named. */
  usage(names?: readonly string[]): Promise<Usage>;
  /** What all have used since then (epoch milliseconds), the oldest first. */
  samples(sinceMs: number): Promise<Iterable<Sample>>;
  /** What these have used since then, and use now. */
  metrics(records: readonly ProcessRecord[], since: Moment, signal: AbortSignal): Promise<ProcessMetrics[]>;
  /** Answers GETs until the signal. @throws TsmError when it cannot listen there */
  serveMetrics(request: HttpService, signal: AbortSignal): Promise<Serving>;
  /** What is declared, who listens, and the registry. */
  ports(): Promise<Ports>;
  /** What is declared against what the kernel says. */
  reconcile(): Promise<Reconciliation>;
  /** What is wrong with the services. */
  audit(): Promise<Audit>;
  /** What is wrong with the home, the machine and all that runs. @param bootInPlace what starts this home at boot */
  doctor(bootInPlace: BootInPlace): Promise<Doctor>;
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
  /** Has an older TSM left something here? A few looks; where it says yes there may be nothing all the same. */
  hasOldLayout(): boolean;
  /** Brings it over; with `dryRun`, says what that would do. */
  migrate(options: { readonly dryRun: boolean }, signal: AbortSignal): Promise<Migration>;
  /** What the kernel allows a process that runs; undefined where it does not run, or the system does not tell. */
  kernelLimits(record: ProcessRecord): ProcessLimits | undefined;
  /** Changes what it may use. @throws TsmError USAGE when the system does not give that */
  setLimits(record: ProcessRecord, limits: NewLimits, signal: AbortSignal): Promise<LimitsSet>;
  /** Who has a home on this machine, and what runs there; of others only for root. */
  userHomes(): Promise<UserHome[]>;
  /** Events that programs write into their logs. */
  tokens(): Promise<Tokens>;
  /** Other programs and their files, for what works together with them. */
  outside(): Promise<Outside>;
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
  /** The port that it listens on instead of the declared one; null: none. */
  readonly actualPort: number | null;
}

/** So long a table may stand for the one of now, where it is only shown. */
const lateMs = 50;

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
  ): Started => Object.assign(summaryOf(record), { replaced, service, actualPort: record.actual_port });
  const records = () => readRecords(world).records;
  // For looks alone: what acts on a process reads its record anew.
  const look = recordReader(world);
  function* eachRecord(): Generator<ProcessRecord> {
    for (const { record } of look()) if (!("problem" in record)) yield record;
  }

  // The shell lists, and counts for its prompt what it has just listed.
  let late: { readonly table: Table; readonly atMs: number } | undefined;
  const tableOfLate = () =>
    late !== undefined && platform.clock.monotonicMs() - late.atMs < lateMs ? late.table : undefined;

  /** What was started from it; failing that, what is called as its apps are. */
  const matchFile = async (word: string, all: readonly ProcessRecord[]): Promise<Match> => {
    const found = recordsOfFile(world, ecosystemPath(world, word), all).map(({ record }) => record);
    if (found.length > 0) return { kind: "exact", records: found };
    const { namesInFile } = await import("./ecosystem-names.ts");
    const names = await namesInFile(world, ecosystemPath(world, word));
    return {
      kind: "exact",
      records: names.flatMap((name) => recordsOfApp(world, name, all)).map(({ record }) => record),
    };
  };

  return {
    home,
    startingAtMost: (most) => createEngine(startingAtMost(world, most)),
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
    eachSummary: () => summarizeEach(eachRecord(), platform, tableOfLate()),
    overview(withUse = false) {
      const found = inOrder(look());
      if (withUse) {
        // Half of all that is ours, and no part of what it keeps.
        const runners = new Set(found.records.map(({ runner_pid }) => runner_pid));
        late = { table: tableOf(platform.processes.table(runners)), atMs: platform.clock.monotonicMs() };
      }
      const seen = withUse ? late?.table : undefined;
      return { processes: summarize(found.records, platform, seen), damaged: found.damaged };
    },
    observe: (record) => ({ record, observed: observe(record, platform.processes) }),
    async match(query) {
      const all = records();
      const started = recordsOfService(world, query, all) ?? [];
      if (started.length > 0) return { kind: "exact", records: started };
      const instances = recordsOfApp(world, query, all);
      if (instances.length > 1) return { kind: "exact", records: instances.map(({ record }) => record) };
      if (query !== "-" && isEcosystemWord(query) && !all.some(({ name }) => name === query))
        return await matchFile(query, all);
      if (mayBeScript(query, all)) {
        const { recordsOfScript } = await import("./script-of.ts");
        const running = recordsOfScript(world, query, all);
        if (running.length > 0) return { kind: "exact", records: running };
      }
      return await matchTarget(query, all);
    },
    async start(request, signal) {
      const { start } = await import("./start.ts");
      const started = await start(world, request, signal);
      return started.map(({ record, replaced, service }) => startedAs(record, replaced, service));
    },
    async namedProcesses(request) {
      const { namedProcesses } = await import("./start.ts");
      return await namedProcesses(world, request);
    },
    async *inForeground(begin, signal) {
      const { inForeground } = await import("./foreground.ts");
      yield* inForeground(world, begin, signal);
    },
    namesSeveralFiles: (request) => namesSeveralFiles(world, request),
    isFileOfCommands: (words, isBehindDashes) =>
      isFileOfCommands(world, words, isBehindDashes) && !records().some(({ name }) => name === words[0]),
    async installCompletion(shell, dryRun) {
      const { installCompletion } = await import("./completion-install.ts");
      return installCompletion(world, shell, dryRun);
    },
    async pm2List(withEnv) {
      const { pm2List } = await import("./pm2-list.ts");
      return pm2List(world, withEnv);
    },
    async serve(request, signal) {
      const { serve } = await import("./serve.ts");
      const { record, replaced } = await serve(world, request, signal);
      return startedAs(record, replaced);
    },
    async services() {
      const { createServices } = await import("./services.ts");
      return createServices(world, startedAs);
    },
    async stacks() {
      const { createStacks } = await import("./stacks.ts");
      return createStacks(world, startedAs);
    },
    async imports() {
      const { createImports } = await import("./imports.ts");
      return createImports(world);
    },
    async apps() {
      const { createApps } = await import("./apps.ts");
      return createApps(world, startedAs);
    },
    async saved() {
      const { createSaved } = await import("./saved.ts");
      return createSaved(world, startedAs);
    },
    async unsaved(names) {
      const { unsaved } = await import("./unsaved.ts");
      return unsaved(world, names);
    },
    async exported(shown, output, signal) {
      const { exported } = await import("./exported.ts");
      return await exported(world, shown, output, signal);
    },
    async writeExported(folder, files, madeBy) {
      const { writeExported } = await import("./exported.ts");
      return writeExported(world, folder, files, madeBy);
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
      const { restartAnew } = await import("./restart-anew.ts");
      const restarted = await restartAnew(world, record.name, options, signal);
      return startedAs(restarted.record, null, restarted.service);
    },
    async inStopOrder(names, end) {
      const { inStopOrder } = await import("./process-order.ts");
      return await inStopOrder(world, names, end);
    },
    async turns(names) {
      const { turnsOf } = await import("./process-order.ts");
      return turnsOf(world, names);
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
    async why(target, signal) {
      const { whyOf } = await import("./why-of.ts");
      return { why: await whyOf(world, target, signal), now: platform.clock.nowMs() / 1000 };
    },
    async whyPort(port) {
      const { whyPort } = await import("./why-port.ts");
      return await whyPort(world, port);
    },
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
    async runHistory(record) {
      const { runHistory } = await import("./run-history.ts");
      return runHistory(world, record);
    },
    async diffRuns(record, runs, signal) {
      const { diffRuns } = await import("./run-diff.ts");
      return await diffRuns(world, record, runs, signal);
    },
    logMark(name) {
      const { out, err } = logFiles(platform.files, processPaths(home, name));
      const stats = [out, err].map((path) => (path === null ? undefined : platform.files.stat(path)));
      return stats.map((stat) => (stat === undefined ? "" : `${stat.inode} ${stat.size} ${stat.modifiedMs}`)).join(",");
    },
    async usage(names) {
      const { usageOf } = await import("./usage.ts");
      const meant = inOrder(look()).records.filter(({ name }) => names === undefined || names.includes(name));
      return usageOf(world, meant);
    },
    async samples(sinceMs) {
      const { readSamples } = await import("./samples.ts");
      return readSamples(world, sinceMs);
    },
    async metrics(records, since, signal) {
      const { metricsOf } = await import("./metrics.ts");
      return await metricsOf(world, records, since, signal);
    },
    async serveMetrics(request, signal) {
      const { serve } = await import("./serve-metrics.ts");
      return await serve(world, request, signal);
    },
    async ports() {
      const { createPorts } = await import("./ports.ts");
      return createPorts(world);
    },
    async reconcile() {
      const { reconcile } = await import("./reconcile.ts");
      return reconcile(world);
    },
    async audit() {
      const { audit } = await import("./audit.ts");
      return audit(world);
    },
    async doctor(bootInPlace) {
      const { createDoctor } = await import("./doctor.ts");
      return createDoctor(world, bootInPlace);
    },
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
      return await environmentChanges(world, record, show);
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
    hasOldLayout: () => hasOldLayout(world),
    async migrate({ dryRun }, signal) {
      const { migrate, planOfMigration } = await import("./migrate.ts");
      return dryRun ? planOfMigration(world) : await migrate(world, signal);
    },
    kernelLimits(record) {
      const identity = livingIdentity(observe(record, platform.processes));
      return identity === undefined ? undefined : platform.processes.limits(identity);
    },
    async setLimits(record, limits, signal) {
      const { setLimits } = await import("./set-limits.ts");
      return await setLimits(world, record.name, limits, signal);
    },
    async userHomes() {
      const { userHomes } = await import("./user-homes.ts");
      return userHomes(world);
    },
    async tokens() {
      const { createTokens } = await import("./tokens.ts");
      return createTokens(world);
    },
    async outside() {
      const { createOutside } = await import("./outside.ts");
      return createOutside(world);
    },
  };
}
