import { alreadyRunning } from "./already-running.ts";
import { checkCron } from "./cron.ts";
import { TsmError } from "./errors.ts";
import { type Launched, launch } from "./launch.ts";
import { restartProcess, specOf } from "./lifecycle.ts";
import { withoutPort } from "./names.ts";
import { observe } from "./observe.ts";
import { plan, type StartRequest } from "./plan.ts";
import type { ProcessRecord } from "./process.ts";
import { quoteLine } from "./quote.ts";
import { readRecords } from "./records.ts";
import { maskedArguments } from "./secrets.ts";
import type { World } from "./world.ts";

/** What `start` was asked for: something new, or the name of a process that rests. */
export async function start(world: World, request: StartRequest, signal: AbortSignal): Promise<Launched> {
  const { cron } = request.policy.oversight;
  if (cron !== null) await checkCron(cron);
  const existing = existingProcess(world, request);
  if (existing === undefined) return await launch(world, plan(world, request), signal);
  const options = { timeoutSeconds: undefined, settleMs: request.settleMs, by: "user" } as const;
  return { record: await restartProcess(world, existing.name, options, signal), replaced: undefined };
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
  const { cron } = request.policy.oversight;
  if (cron !== null) await checkCron(cron);
  const existing = existingProcess(world, request);
  const { name, argv, port, cwd, envFile } =
    existing === undefined ? plan(world, request) : specOf(world, existing, 0, existing.restarts);
  return { name, command: quoteLine(maskedArguments(argv)), port, cwd, envFile, again: existing !== undefined };
}

/** `start api` where `api` is no file and no program but a process on record: it is started again. */
function existingProcess(world: World, request: StartRequest): ProcessRecord | undefined {
  const [word = ""] = request.words;
  if (request.words.length !== 1 || request.name !== undefined || word.includes("/") || /\s/.test(word))
    return undefined;
  const found = readRecords(world).records.filter(
    (record) =>
      String(record.tsm_id) === word || record.name === word || withoutPort(record.name, record.port) === word,
  );
  const record = found.find((each) => each.name === word) ?? found[0];
  if (record === undefined || (found.length > 1 && record.name !== word)) return undefined;
  try {
    plan(world, request);
    return undefined; // a script or program of this name comes first
  } catch (error) {
    if (!(error instanceof TsmError) || error.code !== "NO_FILE") throw error;
  }
  if (
    observe(record, world.platform.processes).kind !== "stopped" &&
    observe(record, world.platform.processes).kind !== "crashed"
  ) {
    throw alreadyRunning(record);
  }
  return record;
}
