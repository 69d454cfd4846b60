import { alreadyRunning } from "../core/already-running.ts";
import type { Engine, Started } from "../core/engine.ts";
import { TsmError } from "../core/errors.ts";
import { isLive } from "../core/observe.ts";
import type { StartRequest } from "../core/plan.ts";
import type { PolicyChanges } from "../core/policy-changes.ts";
import type { ProcessRecord } from "../core/process.ts";
import { quoteLine } from "../core/quote.ts";
import { type AppsDone, together } from "./apps-done.ts";
import type { Context, Rehearsing } from "./define.ts";
import { type Each, eachOf } from "./each.ts";
import { yeses } from "./parse.ts";
import { changesBeside } from "./policy-flags.ts";
import { orWhichOrg } from "./service-target.ts";
import { fileMeant, rehearseFile, startFile, startInstances } from "./start-apps.ts";
import { givenFlags, givenKeys, requestFrom, type StartValues } from "./start-flags.ts";

/** What a start has come to. */
export interface StartOutcome {
  readonly results: readonly Each<Started>[];
  /** Of them, those that ran before. */
  readonly again: readonly string[];
  readonly all: boolean;
  /** Where they are those of a file. */
  readonly apps?: AppsDone;
}

export async function startAll(values: StartValues, context: Context): Promise<StartOutcome> {
  const { engine } = context;
  const request = await withoutYes(requestFrom(values, engine), context);
  if (!engine.namesSeveralFiles(request)) return await startOne(values, request, context);
  const { eachWord } = await import("./several-starts.ts");
  const outcomes = await eachWord<StartOutcome>(
    request.words,
    (word) => startOne(values, { ...request, words: [word] }, context),
    (failure) => ({ results: [failure], again: [], all: true }),
  );
  const results = outcomes.flatMap((outcome) => outcome.results);
  const apps = outcomes.flatMap((outcome) => outcome.apps ?? []);
  return {
    results,
    again: outcomes.flatMap((outcome) => outcome.again),
    all: true,
    ...(apps.length === 0 ? {} : { apps: together(apps) }),
  };
}

async function startOne(values: StartValues, request: StartRequest, context: Context): Promise<StartOutcome> {
  const { engine, signal, placed, undoable } = context;
  const file = fileMeant(request, context);
  if (file !== undefined) {
    const apps = await startFile(file, { ...values, settleMs: request.settleMs, given: givenFlags(values) }, context);
    return { results: apps.results, again: [], all: true, apps };
  }
  if (values.only !== undefined)
    throw new TsmError("USAGE", "--only is for the apps of a file", { hint: "tsm start FILE --only api" });
  if (values.instances !== undefined) {
    if ((await engine.namedProcesses(request)) !== undefined) {
      throw new TsmError("USAGE", "--instances can be said of a new process, and not of one that is there", {
        hint: `tsm scale ${quoteLine(request.words)} ${values.instances}`,
      });
    }
    const apps = await startInstances(request, values.instances, context);
    return { results: apps.results, again: [], all: true, apps };
  }
  const options = { timeoutSeconds: undefined, settleMs: request.settleMs, updateEnv: values.updateEnv };
  /** @param running those of them that are to be restarted: of two who start what rests the second leaves it alone. */
  const restartEach = async (
    records: readonly ProcessRecord[],
    running: readonly ProcessRecord[],
    check = (record: ProcessRecord) => record,
    changes?: PolicyChanges,
  ) => {
    const turns = await engine.turns(records.map(({ name }) => name));
    return await eachOf(records, (record) =>
      turns.take(record.name, async (turn) => {
        const unlessLive = !running.includes(record);
        return await engine.restart(check(record), { ...options, changes, turn, unlessLive }, signal);
      }),
    );
  };
  if (request.words.some((word) => placed.includes(word))) {
    const records = await placedRecords(request.words, placed, engine);
    return { results: await restartEach(records, [], (record) => atRest(record, engine)), again: [], all: true };
  }
  if (meansAll(request)) return { results: await restartEach(engine.resting(), []), again: [], all: true };
  const [first = "", ...more] = request.words;
  return await orWhichOrg(first, context, "start", async (word): Promise<StartOutcome> => {
    const asked = { ...request, words: [word, ...more] };
    const named = await engine.namedProcesses(asked);
    const changes = named === undefined ? undefined : changesBeside(values, givenKeys(values));
    const meant = { ...asked, changes };
    const running = (named ?? []).filter((record) => isLive(engine.observe(record).observed));
    if (named === undefined || (named.length === 1 && running.length === 0)) {
      const started = await engine.start(meant, signal);
      return { results: started.map((done) => ({ name: done.name, done })), again: [], all: false };
    }
    const act = () => restartEach(named, running, undefined, changes);
    const results = await (running.length === 0 ? act() : undoable("restart", running, act));
    return { results, again: running.map(({ name }) => name), all: named.length > 1 };
  });
}

/** What it would do, in words that follow "would ". */
export async function rehearseStart(values: StartValues, rehearsing: Rehearsing): Promise<string> {
  const { engine, wouldStart, placed } = rehearsing;
  const request = await withoutYes(requestFrom(values, engine), rehearsing);
  if (engine.namesSeveralFiles(request)) return `start ${request.words.join(" and ")}, each by itself`;
  const file = fileMeant(request, rehearsing);
  if (file !== undefined)
    return await rehearseFile(file, { ...values, settleMs: request.settleMs, given: givenFlags(values) }, rehearsing);
  const [word = ""] = request.words;
  const again = (records: readonly ProcessRecord[]) =>
    records.map(({ name, port: number }) => `'${name}' (#${wouldStart(name, number, true)})`).join(", ");
  if (request.words.some((each) => placed.includes(each)))
    return `start ${again(await placedRecords(request.words, placed, engine))} again`;
  const named = await engine.namedProcesses(request);
  if (named !== undefined && named.length > 1) return `start ${again(named)} again`;
  const resting = engine.resting();
  if (meansAll(request)) return resting.length === 0 ? "start nothing: there is none" : `start ${again(resting)} again`;
  const planned = await engine.planStart(request).catch((error: unknown) => {
    // What rests by then may run now, or not be there yet.
    const named = resting.filter(({ name, tsm_id: id }) => name === word || String(id) === word);
    if (error instanceof TsmError && named.length > 0 && request.words.length === 1) return named;
    throw error;
  });
  if ("length" in planned) return `start ${again(planned)} again`;
  const { name, command: line, port: number, cwd, envFile } = planned;
  const details = [number === "none" ? "" : `port ${number}`, envFile === "" ? "" : `env file ${envFile}`, `in ${cwd}`];
  const told = details.filter((detail) => detail !== "").join(", ");
  return `start '${name}' (#${wouldStart(name, number, planned.again)})${planned.again ? " again" : ""}: ${line}; ${told}`;
}

/** The processes that `$_` and `$1` stand for: they are never a command line. */
async function placedRecords(
  words: readonly string[],
  placed: readonly string[],
  engine: Engine,
): Promise<ProcessRecord[]> {
  const other = words.find((word) => !placed.includes(word));
  if (other !== undefined) {
    throw new TsmError("USAGE", `$_ names processes, and '${other}' does not go with them`, {
      hint: "start $_ starts stopped processes again as they were",
    });
  }
  const found = await Promise.all(words.map(async (word) => ({ word, match: await engine.match(word) })));
  const records = found.flatMap(({ word, match }) => {
    if (match.kind === "exact" && match.records.length > 0) return match.records;
    throw new TsmError("NOT_FOUND", `process '${word}' not found`, { hint: "tsm list all shows every process" });
  });
  return [...new Map(records.map((record) => [record.name, record])).values()];
}

/** @throws TsmError when it runs */
function atRest(record: ProcessRecord, engine: Engine): ProcessRecord {
  if (!isLive(engine.observe(record).observed)) return record;
  throw alreadyRunning(record);
}

/** A `--yes` behind what is no program's: behind processes, `all`, or a file of apps. */
async function withoutYes(request: StartRequest, context: Context): Promise<StartRequest> {
  const { words, beforeDashes } = request;
  if (beforeDashes !== undefined || words.length < 2 || !yeses.includes(words.at(-1) ?? "")) return request;
  const rest = { ...request, words: words.slice(0, -1) };
  const isOurs =
    meansAll(rest) ||
    fileMeant(rest, context) !== undefined ||
    (await context.engine.namedProcesses(rest)) !== undefined;
  return isOurs ? rest : request;
}

function meansAll({ words, beforeDashes }: StartRequest): boolean {
  return beforeDashes === undefined && words.length === 1 && (words[0] === "all" || words[0] === "*");
}
