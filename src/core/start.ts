import { resolve } from "node:path";
import { recordsOfApp } from "./app-records.ts";
import { checkCron } from "./cron.ts";
import { isErrno, TsmError } from "./errors.ts";
import { type Launched, type LaunchSpec, launch } from "./launch.ts";
import { refuseUnrecorded } from "./lost-record.ts";
import { isName, withoutPort } from "./names.ts";
import { isLive, observe } from "./observe.ts";
import { plan, type StartRequest } from "./plan.ts";
import { firstFreePort, withFreePort } from "./port-allocation.ts";
import { defaultNamespace, type ProcessRecord } from "./process.ts";
import { lockPort } from "./process-lock.ts";
import { quoteLine, quoteWord } from "./quote.ts";
import { readRecords } from "./records.ts";
import { isPattern, matchByParts, wordsOf } from "./resolve.ts";
import { maskedArguments } from "./secrets.ts";
import type { StartedService } from "./service-start.ts";
import type { ServicePlace } from "./service-store.ts";
import { specOf } from "./spec-of.ts";
import type { World } from "./world.ts";

/** A process that is up, and the service that it was started as. */
export interface StartedProcess extends Launched {
  readonly service: StartedService | null;
}

/**
 * What `start` was asked for: something new, the name of a process that rests, or a service.
 * @returns it, behind what it depends on and had to be started.
 */
export async function start(world: World, request: StartRequest, signal: AbortSignal): Promise<StartedProcess[]> {
  const { allocate, ...plain } = request;
  if (allocate !== undefined) {
    const wanted = { range: allocate, name: request.name, replaces: replacedBy(world, plain) };
    return await withFreePort(world, wanted, (port) => start(world, { ...plain, port, allocated: true }, signal));
  }
  const { cron } = request.policy.oversight;
  if (cron !== null) await checkCron(cron);
  const place = await serviceMeant(world, request);
  if (place !== undefined) return await startWithNeeds(world, place, request, signal);
  const [existing] = existingProcesses(world, request) ?? [];
  if (existing === undefined) return [{ ...(await startAnew(world, request, signal)), service: null }];
  const { startAgain } = await import("./start-again.ts");
  const started = await startAgain(world, existing.name, request, signal);
  return started.map((each) => ({ ...each, replaced: undefined }));
}

async function startAnew(world: World, request: StartRequest, signal: AbortSignal): Promise<Launched> {
  const spec = await planAnew(world, request);
  const begin = async (meant: LaunchSpec): Promise<Launched> => {
    if (request.noAutostart !== true) return await launchOnPort(world, meant, signal);
    const { putOnRecord } = await import("./put-on-record.ts");
    return { record: await putOnRecord(world, meant, signal), replaced: undefined };
  };
  const base = request.name ?? withoutPort(spec.name, spec.port);
  let meant = spec;
  for (let number = 1; ; number += 1) {
    try {
      return await begin(meant);
    } catch (error) {
      const isTaken = error instanceof TsmError && ["ALREADY_RUNNING", "NAME_TAKEN"].includes(error.code);
      if (!isTaken || request.force !== true) throw error;
      meant = plan(world, { ...request, name: `${base}-${number}` });
    }
  }
}

/** Of several for one port the first one begins. The others learn that it is held, and leave nothing behind. */
async function launchOnPort(world: World, spec: LaunchSpec, signal: AbortSignal): Promise<Launched> {
  // What was allocated is held already.
  const isHeld = spec.port === "none" || spec.allocated === true;
  const release = isHeld ? undefined : await lockPort(world, spec.port, signal);
  try {
    return await launch(world, spec, signal);
  } finally {
    release?.();
  }
}

/** @throws TsmError as `plan` does; where its first word is a process or a service, one that says so. */
async function planAnew(world: World, request: StartRequest): Promise<LaunchSpec> {
  try {
    return plan(world, request);
  } catch (error) {
    const [word = "", ...more] = request.words;
    if (!(error instanceof TsmError) || error.code !== "NO_FILE" || more.length === 0) throw error;
    if (recordsMeant(world, word).length > 0) throw noOtherWords(word, more);
    const { servicesNamed } = await import("./service-store.ts");
    if (servicesNamed(world, word).length === 0) throw error;
    throw new TsmError("USAGE", `'${word}' is a service, and '${more[0]}' behind it means nothing`, {
      hint: `tsm edit ${quoteWord(word)} changes what it runs`,
    });
  }
}

function noOtherWords(word: string, more: readonly string[]): TsmError {
  return new TsmError("USAGE", `'${word}' is a process, and start gives it no other words`, {
    hint: `tsm restart ${quoteLine([word, "--", ...more])} does`,
  });
}

/**
 * The processes that all the words name, as long as the first is no script or program: `start api 3 /^web/` starts them
 * again. undefined: something new is meant, or a service.
 */
export async function namedProcesses(
  world: World,
  request: StartRequest,
): Promise<readonly ProcessRecord[] | undefined> {
  const existing = existingProcesses(world, request);
  if (existing === undefined || (await serviceMeant(world, request)) !== undefined) return undefined;
  const [word = ""] = request.words;
  // Digits are an id first, also one whose record cannot be read.
  if (/^\d+$/.test(word) && !existing.some(({ tsm_id: id }) => String(id) === word)) refuseUnrecorded(world, word);
  return existing;
}

/** What rests under the very name that this would have is started again, and on the port that it had. */
function replacedBy(world: World, request: StartRequest): (record: ProcessRecord) => boolean {
  return (record) => {
    if (record.port === "none" || isLive(observe(record, world.platform.processes))) return false;
    try {
      return plan(world, { ...request, port: record.port }).name === record.name;
    } catch (error) {
      // A service, or what cannot be started: whoever starts it says so.
      if (!(error instanceof TsmError)) throw error;
      return false;
    }
  };
}

async function startWithNeeds(
  world: World,
  place: ServicePlace,
  request: StartRequest,
  signal: AbortSignal,
): Promise<StartedProcess[]> {
  const { startInOrder } = await import("./service-graph.ts");
  const { plainRequest } = await import("./plain-request.ts");
  const plain = forNeeded(plainRequest(request.settleMs), request);
  const requestFor = ({ file }: ServicePlace) => (file === place.file ? request : plain);
  const outcomes = await startInOrder(world, [place], requestFor, signal);
  // The last one is what was asked for; its error names what it depends on.
  const asked = outcomes.at(-1)?.result;
  if (asked instanceof TsmError) throw asked;
  return outcomes.flatMap(({ result }) => (result instanceof TsmError ? [] : [result]));
}

/** What is said of the start itself, and not of the service, holds for what it depends on too. */
function forNeeded(plain: StartRequest, { noExec, policy: { oversight } }: StartRequest): StartRequest {
  const { readyTimeoutMs } = oversight;
  return { ...plain, noExec, policy: { ...plain.policy, oversight: { ...plain.policy.oversight, readyTimeoutMs } } };
}

/**
 * A `.tsm` file, ORG/NAME, or the NAME of a service. A script or program of that name comes first, and so does a process
 * that is another's.
 */
async function serviceMeant(world: World, request: StartRequest): Promise<ServicePlace | undefined> {
  const [word = ""] = request.words;
  const isOne = request.words.length === 1 && request.beforeDashes === undefined && request.interpreter === undefined;
  const isFile = word.endsWith(".tsm");
  const isRef = /^[^./~\s][^/]*\/[^/]+$/.test(word);
  // With a blank it may be a command: then it is a service only where there is one.
  const mayBeLine = /\s/.test(word);
  if (!isOne || !(isFile || isRef || isName(word))) return undefined;
  const store = await import("./service-store.ts");
  const path = resolve(world.cwd, word);
  if (isFile && isFileAt(world, path)) return store.placeOfFile(world, path, word);
  if (isFile && !mayBeLine && /^[./~]/.test(word)) throw store.noService(world, word, store.serviceNotFound);
  const found = store.servicesNamed(world, word);
  if (found.length === 0) {
    const [org = ""] = word.split("/");
    if (isRef && !mayBeLine && !isFileAt(world, path) && store.orgExists(world, org))
      throw store.noService(world, word, store.serviceNotFound);
    return undefined;
  }
  if (isRef ? isFileAt(world, path) : isProgram(world, request)) return undefined;
  const { serviceFileOf } = await import("./service-of.ts");
  const files = found.map(({ file }) => file);
  const isOthers = recordsNamed(world, word).some(({ name }) => !files.includes(serviceFileOf(world, name)));
  return !isRef && isOthers ? undefined : store.oneService(world, word, store.serviceNotFound);
}

function isFileAt({ platform: { files } }: World, path: string): boolean {
  try {
    return files.kind(path) === "file";
  } catch (error) {
    if (isErrno(error, "EACCES", "ELOOP", "ENAMETOOLONG")) return false;
    throw error;
  }
}

/** Is there a script or a program of this name? What a hook might bring is none: a word may name more than that. */
function isProgram(world: World, request: StartRequest): boolean {
  try {
    plan(world, { ...request, preHook: "none" });
    return true;
  } catch (error) {
    if (!(error instanceof TsmError) || error.code !== "NO_FILE") throw error;
    return false;
  }
}

function recordsNamed(world: World, word: string): ProcessRecord[] {
  return readRecords(world).records.filter(
    (record) =>
      String(record.tsm_id) === word || record.name === word || withoutPort(record.name, record.port) === word,
  );
}

/** What would be started. */
export interface PlannedStart {
  readonly name: string;
  /** One shell-quoted line, secrets masked. */
  readonly command: string;
  readonly port: number | "none";
  readonly cwd: string;
  /** Absolute path, or "". */
  readonly envFile: string;
  /** Is it a process that rests, which is started again? */
  readonly again: boolean;
}

/** What `start` would do: looks at files and records, and changes nothing. @throws TsmError as `start` does */
export async function planStart(world: World, request: StartRequest): Promise<PlannedStart> {
  const { allocate, ...plain } = request;
  if (allocate !== undefined) {
    const wanted = { range: allocate, name: request.name, replaces: replacedBy(world, plain) };
    return await planStart(world, { ...plain, port: firstFreePort(world, wanted) });
  }
  const { cron } = request.policy.oversight;
  if (cron !== null) await checkCron(cron);
  const place = await serviceMeant(world, request);
  const existing = place === undefined ? existingProcesses(world, request)?.[0] : undefined;
  const { name, argv, port, cwd, envFile } =
    place !== undefined
      ? await plannedService(world, place, request)
      : existing === undefined
        ? await planAnew(world, request)
        : specOf(world, existing, 0, existing.restarts);
  return { name, command: quoteLine(maskedArguments(argv)), port, cwd, envFile, again: existing !== undefined };
}

/** Of a file that only bash can read nothing is run: it is refused. */
async function plannedService(world: World, place: ServicePlace, request: StartRequest): Promise<LaunchSpec> {
  const { readToStart } = await import("./service-read.ts");
  const { serviceSpec } = await import("./service-start.ts");
  const startable = await readToStart(world, place, true, new AbortController().signal);
  return serviceSpec(world, startable, request);
}

function existingProcesses(world: World, request: StartRequest): readonly ProcessRecord[] | undefined {
  const { name, beforeDashes, interpreter } = request;
  if (name !== undefined || beforeDashes !== undefined || interpreter !== undefined) return undefined;
  const words = request.words.flatMap((word) => wordsOf(word, readRecords(world).records));
  const found = words.map((word) => recordsMeant(world, word));
  // A script or program of this name comes first.
  if ((found[0] ?? []).length === 0 || (isProgram(world, request) && !isNameAtRest(world, words, found[0])))
    return undefined;
  const missing = words[found.findIndex((records) => records.length === 0)];
  // A long one that was ours has been taken already.
  if (missing?.startsWith("--") === true) throw noOtherWords(words[0] ?? "", words.slice(1));
  if (missing?.startsWith("-") === true) {
    throw new TsmError("USAGE", `'${missing}' behind the process '${words[0]}' is a word of ours only before it`, {
      hint: `tsm start ${quoteLine([...words.slice(1), words[0] ?? ""])}`,
    });
  }
  if (missing !== undefined) {
    throw new TsmError("NOT_FOUND", `process '${missing}' not found`, {
      hint: `'${words[0]}' is a process, and so all of these have to be: tsm list all shows every process`,
    });
  }
  return [...new Map(found.flat().map((record) => [record.name, record])).values()];
}

/** The whole name of what rests, by itself, means that, and no program that PATH happens to have; a file that is here does. */
function isNameAtRest(world: World, words: readonly string[], found: readonly ProcessRecord[] = []): boolean {
  const [word = "", more] = words;
  const [record, another] = found;
  // With a blank in it it may be a command.
  if (record?.name !== word || /\s/.test(word) || more !== undefined || another !== undefined) return false;
  return !isFileAt(world, resolve(world.cwd, word)) && !isLive(observe(record, world.platform.processes));
}

/** None where a part of a name could mean several: a start guesses nothing. */
function recordsMeant(world: World, word: string): readonly ProcessRecord[] {
  const { records } = readRecords(world);
  const instances = recordsOfApp(world, word, records).map(({ record }) => record);
  if (instances.length > 1) return instances;
  const named = recordsNamed(world, word);
  // As for every other verb: digits are an id first.
  const exact = named.find((record) => String(record.tsm_id) === word) ?? named.find((record) => record.name === word);
  if (exact !== undefined) return [exact];
  if (named.length > 0) return named.length === 1 ? named : [];
  if (instances.length > 0) return instances;
  // A shell string, in which a * is the shell's.
  if (/\s/.test(word)) return [];
  const together = records.filter(({ namespace = defaultNamespace }) => namespace === word);
  if (together.length > 0 || !isPattern(word)) return together;
  const match = matchByParts(word, records);
  return match?.kind === "exact" ? match.records : [];
}
