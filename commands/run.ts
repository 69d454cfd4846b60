import { type Context, command, defineCommand, flag, toggle } from "../src/command/define.ts";
import { type Shown, shownExitCode, shownJson, shownLines, shownNotes, stayWith } from "../src/command/foreground.ts";
import { wrap } from "../src/command/help.ts";
import { port } from "../src/command/port-types.ts";
import { envFile } from "../src/command/process-types.ts";
import type { PlannedLine, Sourced } from "../src/command/shell.ts";
import { type FileFlags, type FileMeant, fileMeant, rehearseFile, startFile } from "../src/command/start-apps.ts";
import { folder, oneOf, runnable, text } from "../src/command/types.ts";
import type { Engine, Started } from "../src/core/engine.ts";
import { TsmError } from "../src/core/errors.ts";
import { isLive } from "../src/core/observe.ts";
import { plainRequest, unwatched } from "../src/core/plain-request.ts";
import type { StartRequest } from "../src/core/plan.ts";
import { restartPolicies } from "../src/core/process.ts";
import { sanitize } from "../src/view/sanitize.ts";

const run = defineCommand({
  name: "run",
  summary: "A program in the foreground, as in a container; or a file's commands",
  details: [
    'A command, a script, a process by its name, a service or an ecosystem file runs as if it had been started, what it writes comes out here, and this ends when it does, with its exit code (128 and the signal\'s number when one ended it). TERM, Ctrl-C, HUP and QUIT stop it first, as stop does. A command is not brought back unless --restart says so; what is on record goes by its own policy. As the first program of a container, tsm-runtime is the same and also clears away orphans: CMD ["tsm-runtime", "server.js"].',
    "Any other file holds commands of tsm, as they could be typed in the shell: # begins a comment, an open quote or a \\ at the end of a line takes in the next one, ! is a line for bash, and pipes and files take output. The first failure ends it, with its line and its exit code; --keep-going, or a line set +e, goes on, and set -e ends with the next failure again.",
    "In the shell these commands run as if they were typed there. --dry-run looks at every line, says what it would do, and does nothing; the exit code is that of the first line that could not be run.",
  ],
  // What it runs may be anything.
  effect: "destroys",
  args: { what: command(runnable, "What to run; .tsm-script is a good ending for a file of commands") },
  flags: {
    keepGoing: toggle("Of a file: go on after a failure; the exit code is still the first one's"),
    dryRun: toggle("Of a file: say what each line would do, and do nothing"),
    name: flag(text("NAME"), { short: "n", summary: "Name it; the port is put behind" }),
    port: flag(port, { summary: "Its port, handed to it as PORT" }),
    env: flag(envFile, { summary: "File of KEY=VALUE lines; local is env/local.env" }),
    cwd: flag(folder, { summary: "Folder to run in, default this one" }),
    interpreter: flag(text("PROGRAM"), { summary: "What runs the script; none executes it as it is" }),
    restart: flag(oneOf(restartPolicies), { summary: "When to bring it back by itself; default no" }),
  },
  examples: [
    "run -- node server.js --verbose",
    "run api",
    "run deploy.tsm-script",
    "run deploy.tsm-script --dry-run",
    "source morning.tsm-script --keep-going",
  ],
  onlyLooks: ({ dryRun }) => dryRun,
  run(values, context): Promise<Ran> | AsyncIterable<Ran> {
    const { what, keepGoing, dryRun } = values;
    const [file = ""] = what.words;
    if (isFile(values, context.engine)) return context.source({ file, keepGoing, dryRun });
    return inForeground(values, context);
  },
  async rehearse(values, rehearsing): Promise<string> {
    const { engine, source } = rehearsing;
    const { what, keepGoing } = values;
    const [file = ""] = what.words;
    if (!isFile(values, engine)) {
      const apps = fileMeant(requestFrom(values), rehearsing);
      if (apps !== undefined) return `${await rehearseFile(apps, fileFlags(values), rehearsing)}, in the foreground`;
      const { name, command: line } = await engine.planStart(requestFrom(values));
      return `run '${name}' in the foreground: ${line}`;
    }
    // What they would do is said where this is: of each command of its own, and one after the other.
    await source({ file, keepGoing, dryRun: true });
    return `run the commands of ${file}`;
  },
  json(result) {
    if (!("exitCode" in result)) return shownJson(result);
    const { exitCode, planned } = result;
    return planned === undefined ? { exitCode } : { exitCode, lines: planned };
  },
  *render(result, { columns }) {
    if (!("exitCode" in result)) yield* shownLines(result);
    else for (const each of result.planned ?? []) yield* lineOf(each, columns);
  },
  *notes(result) {
    if (!("exitCode" in result)) yield* shownNotes(result);
  },
  exitCode: (result) => ("exitCode" in result ? result.exitCode : shownExitCode(result)),
});

export default run;

type Ran = Sourced | Shown;
type RunValues = Parameters<typeof run.run>[0];

function isFile({ what, keepGoing, dryRun }: RunValues, engine: Engine): boolean {
  const { words, beforeDashes } = what;
  const [only] = words;
  if (only === undefined || only === "")
    throw new TsmError("USAGE", "run needs a FILE or a COMMAND", { hint: "tsm run --help" });
  if (engine.isFileOfCommands(words, beforeDashes !== undefined)) return true;
  if (!keepGoing && !dryRun) return false;
  if (words.length === 1 && beforeDashes === undefined) return true;
  throw new TsmError("USAGE", `--${keepGoing ? "keep-going" : "dry-run"} is for a file of commands`, {
    hint: "Behind -- everything is the program's",
  });
}

function requestFrom({ what, name, port: number, env, cwd, interpreter, restart }: RunValues): StartRequest {
  const plain = plainRequest(unwatched);
  const policy = { ...plain.policy, restart: restart ?? "no", restartAsked: true };
  return { ...plain, ...what, name, port: number, env, cwd, interpreter, policy };
}

async function* inForeground(values: RunValues, context: Context): AsyncGenerator<Shown> {
  const { engine, signal } = context;
  const request = requestFrom(values);
  const file = fileMeant(request, context);
  const begin = async () => {
    if (file !== undefined) return await startedOf(file, values, context);
    const named = await engine.namedProcesses(request);
    const isUp = named?.every((record) => isLive(engine.observe(record).observed)) === true;
    // What runs is taken as it is.
    return named !== undefined && isUp ? named : await engine.start(request, signal);
  };
  yield* stayWith(engine, begin, signal);
}

/** @throws TsmError the first one's when none of the file's apps could be started. */
async function startedOf(file: FileMeant, values: RunValues, context: Context): Promise<Started[]> {
  const { results } = await startFile(file, fileFlags(values), context);
  const started = results.flatMap(({ done }) => done ?? []);
  const [failed] = results.flatMap(({ error }) => error ?? []);
  if (started.length === 0 && failed !== undefined) {
    const { message, hint } = failed;
    throw new TsmError("START_FAILED", message, hint === null ? {} : { hint });
  }
  return started;
}

/** Of a file of apps only its environment can be chosen: all else stands in it. */
function fileFlags({ name, port: number, env, cwd, interpreter, restart }: RunValues): FileFlags {
  const own = { name, port: number, cwd, interpreter, restart };
  const given = Object.entries(own).flatMap(([key, value]) => (value === undefined ? [] : [`--${key}`]));
  return { only: undefined, env, settleMs: unwatched, given };
}

/** What is continued on a terminal stands a little to the right. */
function* lineOf(
  { file, line, command: typed, would, problem, exitCode }: PlannedLine,
  columns: number | undefined,
): Iterable<string> {
  const says = sanitize(`${file}:${line}: ${typed}: ${would ?? `would fail with exit code ${exitCode}: ${problem}`}`);
  const [first = "", ...more] = columns === undefined ? [says] : wrap(says, columns - 2, "");
  yield first;
  for (const each of more) yield `  ${each}`;
}
