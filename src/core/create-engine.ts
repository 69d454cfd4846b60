import { areOneApp } from "./app-records.ts";
import type { Engine, Started } from "./engine.ts";
import { isFirstShell } from "./first-shell.ts";
import { followJournal } from "./happenings.ts";
import { processPaths } from "./home.ts";
import { restarting } from "./interrupted.ts";
import { keepWatch } from "./keep-watch.ts";
import { logFiles } from "./log-files.ts";
import { lastLines } from "./log-lines.ts";
import { runsOf } from "./log-runs.ts";
import { refuseUnrecorded, unrecorded } from "./lost-record.ts";
import { matchWord } from "./match-word.ts";
import { isLive, livingIdentity, observe, unlessRestarting } from "./observe.ts";
import { hasOldLayout } from "./old-layout.ts";
import type { ProcessRecord, ProcessSummary } from "./process.ts";
import { goodRecord, inOrder, readRecords, recordMeant, recordReader } from "./records.ts";
import type { StartedService } from "./service-start.ts";
import { namesSeveralFiles } from "./several-files.ts";
import { startingAtMost } from "./start-slots.ts";
import { summarize, summarizeEach } from "./summary.ts";
import { type Table, tableOf } from "./tree.ts";
import { isFileOfCommands } from "./what-to-run.ts";
import type { World } from "./world.ts";

/** So long a table may stand for the one of now, where it is only shown. */
const lateMs = 50;

export function createEngine(world: World): Engine {
  const { platform, home } = world;
  const summaryOf = (record: ProcessRecord): ProcessSummary => {
    const [summary] = summarize([goodRecord(world, record.name) ?? record], world);
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

  const gone = new Set<string>();

  // The shell lists, and counts for its prompt what it has just listed.
  let late: { readonly table: Table; readonly atMs: number } | undefined;
  const tableOfLate = () =>
    late !== undefined && platform.clock.monotonicMs() - late.atMs < lateMs ? late.table : undefined;

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
    async portHolder(port) {
      const { portHolder } = await import("./notice-details.ts");
      return portHolder(world, port);
    },
    async memoryExcess(name) {
      const { memoryExcess } = await import("./notice-details.ts");
      return memoryExcess(world, name);
    },
    envFiles: () => platform.files.list(`${world.cwd}/env`),
    follow: (happened) => followJournal(world, happened),
    isFirstShell: () => isFirstShell(world),
    resting: () => records().filter((record) => !isLive(observe(record, platform.processes))),
    damaged: () => readRecords(world).damaged,
    refuseUnrecorded: (word) => refuseUnrecorded(world, word),
    unrecorded: (recorded) => unrecorded(world, (name) => !recorded.has(name), gone),
    summaries() {
      const restarts = restarting(world);
      return summarize(records(), world, undefined, restarts);
    },
    eachSummary: () => summarizeEach(eachRecord(), world, tableOfLate(), restarting(world)),
    overview(withUse = false) {
      const restarts = restarting(world);
      const found = inOrder(look());
      if (withUse) {
        // Half of all that is ours, and no part of what it keeps.
        const runners = new Set(found.records.map(({ runner_pid }) => runner_pid));
        late = { table: tableOf(platform.processes.table(runners)), atMs: platform.clock.monotonicMs() };
      }
      const seen = withUse ? late?.table : undefined;
      return { processes: summarize(found.records, world, seen, restarts), damaged: found.damaged };
    },
    observe(record) {
      const observed = observe(record, platform.processes);
      return { record, observed: unlessRestarting(observed, () => restarting(world).has(record.name)) };
    },
    match: (query, among = records()) => matchWord(world, query, among),
    areOneApp: (part, found, all) => areOneApp(world, part, found, all),
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
    hasProgram: (name) =>
      (world.env["PATH"] ?? "").split(":").some((folder) => {
        const path = `${folder}/${name}`;
        return folder.startsWith("/") && platform.files.kind(path) === "file" && platform.files.isExecutable(path);
      }),
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
      return await stopProcess(world, record.name, { ...options, by: "user", meant: record }, signal);
    },
    async restart(record, options, signal) {
      const { restartAnew } = await import("./restart-anew.ts");
      const restarted = await restartAnew(world, record.name, { ...options, meant: record }, signal);
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
      const { deleteProcess } = await import("./delete.ts");
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
    async sweepLeftovers() {
      const { sweepLeftovers } = await import("./leftovers.ts");
      return await sweepLeftovers(world);
    },
    async watchOver(signal) {
      const { watchOver } = await import("./watch-over.ts");
      return await watchOver(world, signal);
    },
    async reset(record, signal) {
      const { resetCounters } = await import("./reset.ts");
      await resetCounters(world, record, signal);
      return summaryOf(record);
    },
    keepWatch: () => keepWatch(world),
    async signal(record, signal) {
      const { signalProcess } = await import("./signal-process.ts");
      return signalProcess(world, recordMeant(world, record.name, record), signal);
    },
    async inspect(record) {
      const { inspect } = await import("./inspect.ts");
      return inspect(world, goodRecord(world, record.name) ?? record);
    },
    async why(target, signal) {
      const { whyOf } = await import("./why-of.ts");
      return { why: await whyOf(world, target, signal), now: platform.clock.nowMs() / 1000 };
    },
    async whyPort(port, signal) {
      const { whyPort } = await import("./why-port.ts");
      return await whyPort(world, port, signal);
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
    async foreignOwner() {
      const { foreignOwner } = await import("./command-note.ts");
      return foreignOwner(world);
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
    async listSettings() {
      const { allSettings } = await import("./configure.ts");
      return allSettings(world);
    },
    async changeSetting(name, value) {
      const { changeSetting } = await import("./configure.ts");
      return await changeSetting(world, name, value);
    },
    async changeMeaning(table, name, meaning) {
      const { changeMeaning } = await import("./configure.ts");
      await changeMeaning(world, table, name, meaning);
    },
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
      return await setLimits(world, record, limits, signal);
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
