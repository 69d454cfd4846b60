import { type AppsDone, appsNotes, stepLines, together } from "../src/command/apps-done.ts";
import { type Context, command, defineCommand, flag, toggle } from "../src/command/define.ts";
import { type Each, eachOf, exitCodeOf, failureLines, mismatchLines } from "../src/command/each.ts";
import {
  lookAt,
  type Shown,
  shownExitCode,
  shownJson,
  shownLines,
  shownNotes,
  stayWith,
} from "../src/command/foreground.ts";
import { paced, parallel } from "../src/command/paced.ts";
import { flagName, yeses } from "../src/command/parse.ts";
import {
  ignoredOfPm2,
  oversightOfPm2,
  pm2Flags,
  policyOfPm2,
  readyOfPm2,
  requestOfPm2,
} from "../src/command/pm2-flags.ts";
import { changesBeside } from "../src/command/policy-flags.ts";
import { orWhichOrg } from "../src/command/service-target.ts";
import { fileMeant, rehearseFile, startFile, startInstances } from "../src/command/start-apps.ts";
import {
  age,
  cronExpression,
  envFile,
  exitCodeList,
  folder,
  instanceCount,
  integer,
  list,
  logPath,
  milliseconds,
  niceness,
  oneOf,
  portOrRange,
  preHook,
  probe,
  program,
  signalOf,
  size,
  sizeOrNone,
  text,
} from "../src/command/types.ts";
import { alreadyRunning } from "../src/core/already-running.ts";
import type { Engine, Started } from "../src/core/engine.ts";
import { TsmError } from "../src/core/errors.ts";
import { isLive } from "../src/core/observe.ts";
import { leastIntervalMs, noOversight } from "../src/core/oversight.ts";
import { unwatched } from "../src/core/plain-request.ts";
import type { StartRequest } from "../src/core/plan.ts";
import { defaultPolicy, killSignals } from "../src/core/policy.ts";
import type { PolicyChanges } from "../src/core/policy-changes.ts";
import { type ProcessRecord, restartPolicies } from "../src/core/process.ts";
import { startedNotes } from "../src/view/service-table.ts";

const start = defineCommand({
  name: "start",
  summary: "Start a script, a program, or a shell string, and wait until it is up",
  details: [
    "Flags may stand before the command, or behind it until its own first flag. After -- everything is the program's. A command in quotes with spaces in it is a shell string; our flags may follow it.",
    "start NAME starts a stopped or crashed process again as it was, start all every one of them; ./all is a script of that name. start $_ in the shell starts those that were last shown or acted on.",
    "start ORG/NAME and start ./x.tsm start a service (see services), and so does start NAME where no script, program or other process has that name. What it depends on is started first. Flags win over its file. A file that only bash can read is run by a clean bash to be read, which is said.",
    "A .sh script is named after itself, anything else after its folder and module, with -PORT behind it when there is a port. One more word behind a single .sh script is its name. Several scripts that are there (start api.js worker.js), and several files of apps, are started each by itself; a script that a program is to read stands behind --.",
    "Brought back, a process starts at once the first time, then after 100 ms, 200 ms and so on up to --max-backoff, until it has been up for --min-uptime. After --max-restarts in a row that did not last it has crashed for good. While a stranger holds its port it waits and spends none.",
    "With --ready it is up when the probe says so. Not ready in time it is ended; the start has failed, it has crashed, and its restart policy decides as after any crash. What --health, --max-memory, --cron or --watch restart is stopped and started like by `restart`; a patrol stays resident for them.",
    "Its logs are two files in its folder unless --output, --error or --log name others: relative to its folder, ~ is yours, missing folders are made, NULL or /dev/null keeps nothing. Short -o, -e and -l are ours before the command and behind a script that stands alone (start app.js -o out.log); behind a program they are the program's (start node -e CODE).",
    "--time, --log-date-format and --log-type json put a stamper between it and its logs: 40 MB of memory, and what it has read and not yet written (4 KB at most) is lost when somebody kills it. logs shows times without one.",
    "A pre-hook is sourced in bash, in the process's folder and environment, before the process takes its place: --pre-hook FILE, else hooks/NAME.sh, else hooks/TYPE.sh (node, python, …) in the home. What it exports stays, the env file wins, and a program found in PATH is looked up again. One that fails, or is not done after the setting preHookTimeout, ends the start; a restart runs it again.",
    "The port is --port, else PORT in the env file, else PORT= in the command or script, else what the command says (http.server 8000, --port 8080, :8080), else what the script falls back to. The process sees it as PORT. --port 8000+ is the first from there that is free, --port auto one of 8000 to 8999 (that of the registry where it has one for this --name): nobody listens on it, no other process has declared it, and no two starts get the same.",
    "An ecosystem file (ecosystem.config.cjs, .js, .mjs, .json, .yaml, any NAME.config.cjs) starts all its apps, in the order of their depends_on; - is one on standard input, and start alone takes the one in this folder. What runs already is restarted with what the file says now. --only takes some of them, --env NAME their env_NAME. See apply, and init for a first one.",
  ],
  effect: "changes",
  args: { command: command(program, "A script, a program and its arguments, or a shell string in quotes") },
  flags: {
    name: flag(text("NAME"), { short: "n", summary: "Name it; the port is put behind" }),
    port: flag(portOrRange, { summary: "Its port, handed to it as PORT; 8000+ and auto look for a free one" }),
    env: flag(envFile, {
      summary: "File of KEY=VALUE lines; local is env/local.env, auto the first of env/local.env, env/dev.env, .env",
    }),
    preHook: flag(preHook, {
      summary: "Source this file first: a path, a name in the home's hooks, or none",
    }),
    cwd: flag(folder, { summary: "Folder to run in, default this one" }),
    interpreter: flag(text("PROGRAM"), { summary: "What runs the script; none executes it as it is" }),
    restart: flag(oneOf(restartPolicies), {
      summary: `When to bring it back by itself; default ${defaultPolicy.restart}, but for what ends while it is started`,
    }),
    stopExitCodes: flag(exitCodeList, { summary: "Exit codes after which it is never brought back" }),
    restartDelay: flag(milliseconds, { summary: "A fixed wait before each restart instead of the backoff" }),
    maxBackoff: flag(milliseconds, {
      summary: "The longest wait of the backoff",
      fallback: defaultPolicy.maxBackoffMs,
    }),
    minUptime: flag(milliseconds, {
      summary: "Up for so long it counts as stable",
      fallback: defaultPolicy.minUptimeMs,
    }),
    maxRestarts: flag(integer("N", 0, 1_000_000), {
      summary: "Restarts in a row that may fail to last",
      fallback: defaultPolicy.maxRestarts,
    }),
    killSignal: flag(signalOf(killSignals), {
      summary: "What asks it to end",
      fallback: defaultPolicy.killSignal,
    }),
    killTimeout: flag(milliseconds, {
      short: "k",
      summary: "Between that signal and SIGKILL",
      fallback: defaultPolicy.killTimeoutSeconds * 1000,
    }),
    nice: flag(niceness, { summary: "How far it stands back for others; below 0 root only" }),
    limitNofile: flag(integer("N", 4, 1_048_576), { summary: "Files that it may have open" }),
    limitNproc: flag(integer("N", 1, 4_194_304), {
      summary: "Processes that its user may have, all together; root is not held to it",
    }),
    user: flag(text("NAME"), { also: ["--uid"], summary: "Run it as this user; root only" }),
    group: flag(text("NAME"), {
      also: ["--gid"],
      summary: "Run it in this group (default: the user's own); root only",
    }),
    ready: flag(probe("port", "http", "log", "command", "ipc"), {
      summary: "What says that it is up: port, http://…, log:/regex/, cmd:…, ipc; until then it is starting",
    }),
    readyTimeout: flag(milliseconds, {
      also: ["--listen-timeout"],
      summary: "Not ready by then it has failed, and is ended",
      fallback: noOversight.readyTimeoutMs,
    }),
    health: flag(probe("port", "http", "command"), { summary: "Asked while it runs: port, http://…, cmd:…" }),
    healthInterval: flag(milliseconds, { summary: "How often", fallback: noOversight.healthIntervalMs }),
    healthFailures: flag(integer("N", 1, 1_000_000), {
      summary: "So many in a row restart it",
      fallback: noOversight.healthFailures,
    }),
    maxMemory: flag(size, {
      also: ["--max-memory-restart"],
      summary: "Restart it when its tree uses more, as 200M; weighed every 5 s",
    }),
    cron: flag(cronExpression, {
      short: "c",
      also: ["--cron-restart"],
      summary: "When to restart it, as '0 3 * * *'; 0 is never",
    }),
    watch: flag(list("PATHS"), {
      summary: "Restart it when files change, in its folder or here",
      bare: ["."],
      bareBefore: "command",
    }),
    ignoreWatch: flag(list("PATTERNS"), { summary: "But not these: *.tmp,data; .git and node_modules never count" }),
    logMaxSize: flag(sizeOrNone, {
      summary: "A log that is longer is rotated (default: the setting, 10M); 0: no limit",
    }),
    logKeep: flag(integer("N", 0, 1000), { summary: "Archives of each log (default: the setting, 5)" }),
    logMaxAge: flag(age, { summary: "A log this old is rotated; never (default: the setting, 1d)" }),
    logCompress: flag(oneOf(["on", "off"], "on|off"), {
      summary: "Archives as gzip; =off leaves them plain (default: the setting, on)",
      bare: "on",
    }),
    output: flag(logPath, { short: "o", summary: "File for its stdout; NULL keeps nothing" }),
    error: flag(logPath, { short: "e", summary: "File for its stderr; NULL keeps nothing" }),
    log: flag(logPath, { short: "l", summary: "One file for both" }),
    outFile: flag(logPath, { summary: "As --output" }),
    errorFile: flag(logPath, { summary: "As --error" }),
    mergeLogs: toggle("Both streams into one file"),
    disableLogs: toggle("Keep no logs"),
    time: toggle("The time before each line of its logs, as YYYY-MM-DDTHH:mm:ss"),
    logDateFormat: flag(text("FORMAT"), { summary: "The time so, as 'YYYY-MM-DD HH:mm:ss.SSS Z'" }),
    logType: flag(oneOf(["json", "raw"]), { summary: "Each line an object with its time: json" }),
    only: flag(list("NAMES"), { summary: "These apps of the file alone, and what they depend on: api,worker" }),
    instances: flag(instanceCount, {
      short: "i",
      summary: "So many of them, as NAME-0, NAME-1 …; max is one a processor",
    }),
    parallel,
    noExec: toggle("Refuse a .tsm file that only bash can read"),
    settle: flag(integer("MS", 0, 600_000), {
      summary: "How long to watch it when no port says that it is up (default: the setting, 500)",
    }),
    attach: toggle("Then show what it writes, until Ctrl-C; it keeps running"),
    noDaemon: toggle("In the foreground: ends with this command, and gives it its exit code (see run)"),
    ...pm2Flags,
  },
  ignores: ignoredOfPm2,
  examples: [
    "start server.sh",
    "start server.sh myapp",
    "start node server.js",
    'start "python3 -m http.server 7777" --name test-pm2',
    "start --port 3000 -- node app.js --verbose",
    "start --port 3000 --ready http://localhost:3000/health -- node app.js",
    "start tetra/quasar",
    "start ./quasar.tsm --port 8001",
    "start server.js -o ~/logs/out.log -e ~/logs/err.log --time",
    "start ecosystem.config.cjs --only api,worker --env production",
    "start -i 4 --port 3000 -- node app.js",
    "start --watch=src --cron '0 3 * * *' --max-memory 200M -- node app.js",
  ],
  run(values, asked): Promise<Told> | AsyncIterable<Told> {
    const context = paced(asked, values.parallel);
    return values.attach || values.noDaemon ? startAndStay(values, context) : startAll(values, context);
  },
  async rehearse(values, rehearsing): Promise<string> {
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
    if (meansAll(request))
      return resting.length === 0 ? "start nothing: there is none" : `start ${again(resting)} again`;
    const planned = await engine.planStart(request).catch((error: unknown) => {
      // What rests by then may run now, or not be there yet.
      const named = resting.filter(({ name, tsm_id: id }) => name === word || String(id) === word);
      if (error instanceof TsmError && named.length > 0 && request.words.length === 1) return named;
      throw error;
    });
    if ("length" in planned) return `start ${again(planned)} again`;
    const { name, command: line, port: number, cwd, envFile } = planned;
    const details = [
      number === "none" ? "" : `port ${number}`,
      envFile === "" ? "" : `env file ${envFile}`,
      `in ${cwd}`,
    ];
    const told = details.filter((detail) => detail !== "").join(", ");
    return `start '${name}' (#${wouldStart(name, number, planned.again)})${planned.again ? " again" : ""}: ${line}; ${told}`;
  },
  names: (told) => ("results" in told ? told.results.map(({ name }) => name) : []),
  json(told) {
    if (!("results" in told)) return shownJson(told);
    return told.all ? told.results : told.results.at(-1)?.done;
  },
  *render(told) {
    if (!("results" in told)) {
      yield* shownLines(told);
      return;
    }
    const { results, apps } = told;
    if (apps !== undefined) {
      yield* stepLines(apps);
      return;
    }
    if (results.length === 0) yield "tsm: there is nothing to start";
    for (const { done } of results) {
      if (done === undefined) continue;
      const { name, id, pid, port: number, service } = done;
      if (done.status === "stopped") {
        yield `tsm: '${name}' is on record (TSM ID: ${id}): tsm start ${name}`;
        continue;
      }
      if (service?.alreadyRunning) {
        yield `⚠️  Already running: ${name}`;
        continue;
      }
      if (service) {
        yield `🚀 Starting service: ${service.ref}`;
        yield `Starting ${service.name} on port ${number === "none" ? "auto" : number}...`;
      }
      const what = told.again.includes(name) ? "restarted" : "started";
      yield `tsm: ${what} '${name}' (TSM ID: ${id}, PID: ${pid ?? "none"}${number === "none" ? "" : `, Port: ${number}`})`;
    }
  },
  *notes(told) {
    if (!("results" in told)) {
      yield* shownNotes(told);
      return;
    }
    const { results, apps } = told;
    if (apps !== undefined) yield* appsNotes(apps);
    yield* failureLines(results);
    yield* mismatchLines(results);
    for (const { name, done } of results) {
      const replaced = done?.replaced ?? null;
      yield* startedNotes(done?.service);
      if (replaced !== null) yield `'${name}' was another command before, now forgotten: ${replaced.slice(0, 200)}`;
    }
  },
  exitCode: (told) => ("results" in told ? exitCodeOf(told.results) : shownExitCode(told)),
});

export default start;

interface Outcome {
  readonly results: readonly Each<Started>[];
  /** Of them, those that ran before. */
  readonly again: readonly string[];
  readonly all: boolean;
  /** Where they are those of a file. */
  readonly apps?: AppsDone;
}
type Told = Outcome | Shown;

async function startAll(values: StartValues, context: Context): Promise<Outcome> {
  const { engine } = context;
  const request = await withoutYes(requestFrom(values, engine), context);
  if (!engine.namesSeveralFiles(request)) return await startOne(values, request, context);
  const { eachWord } = await import("../src/command/several-starts.ts");
  const outcomes = await eachWord<Outcome>(
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

async function startOne(values: StartValues, request: StartRequest, context: Context): Promise<Outcome> {
  const { engine, signal, placed, undoable } = context;
  const file = fileMeant(request, context);
  if (file !== undefined) {
    const apps = await startFile(file, { ...values, settleMs: request.settleMs, given: givenFlags(values) }, context);
    return { results: apps.results, again: [], all: true, apps };
  }
  if (values.only !== undefined)
    throw new TsmError("USAGE", "--only is for the apps of a file", { hint: "tsm start FILE --only api" });
  if (values.instances !== undefined) {
    const apps = await startInstances(request, values.instances, context);
    return { results: apps.results, again: [], all: true, apps };
  }
  const options = { timeoutSeconds: undefined, settleMs: request.settleMs, updateEnv: values.updateEnv };
  const restartEach = async (
    records: readonly ProcessRecord[],
    check = (record: ProcessRecord) => record,
    changes?: PolicyChanges,
  ) => {
    const turns = await engine.turns(records.map(({ name }) => name));
    return await eachOf(records, (record) =>
      turns.take(record.name, async (turn) => engine.restart(check(record), { ...options, changes, turn }, signal)),
    );
  };
  if (request.words.some((word) => placed.includes(word))) {
    const records = await placedRecords(request.words, placed, engine);
    return { results: await restartEach(records, (record) => atRest(record, engine)), again: [], all: true };
  }
  if (meansAll(request)) return { results: await restartEach(engine.resting()), again: [], all: true };
  const [first = "", ...more] = request.words;
  return await orWhichOrg(first, context, "start", async (word): Promise<Outcome> => {
    const asked = { ...request, words: [word, ...more] };
    const named = await engine.namedProcesses(asked);
    const changes = named === undefined ? undefined : changesBeside(values, givenKeys(values));
    const meant = { ...asked, changes };
    const running = (named ?? []).filter((record) => isLive(engine.observe(record).observed));
    if (named === undefined || (named.length === 1 && running.length === 0)) {
      const started = await engine.start(meant, signal);
      return { results: started.map((done) => ({ name: done.name, done })), again: [], all: false };
    }
    const act = () => restartEach(named, undefined, changes);
    const results = await (running.length === 0 ? act() : undoable("restart", running, act));
    return { results, again: running.map(({ name }) => name), all: named.length > 1 };
  });
}

async function* startAndStay(values: StartValues, context: Context): AsyncGenerator<Told> {
  const { engine, signal } = context;
  if (values.attach && !values.noDaemon) {
    const outcome = await startAll(values, context);
    yield outcome;
    yield* lookAt(engine, upOf(outcome), signal);
    return;
  }
  let outcome: Outcome | undefined;
  const begin = async () => {
    outcome = await startAll({ ...values, settle: unwatched }, context);
    return upOf(outcome);
  };
  for await (const item of stayWith(engine, begin, signal)) {
    if (outcome !== undefined) yield outcome;
    outcome = undefined;
    yield item;
  }
}

function upOf({ results }: Outcome): Started[] {
  return results.flatMap(({ done }) => done ?? []);
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

/** Those that say something of one process, and nothing of a file of apps. */
function givenFlags(values: StartValues): string[] {
  // Its apps begin with this shell's environment in any case.
  const own = ["only", "env", "settle", "parallel", "updateEnv", "attach", "noDaemon"];
  return givenKeys(values)
    .filter((key) => !own.includes(key))
    .map(flagName);
}

function givenKeys(values: StartValues): string[] {
  const fallbacks = new Map(Object.entries(start.flags).map(([key, { fallback }]) => [key, fallback]));
  return Object.entries(values).flatMap(([key, value]) =>
    key === "command" || value === undefined || value === fallbacks.get(key) ? [] : [key],
  );
}

type StartValues = Parameters<typeof start.run>[0];

function requestFrom(values: StartValues, engine: Engine): StartRequest {
  const { words, beforeDashes } = values.command;
  const settleMs = values.settle ?? engine.settings().settle;
  const { name, port: asked, env, preHook, cwd, interpreter, noExec } = values;
  const policy = {
    ...policyOfPm2(values),
    restart: values.restart ?? (values.noAutorestart ? "no" : defaultPolicy.restart),
    restartAsked: values.restart !== undefined || values.noAutorestart,
    restartDelayMs: values.restartDelay ?? null,
    maxBackoffMs: values.maxBackoff,
    minUptimeMs: values.minUptime,
    maxRestarts: values.maxRestarts,
    stopExitCodes: values.stopExitCodes ?? [],
    killSignal: values.killSignal,
    killTimeoutSeconds: values.killTimeout / 1000,
    oversight: {
      ...oversightOfPm2(values),
      ready: readyOfPm2(values, values.ready),
      readyTimeoutMs: values.readyTimeout,
      health: values.health ?? null,
      healthIntervalMs: Math.max(leastIntervalMs, values.healthInterval),
      healthFailures: values.healthFailures,
      maxMemory: values.maxMemory ?? null,
      cron: values.cron === "0" ? null : (values.cron ?? null),
      watch: values.watch ?? [],
      ignoreWatch: values.ignoreWatch ?? [],
    },
    logs: {
      maxBytes: values.logMaxSize,
      keep: values.logKeep,
      maxAgeMs: values.logMaxAge,
      compress: values.logCompress === undefined ? undefined : values.logCompress === "on",
    },
  };
  const { nice, limitNofile: openFiles, limitNproc: processes, user, group } = values;
  const limits = { nice, openFiles, processes, user, group };
  const streams = {
    out: values.output ?? values.outFile,
    err: values.error ?? values.errorFile,
    both: values.log,
    merged: values.mergeLogs,
    disabled: values.disableLogs,
    time: values.time,
    format: values.logDateFormat,
    json: values.logType === "json",
  };
  return {
    ...requestOfPm2(values),
    words,
    beforeDashes,
    name,
    port: typeof asked === "number" ? asked : undefined,
    allocate: typeof asked === "number" ? undefined : asked,
    env,
    preHook,
    cwd,
    interpreter,
    policy,
    limits,
    streams,
    settleMs,
    service: "",
    noExec,
  };
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
