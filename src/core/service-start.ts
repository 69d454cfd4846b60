import { basename, resolve } from "node:path";
import { checkCron } from "./cron.ts";
import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { type Launched, type LaunchSpec, launch } from "./launch.ts";
import { readWords } from "./launch-words.ts";
import { withoutOne } from "./names.ts";
import { isLive, observe } from "./observe.ts";
import { plainRequest } from "./plain-request.ts";
import { folderOf, plan, type StartRequest } from "./plan.ts";
import type { ProcessRecord } from "./process.ts";
import { findProgram } from "./program.ts";
import { plainWords, quoteWord } from "./quote.ts";
import { goodRecord, readRecords } from "./records.ts";
import { askedOf } from "./service-asked.ts";
import { envFileOf, type ServiceDefinition } from "./service-definition.ts";
import { serviceFileOf } from "./service-of.ts";
import type { StartableService } from "./service-read.ts";
import { waitFor } from "./wait-for.ts";
import type { World } from "./world.ts";

/** What is said of a process that was started as a service. */
export interface StartedService {
  readonly ref: string;
  readonly file: string;
  /** As the service calls it, without the port. */
  readonly name: string;
  /** It ran already, and was left as it is. */
  readonly alreadyRunning: boolean;
  /** Why bash had to run the file to read it; null: it did not. */
  readonly ran: string | null;
  /** Its file is gone: it was started again as it was. */
  readonly gone: boolean;
}

/** A process that is up, and the service that it is. */
export interface LaunchedService extends Pick<Launched, "record" | "replaced"> {
  readonly service: StartedService;
}

/**
 * Starts one service, whatever it depends on; what runs already is waited for until it is up.
 * @param request what was asked for beside the service: it wins over what its file says.
 */
export async function startService(
  world: World,
  startable: StartableService,
  request: StartRequest,
  signal: AbortSignal,
): Promise<LaunchedService> {
  const { place, definition, ran } = startable;
  const service = {
    ref: place.ref,
    file: place.file,
    name: request.name ?? definition.processName,
    ran: ran === undefined ? null : `line ${ran.line}: ${ran.what}`,
    gone: false,
  };
  const already = async (record: ProcessRecord): Promise<LaunchedService> => ({
    record: await untilUp(world, record, signal),
    replaced: undefined,
    service: { ...service, alreadyRunning: true },
  });
  // Another name or port is another one of it.
  const running = request.name === undefined && request.port === undefined ? liveOf(world, place.file) : undefined;
  if (running !== undefined) return await already(running);
  const spec = serviceSpec(world, startable, request);
  const { cron } = spec.policy.oversight;
  if (cron !== null) await checkCron(cron);
  const holder = goodRecord(world, spec.name);
  if (holder !== undefined && isRunning(world, holder) && serviceFileOf(world, holder.name) === place.file)
    return await already(holder);
  const byHand = request.name === undefined ? startedByHand(world, definition.processName, spec) : undefined;
  if (byHand !== undefined) return await already(byHand);
  try {
    return { ...(await launch(world, spec, signal)), service: { ...service, alreadyRunning: false } };
  } catch (error) {
    if (!(error instanceof TsmError) || error.code !== "ALREADY_RUNNING") throw error;
    // The very same, started by hand or a moment ago by somebody else.
    const record = goodRecord(world, spec.name);
    if (record === undefined) throw error;
    return await already(record);
  }
}

/** The process that `start` of a service takes for it, though nobody has started it as one. */
export function byHandOf(world: World, startable: StartableService): ProcessRecord | undefined {
  const spec = serviceSpec(world, startable, plainRequest(0));
  return sameAs(world, spec.name, spec) ?? startedByHand(world, startable.definition.processName, spec);
}

/** What runs as NAME and not as NAME-auto, and was saved as this service. */
function startedByHand(world: World, name: string, spec: LaunchSpec): ProcessRecord | undefined {
  return spec.port === "none" ? sameAs(world, name, spec) : undefined;
}

/** Of this name, and by hand: the very same command in the same folder. */
function sameAs(world: World, name: string, { argv, cwd }: LaunchSpec): ProcessRecord | undefined {
  const record = goodRecord(world, name);
  if (record === undefined || record.cwd !== cwd || !isRunning(world, record)) return undefined;
  if (serviceFileOf(world, name) !== "") return undefined;
  const words = readWords(world, processPaths(world.home, name).launch, "argv") ?? [];
  return words.length === argv.length && words.every((word, index) => word === argv[index]) ? record : undefined;
}

function liveOf(world: World, file: string): ProcessRecord | undefined {
  return readRecords(world).records.find(
    (record) => serviceFileOf(world, record.name) === file && isRunning(world, record),
  );
}

function isRunning({ platform }: World, record: ProcessRecord): boolean {
  return isLive(observe(record, platform.processes));
}

/** @throws TsmError when it is not up and will not be soon. */
async function untilUp(world: World, record: ProcessRecord, signal: AbortSignal): Promise<ProcessRecord> {
  if (observe(record, world.platform.processes).kind === "waiting") {
    throw new TsmError("ALREADY_RUNNING", `'${record.name}' has ended and waits to be started again`, {
      hint: `tsm logs ${quoteWord(record.name)} shows why, tsm restart ${quoteWord(record.name)} does it now`,
      candidates: [{ id: record.tsm_id, name: record.name }],
    });
  }
  await waitFor(world, record.name, { kind: "online" }, mostWaitMs, signal);
  return goodRecord(world, record.name) ?? record;
}

/** For what somebody else has started and is not up yet. */
const mostWaitMs = 60_000;

/** The service's words and the person's, in the form in which everything is started. */
export function serviceSpec(world: World, { place, definition }: StartableService, asked: StartRequest): LaunchSpec {
  const { policy } = asked;
  const { oversight } = policy;
  const cwd = asked.cwd ?? (definition.cwd === "." || definition.cwd === "" ? undefined : definition.cwd);
  if (asked.cwd === undefined) folderOf(world, cwd, `TSM_CWD of ${place.file} names it`);
  const request: StartRequest = {
    ...asked,
    words: definition.command,
    beforeDashes: definition.command.length,
    name: asked.name ?? definition.processName,
    port: asked.port ?? definition.port,
    env: envOf(world, asked, definition, resolve(world.cwd, cwd ?? "")),
    cwd,
    policy: {
      ...policy,
      restart: policy.restartAsked ? policy.restart : (definition.restart ?? policy.restart),
      restartAsked: policy.restartAsked || definition.restart !== undefined,
      oversight: {
        ...oversight,
        ready: oversight.ready ?? definition.ready ?? null,
        health: oversight.health ?? definition.health ?? null,
        maxMemory: oversight.maxMemory ?? definition.maxMemory ?? null,
      },
    },
    service: place.file,
  };
  const { before } = definition;
  const spec = before === undefined ? named(world, request, asked) : behind(world, request, asked, before);
  return { ...spec, asked: askedOf(world.cwd, asked) };
}

/** NAME-PORT; NAME-auto where there is no port, unless the person chose the name. */
function named(world: World, request: StartRequest, asked: StartRequest): LaunchSpec {
  const spec = plan(world, request);
  return spec.port !== "none" || asked.name !== undefined
    ? spec
    : plan(world, { ...request, name: `${request.name}${withoutOne}` });
}

/** TSM_PRE_COMMAND, then the command in its place: what the first sets, its PATH too, the second has. */
function behind(world: World, request: StartRequest, asked: StartRequest, before: string): LaunchSpec {
  const words = plainWords(request.words[0] ?? "") ?? request.words.slice(0, 1);
  const typed = words[0] ?? "";
  let spec: LaunchSpec;
  try {
    spec = named(world, request, asked);
  } catch (error) {
    // Perhaps it is in the PATH of the pre-command alone.
    if (!(error instanceof TsmError) || error.code !== "NO_FILE" || typed.includes("/")) throw error;
    const rest = [...words, ...request.words.slice(1)];
    spec = named(world, { ...request, words: ["bash", "-c", 'exec "$@"', "bash", ...rest] }, asked);
  }
  const [program = "", ...args] = spec.argv;
  const { files } = world.platform;
  const path = spec.env["PATH"] ?? "";
  const bash = findProgram({ words: ["bash"], cwd: spec.cwd, interpreter: undefined, path, files }).interpreter;
  const found = basename(program);
  const isByName = !typed.includes("/") && [typed, `${typed}3`].includes(found);
  const script = [before, afterwards, ...(isByName && found !== typed ? [orElse(found)] : []), 'exec "$@"'].join("\n");
  // A pre-hook must not look this bash up again.
  return { ...spec, lookup: "", argv: [bash, "-c", script, "bash", isByName ? typed : program, ...args] };
}

const afterwards = `tsm_status=$?
if [ "$tsm_status" -ne 0 ]; then
  echo "tsm: TSM_PRE_COMMAND ended with $tsm_status" >&2
  exit "$tsm_status"
fi`;

/** `python` where there is only `python3`. */
function orElse(found: string): string {
  return `command -v "$1" >/dev/null || { shift; set -- ${found} "$@"; }`;
}

/** --env, else what the service says. */
function envOf(
  { platform: { files } }: World,
  asked: StartRequest,
  definition: ServiceDefinition,
  cwd: string,
): string | undefined {
  if (asked.env !== undefined) return asked.env === "none" ? undefined : asked.env;
  const file = envFileOf(definition, cwd);
  if (file === undefined || files.kind(file) === "file") return file;
  throw new TsmError("NO_FILE", `❌ Env file not found: ${file}`, {
    block: true,
    exitCode: 1,
    hint: "TSM_ENV=none in the service, or --env none, starts it without one",
  });
}
