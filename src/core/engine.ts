import type { HttpService, Serving } from "../platform/platform.ts";
import type { ProcessLimits } from "../platform/processes.ts";
import type { NamedProcess } from "./app-records.ts";
import type { Apps } from "./apps.ts";
import type { Audit } from "./audit.ts";
import type { TypedCommand } from "./command-note.ts";
import type { CompletedShell, CompletionInstalled } from "./completion-install.ts";
import type { Setting } from "./configure.ts";
import type { DeedBy, DeedVerb } from "./deeds.ts";
import type { Deleted, DeleteOptions } from "./delete.ts";
import type { Doctor } from "./doctor.ts";
import type { BootInPlace } from "./doctor-look.ts";
import type { EnvironmentChanges } from "./environment-changes.ts";
import type { ErrorReport, ErrorRequest } from "./error-groups.ts";
import type { EventRequest, EventsPart } from "./events.ts";
import type { Exported, ExportedFile } from "./exported.ts";
import type { Flushed } from "./flush-logs.ts";
import type { Foreground } from "./foreground.ts";
import type { ManagedTree } from "./forest.ts";
import type { Happening } from "./happenings.ts";
import type { Home, ProcessPaths } from "./home.ts";
import type { Imports } from "./imports.ts";
import type { Inspection } from "./inspect.ts";
import type { LogFiles } from "./log-files.ts";
import type { Moment } from "./log-moment.ts";
import type { LogBatch, LogRequest } from "./log-request.ts";
import type { RunStart } from "./log-runs.ts";
import type { LogSize } from "./log-sizes.ts";
import type { Unrecorded } from "./lost-record.ts";
import type { ProcessMetrics } from "./metrics.ts";
import type { Migration } from "./migration.ts";
import type { Notify } from "./notify.ts";
import type { Outside } from "./outside.ts";
import type { PatrolReport } from "./patrol.ts";
import type { StartRequest } from "./plan.ts";
import type { Pm2Process } from "./pm2-list.ts";
import type { Ports } from "./ports.ts";
import type { Process, ProcessRecord, ProcessSummary } from "./process.ts";
import type { ProcessEnvironment } from "./process-environment.ts";
import type { Receipt } from "./receipt.ts";
import type { Reconciliation } from "./reconcile.ts";
import type { DamagedRecord } from "./records.ts";
import type { ReloadedLog } from "./reload-logs.ts";
import type { Match } from "./resolve.ts";
import type { RestartOptions } from "./restart.ts";
import type { LogPass, RotatedProcess } from "./rotate-logs.ts";
import type { RunDiff, RunWord } from "./run-diff.ts";
import type { RunRow } from "./run-history.ts";
import type { Sample } from "./sample-lines.ts";
import type { Saved } from "./saved.ts";
import type { ServeRequest } from "./serve.ts";
import type { StartedService } from "./service-start.ts";
import type { ServicePlace } from "./service-store.ts";
import type { Services } from "./services.ts";
import type { LimitsSet, NewLimits } from "./set-limits.ts";
import type { Settings, SettingTable } from "./settings.ts";
import type { Delivery } from "./signal-process.ts";
import type { Stacks } from "./stacks.ts";
import type { PlannedStart } from "./start.ts";
import type { Timeline, TimelineRequest } from "./timeline.ts";
import type { Tokens } from "./tokens.ts";
import type { Turns } from "./turns.ts";
import type { Undone, UndoPlan } from "./undo.ts";
import type { Unsaved } from "./unsaved.ts";
import type { Usage } from "./usage.ts";
import type { UserHome } from "./user-homes.ts";
import type { Condition, Waited } from "./wait-for.ts";
import type { Why } from "./why.ts";
import type { WhyPort } from "./why-port.ts";
import type { WhyService } from "./why-service.ts";

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
  /** @throws TsmError for the name, with its port or without, of a process whose record is damaged, or gone while it runs; for its id too. */
  refuseUnrecorded(word: string): void;
  /** Who is not among these and has a damaged record, or none while he runs. */
  unrecorded(recorded: ReadonlySet<string>): readonly Unrecorded[];
  /** Both, of one look at the disk. @param withUse what the trees use will be wanted of each. */
  overview(withUse?: boolean): Overview;
  /** One process by its exact name; undefined when there is none. */
  summaryOf(name: string): ProcessSummary | undefined;
  /** The last line that it wrote to stderr and that says something. */
  lastWordsOf(name: string): string | undefined;
  /** Who listens on the port: `PID 4242 (node server.js)`. */
  portHolder(port: number): Promise<string | undefined>;
  /** What it was restarted for: `used 91 MB of memory, 80M (84 MB) are allowed`. */
  memoryExcess(name: string): Promise<string | undefined>;
  /** What is in the folder of env files here: `local.env` is called `local`. */
  envFiles(): readonly string[];
  /** Calls back with what goes on record from now on. @returns the function that ends it. */
  follow(happened: (happenings: readonly Happening[]) => void): () => void;
  /** Is this the first shell of the home? True once. */
  isFirstShell(): boolean;
  records(): readonly ProcessRecord[];
  /** Those of which nothing runs or will by itself: stopped and crashed. */
  resting(): readonly ProcessRecord[];
  observe(record: ProcessRecord): Process;
  /** @param among all that are on record, unless these are to be taken for them */
  match(query: string, among?: readonly ProcessRecord[]): Promise<Match>;
  /** Are those that were found by a part of their name all the instances of one app? Then the word means all of them. */
  areOneApp(part: string, found: readonly NamedProcess[], all: readonly NamedProcess[]): boolean;
  /** What was asked for comes last, behind the services that it depends on. */
  start(request: StartRequest, signal: AbortSignal): Promise<Started[]>;
  /** The processes that `start` would start again; undefined: something new is meant, or a service. */
  namedProcesses(request: StartRequest): Promise<readonly ProcessRecord[] | undefined>;
  /** What processes write until all of them rest, and then how they ended; see core/foreground.ts. */
  inForeground(begin: () => Promise<readonly string[]>, signal: AbortSignal): AsyncIterable<Foreground>;
  /** Is each of its words a file of its own to start? */
  namesSeveralFiles(request: StartRequest): boolean;
  /** Is there a program of this name in PATH? */
  hasProgram(name: string): boolean;
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
    options: Pick<
      RestartOptions,
      "timeoutSeconds" | "settleMs" | "updateEnv" | "turnWatch" | "changes" | "turn" | "unlessLive"
    >,
    signal: AbortSignal,
  ): Promise<Started>;
  /** Ends several: each behind those of them that need it. @returns in that order. */
  inStopOrder<R>(names: readonly string[], end: (name: string) => Promise<R>): Promise<R[]>;
  /** For a restart of several: those end as they do there, and begin the other way round. */
  turns(names: readonly string[]): Promise<Turns>;
  delete(name: string, options: DeleteOptions, signal: AbortSignal): Promise<Deleted>;
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
  /** Removes files and locks that killed programs left half made. @returns their paths */
  sweepLeftovers(): Promise<string[]>;
  /** The same as `patrol`, and then resident for as long as a process asks for it. */
  watchOver(signal: AbortSignal): Promise<PatrolReport>;
  /** Zeroes the restart counters. */
  reset(record: ProcessRecord, signal: AbortSignal): Promise<ProcessSummary>;
  /** Makes sure that somebody watches while something is wanted. */
  keepWatch(): Promise<void>;
  signal(record: ProcessRecord, signal: NodeJS.Signals): Promise<Delivery>;
  inspect(record: ProcessRecord): Promise<Inspection>;
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
  whyPort(port: number, signal: AbortSignal): Promise<WhyPort>;
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
  events(request: EventRequest, signal: AbortSignal): AsyncIterable<EventsPart>;
  /** What happened when. */
  timeline(request: TimelineRequest, signal: AbortSignal): Promise<Timeline>;
  /** Processes with what they have started; those that are asked for, and nothing of the others. */
  forest(names: readonly string[]): Promise<ManagedTree[]>;
  /** Who is told of what: loaded when it is asked for. */
  notify(): Promise<Notify>;
  /** Puts on record who typed what. */
  noteCommand(command: TypedCommand): Promise<void>;
  /** Whose home it is, where root works in another user's: what is written in it stays root's. */
  foreignOwner(): Promise<string | undefined>;
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
  listSettings(): Promise<Setting[]>;
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
