import { resolve } from "node:path";
import type { FileKind, Identity } from "../platform/platform.ts";
import { readDeeds } from "./deeds.ts";
import { isErrno, TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { readWords } from "./launch-words.ts";
import { lastLife } from "./log-life.ts";
import { stripColours } from "./log-lines.ts";
import type { LogRequest } from "./log-request.ts";
import { readLogs } from "./logs.ts";
import { isLive, livingIdentity, observe } from "./observe.ts";
import { writtenOversight } from "./oversight.ts";
import { readEnvFile } from "./plan.ts";
import { knownPolicy } from "./policy.ts";
import { lookForOwners } from "./port-owners.ts";
import type { Observed, ProcessRecord } from "./process.ts";
import { quoteLine } from "./quote.ts";
import { readRecords } from "./records.ts";
import { endingOf } from "./script-endings.ts";
import { isSecretName, maskedArguments, maskedLine } from "./secrets.ts";
import { neededBy } from "./service-graph.ts";
import { serviceFileOf } from "./service-of.ts";
import { readService } from "./service-read.ts";
import { placeOfFile, type ServicePlace } from "./service-store.ts";
import { readSightings } from "./sightings.ts";
import { type Silent, silent } from "./silent.ts";
import { familyOf, tableOf } from "./tree.ts";
import { unanswered } from "./unanswered.ts";
import { type Holder, lastEvent, type Need, type WhyFacts } from "./why-facts.ts";
import { journalOf } from "./why-journal.ts";
import { killedSaid } from "./why-words.ts";
import type { World } from "./world.ts";

/** Asks everybody who may know something of this process. Changes nothing. */
export async function gather(world: World, record: ProcessRecord, signal: AbortSignal): Promise<WhyFacts> {
  const { platform, home } = world;
  const { files, processes, ports, clock } = platform;
  const paths = processPaths(home, record.name);
  const observed = observe(record, processes);
  const identity = livingIdentity(observed);
  const table = tableOf(processes.table());
  const family = identity === undefined ? [] : familyOf(identity, table);
  const policy = knownPolicy(files, paths.launch, record.restart_policy);
  const journal = journalOf(world, record.name, record.created);
  const isOver = observed.kind === "stopped" || observed.kind === "crashed" || isCountingDown(observed);
  const run = runAskedAbout(world, record, isOver ? lastEvent({ journal }, "exit")?.run : undefined);
  const own = record.port === "none" ? null : record.port;
  const ownPorts = ports.portsOf(family.map(({ pid }) => pid));
  const isHeldByOther = own !== null && !ownPorts.includes(own);
  const suspended = identity !== undefined && table.byPid.get(identity.pid)?.suspended === true;
  const asksAt = identity !== undefined && !suspended && own !== null && ownPorts.includes(own) ? own : null;
  const isKilled = record.last_exit?.signal === "SIGKILL" && record.last_exit.by === "crash" && isOver;
  const said = await lastSaid(world, record, run, signal);
  const asksKernel = isKilled || (isOver && said.lines.some((line) => killedSaid.test(line)));
  const holderOf = (port: number) => holderNow(world, port);
  const waits =
    identity === undefined || asksAt === null ? undefined : await unanswered(world, identity, asksAt, signal);
  const mute =
    identity === undefined || asksAt === null || waits !== undefined
      ? undefined
      : await silentAt(world, record, identity, asksAt, signal);
  return {
    record,
    status: observed.kind,
    supervised: !("supervised" in observed) || observed.supervised,
    now: clock.nowMs() / 1000,
    upFor: identity === undefined ? null : Math.floor(processes.ages()(identity) / 1000),
    suspended,
    retryInMs: retryInMs(observed, clock.sinceBootMs()),
    rebooted: record.boot_id !== processes.bootId(),
    run: run ?? null,
    stopExitCodes: policy.stopExitCodes,
    oversight: writtenOversight(policy.oversight),
    sightings: readSightings(world, record.name),
    journal,
    deed: deedOf(world, record),
    said,
    program: programOf(world, record),
    script: scriptOf(world, record),
    cwd: kindOf(world, record.cwd),
    manifests: manifestNames.filter((name) => kindOf(world, `${record.cwd}/${name}`) === "file"),
    cwdAccess: accessOf(world, record.cwd),
    envProblem: envProblem(world, record),
    hook: hookOf(world, record),
    holder: isHeldByOther ? holderOf(own) : null,
    ownPorts,
    unanswered: waits ?? null,
    silent: mute ?? null,
    freeBytes: files.freeBytes(home.root),
    memoryKills: asksKernel ? await platform.memoryKills() : undefined,
    groupKills: isKilled ? await groupKills(world, record) : undefined,
    needs: needsOf(world, record),
    holderOf,
  };
}

async function groupKills(world: World, { name }: ProcessRecord): Promise<WhyFacts["groupKills"]> {
  if (kindOf(world, processPaths(world.home, name).memory) !== "file") return undefined;
  const { killsInGroup } = await import("./held-memory.ts");
  return await killsInGroup(world, name);
}

const manifestNames = ["package.json", "requirements.txt", "pyproject.toml"];

function isCountingDown(observed: Observed): boolean {
  return observed.kind === "waiting" && observed.retryAt !== undefined;
}

function retryInMs(observed: Observed, sinceBootMs: number | undefined): number | null {
  if (observed.kind !== "waiting" || observed.retryAt === undefined) return null;
  // Where runners have no clock that others share, it is only known that it waits.
  return sinceBootMs === undefined ? 0 : Math.max(0, Math.round(observed.retryAt - sinceBootMs));
}

/** @param ended the last that the journal saw end */
function runAskedAbout(world: World, { name }: ProcessRecord, ended: number | undefined): number | undefined {
  const { folder } = processPaths(world.home, name);
  const last = quietly(() => lastLife(world.platform.files, folder, "err")?.run, undefined);
  return ended ?? last;
}

/** Of the life that was ended, if it was the last: an older command says nothing of this end. */
function deedOf(world: World, record: ProcessRecord): WhyFacts["deed"] {
  for (const { verb, by, at, processes } of quietly(() => readDeeds(world), [])) {
    const before = processes.find(({ name }) => name === record.name)?.record;
    if (before?.created !== record.created) continue;
    const { life } = before;
    // What waited for its next start had no life.
    if (life !== undefined && (life.pid !== record.pid || life.startMark !== record.start_mark)) continue;
    return { verb, by, at: at / 1000 };
  }
  return null;
}

const linesRead = 40;

/** The end of what that life wrote to stderr; to stdout, when it wrote nothing there. */
async function lastSaid(
  world: World,
  record: ProcessRecord,
  run: number | undefined,
  signal: AbortSignal,
): Promise<WhyFacts["said"]> {
  const secrets = knownSecrets(world, record);
  for (const stream of ["err", "out"] as const) {
    const lines = await linesOf(world, record, stream, run, signal);
    const said = lines
      .map((line) => maskedLine(stripColours(line.slice(0, longest)), secrets))
      .filter((line) => line.trim() !== "");
    if (said.length > 0) return { stream: stream === "err" ? "stderr" : "stdout", lines: said };
  }
  return { stream: "stderr", lines: [] };
}

/** Of a line; a program may write megabytes without a newline. */
const longest = 2000;

async function linesOf(
  world: World,
  record: ProcessRecord,
  stream: "out" | "err",
  run: number | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const request: LogRequest = {
    records: [record],
    patterns: [],
    streams: [stream],
    lines: linesRead,
    follow: false,
    since: undefined,
    until: undefined,
    run: run ?? "last",
    crash: false,
    filter: { pattern: undefined, invert: false, context: 0, level: undefined },
    withLevels: false,
  };
  const found: string[] = [];
  try {
    for await (const { lines } of readLogs(world, request, signal)) found.push(...lines.map(({ text }) => text));
  } catch (error) {
    // A log that cannot be told apart into lives says nothing about this one.
    if (!(error instanceof TsmError) && !isErrno(error, ...unreadable)) throw error;
    return [];
  }
  return found;
}

const unreadable = ["EISDIR", "ENOTDIR", "EACCES", "EPERM", "ELOOP", "EIO", "ENAMETOOLONG"];

/** What says which protocol it speaks is read where nobody has asked it anyway. */
export async function silentAt(
  world: World,
  record: ProcessRecord,
  identity: Identity,
  port: number,
  signal: AbortSignal,
): Promise<Silent | undefined> {
  const { health: seen } = readSightings(world, record.name);
  // It is asked already, by what its owner calls a good question.
  if (seen !== null && seen.why === null && seen.at >= record.start_time) return undefined;
  const run = runAskedAbout(world, record, undefined);
  const { oversight } = knownPolicy(world.platform.files, processPaths(world.home, record.name).launch, "no");
  const { ready, health } = writtenOversight(oversight);
  const secrets = knownSecrets(world, record);
  const lines: { stream: "stderr" | "stdout"; text: string }[] = [];
  for (const stream of ["out", "err"] as const)
    for (const line of await linesOf(world, record, stream, run, signal))
      lines.push({
        stream: stream === "err" ? "stderr" : "stdout",
        text: maskedLine(stripColours(line.slice(0, longest)), secrets),
      });
  const script = textOf(world, scriptOf(world, record)?.path);
  return await silent(
    world,
    identity,
    port,
    { probes: [health, ready], lines, argv: argvOf(world, record), script },
    signal,
  );
}

/** What its variables hold under secret names; what is short would be found everywhere. */
function knownSecrets(world: World, { name }: ProcessRecord): string[] {
  const { launch } = processPaths(world.home, name);
  const entries = quietly(
    () => [...(readWords(world, launch, "env") ?? []), ...(readWords(world, launch, "overlay") ?? [])],
    [],
  );
  return entries.flatMap((entry) => {
    const at = entry.indexOf("=");
    const value = entry.slice(at + 1);
    return value.length >= 6 && isSecretName(entry.slice(0, at)) ? [value] : [];
  });
}

function programOf(world: World, record: ProcessRecord): WhyFacts["program"] {
  const path = argvOf(world, record)[0] ?? record.interpreter;
  const kind = kindOf(world, path);
  return { path, kind, executable: kind !== "file" || quietly(() => world.platform.files.isExecutable(path), true) };
}

/** The file that its interpreter reads; null when there is none, or nobody can tell. */
function scriptOf(world: World, record: ProcessRecord): WhyFacts["script"] {
  const [, word] = argvOf(world, record);
  if (record.process_type === "command" || word === undefined || word.startsWith("-") || /\s/.test(word)) return null;
  if (endingOf(word) === undefined) return null;
  const path = resolve(record.cwd, word);
  return { path, kind: kindOf(world, path) };
}

const scriptRead = 64 * 1024;

/** Its beginning; "" when it is no file that may be read. */
function textOf(world: World, path: string | undefined): string {
  if (path === undefined || kindOf(world, path) !== "file") return "";
  return quietly(() => {
    const file = world.platform.files.open(path, { followLinks: true });
    if (file === undefined) return "";
    try {
      const bytes = Buffer.alloc(scriptRead);
      return bytes.toString("utf8", 0, file.read(bytes, 0));
    } finally {
      file.close();
    }
  }, "");
}

function argvOf(world: World, { name }: ProcessRecord): string[] {
  return quietly(() => readWords(world, processPaths(world.home, name).launch, "argv"), undefined) ?? [];
}

function envProblem(world: World, { env_file: path }: ProcessRecord): string | null {
  try {
    readEnvFile(world, path, world.env);
    return null;
  } catch (error) {
    if (error instanceof TsmError) return error.message;
    if (isErrno(error, ...unreadable)) return `the env file ${path} cannot be read`;
    throw error;
  }
}

function hookOf(world: World, { name, prehook }: ProcessRecord): WhyFacts["hook"] {
  if (prehook === "") return "none";
  if (kindOf(world, prehook) === "missing") return "missing";
  const { launch, hooked } = processPaths(world.home, name);
  if (kindOf(world, `${launch}/hook`) !== "file") return "none";
  return (quietly(() => world.platform.files.stat(hooked)?.size, 0) ?? 0) === 0 ? "running" : "done";
}

function holderNow(world: World, port: number): Holder | null {
  const { ports, processes } = world.platform;
  const listeners = ports.listenersOn(port);
  if (listeners.length === 0) return null;
  const pid = listeners.find((each) => each.pid !== undefined)?.pid;
  if (pid === undefined) return { port, pid: null, command: "", name: null };
  const command = quoteLine(maskedArguments(processes.commandLine(pid) ?? [])).slice(0, 200);
  const owner = lookForOwners(world).of(pid);
  return { port, pid, command, name: owner?.kind === "managed" ? owner.record.name : null };
}

/** What its service depends on, as its file says now. */
function needsOf(world: World, { name }: ProcessRecord): Need[] {
  const file = quietly(() => serviceFileOf(world, name), "");
  return file === "" ? [] : needsOfService(world, placeOfFile(world, file, file));
}

/** A file that is gone or cannot be read names none. */
export function needsOfService(world: World, place: ServicePlace): Need[] {
  const depends = orNothing(() => readService(world, place).definition.depends) ?? [];
  const { records } = readRecords(world);
  return depends.map((word) => {
    const needed = orNothing(() => neededBy(world, place, word));
    const found = records.filter((record) => needed !== undefined && serviceFileOf(world, record.name) === needed.file);
    const states = found.map((record) => observe(record, world.platform.processes));
    return { ref: needed?.ref ?? word, status: (states.find(isLive) ?? states[0])?.kind ?? null };
  });
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TsmError || isErrno(error, "ENOENT", ...unreadable)) return undefined;
    throw error;
  }
}

/** What may not be looked at is not said to be gone. */
function accessOf(world: World, path: string): WhyFacts["cwdAccess"] {
  const { files } = world.platform;
  if (kindOf(world, path) === "missing" || files.isExecutable(path)) return "open";
  const mode = quietly(() => files.stat(path)?.mode, undefined);
  return mode !== undefined && (mode & 0o100) === 0 ? "closed to its owner" : "closed";
}

function kindOf(world: World, path: string): FileKind {
  return quietly(() => world.platform.files.kind(path), "other");
}

/** What may not be looked at says nothing. */
function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (isErrno(error, ...unreadable)) return otherwise;
    throw error;
  }
}
