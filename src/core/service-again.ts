import { refuseBadLogs } from "./asked-logs.ts";
import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import type { LaunchSpec } from "./launch.ts";
import { readWords } from "./launch-words.ts";
import { limitsAgain } from "./limits.ts";
import { isLive, observe } from "./observe.ts";
import { plainRequest } from "./plain-request.ts";
import type { StartRequest } from "./plan.ts";
import { defaultPolicy, readPolicy } from "./policy.ts";
import { preHookAgain } from "./pre-hook.ts";
import type { ProcessRecord } from "./process.ts";
import { quoteWord } from "./quote.ts";
import { readRecords } from "./records.ts";
import { type AskedOfService, readAsked } from "./service-asked.ts";
import { neededBy } from "./service-graph.ts";
import { serviceFileOf } from "./service-of.ts";
import { readToStart, type StartableService } from "./service-read.ts";
import { type StartedService, serviceSpec } from "./service-start.ts";
import { placeOfFile } from "./service-store.ts";
import type { World } from "./world.ts";

/** A service that is started again, as its file says now. */
export interface ServiceAgain {
  /** undefined: its file is gone, and it is as it was. */
  readonly spec: LaunchSpec | undefined;
  readonly service: StartedService;
}

/** What is to be known for that. */
interface Again {
  readonly settleMs: number;
  readonly restarts: number;
  readonly updateEnv: boolean;
  readonly noExec: boolean;
}

/**
 * What a process that was started as a service should be by its file of now: its name, what was asked for beside the
 * file, its limits and its logs stay.
 * @returns undefined when it is no service.
 * @throws TsmError when the file says what nobody can follow.
 */
export async function serviceAgain(
  world: World,
  record: ProcessRecord,
  again: Again,
  signal: AbortSignal,
): Promise<ServiceAgain | undefined> {
  const { files } = world.platform;
  const { launch } = processPaths(world.home, record.name);
  const file = serviceFileOf(world, record.name);
  const asked = readAsked(files, launch);
  if (file === "" || asked === undefined) return undefined;
  const place = placeOfFile(world, file, file);
  const told = { ref: place.ref, file, alreadyRunning: false };
  if (files.kind(file) !== "file")
    return { spec: undefined, service: { ...told, name: record.name, ran: null, gone: true } };
  try {
    const startable = await readToStart(world, place, again.noExec || asked.noExec, signal);
    const { definition, ran } = startable;
    return {
      spec: specAgain(world, record, startable, asked, again),
      service: {
        ...told,
        name: asked.name ?? definition.processName,
        ran: ran === undefined ? null : `line ${ran.line}: ${ran.what}`,
        gone: false,
      },
    };
  } catch (error) {
    if (!(error instanceof TsmError) || !isLive(observe(record, world.platform.processes))) throw error;
    const { code, message, hint, block, exitCode } = error;
    const left = `'${record.name}' goes on as it was`;
    throw new TsmError(code, message, { block, exitCode, hint: hint === undefined ? left : `${hint}\n  ${left}` });
  }
}

function specAgain(
  world: World,
  record: ProcessRecord,
  startable: StartableService,
  asked: AskedOfService,
  { settleMs, restarts, updateEnv }: Again,
): LaunchSpec {
  const { files } = world.platform;
  const paths = processPaths(world.home, record.name);
  const policy = readPolicy(files, paths.launch, record.restart_policy);
  refuseBadLogs(files, policy.streams, paths);
  const { flags, from, ...said } = asked;
  const { oversight } = policy;
  const preHook = preHookAgain(world, record, paths.launch);
  const request: StartRequest = {
    ...plainRequest(settleMs),
    ...said,
    preHook: preHook.asked ? preHook.file || "none" : undefined,
    policy: {
      ...policy,
      restart: flags.includes("restart") ? policy.restart : defaultPolicy.restart,
      restartAsked: flags.includes("restart"),
      oversight: {
        ...oversight,
        ready: flags.includes("ready") ? oversight.ready : null,
        health: flags.includes("health") ? oversight.health : null,
        maxMemory: flags.includes("maxMemory") ? oversight.maxMemory : null,
      },
    },
    dependsOn: neededProcesses(world, startable),
  };
  const env = updateEnv ? world.env : environmentOf(world, record, paths.launch);
  const spec = serviceSpec({ ...world, cwd: from, env }, startable, request);
  return {
    ...spec,
    name: record.name,
    policy: { ...spec.policy, limits: limitsAgain(world, policy.limits), streams: policy.streams },
    restarts,
  };
}

/** With which it was started, before its env file and ours. */
function environmentOf(world: World, record: ProcessRecord, launch: string): Record<string, string> {
  const pairs = readWords(world, launch, "env");
  if (pairs === undefined)
    throw new TsmError("BAD_DATA", `the launch files of '${record.name}' are missing`, {
      hint: `tsm delete ${quoteWord(record.name)}, then start it anew`,
    });
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

/** Of what it depends on by now, the processes that there are. */
function neededProcesses(world: World, { place, definition }: StartableService): string[] {
  const needed = definition.depends.map((word) => neededBy(world, place, word).file);
  const { records } = needed.length === 0 ? { records: [] } : readRecords(world);
  return records.filter(({ name }) => needed.includes(serviceFileOf(world, name))).map(({ name }) => name);
}
