import { appsNotes, stepLines } from "../src/command/apps-done.ts";
import { type Context, command, defineCommand } from "../src/command/define.ts";
import { exitCodeOf, failureLines, mismatchLines } from "../src/command/each.ts";
import {
  lookAt,
  type Shown,
  shownExitCode,
  shownJson,
  shownLines,
  shownNotes,
  stayWith,
} from "../src/command/foreground.ts";
import { paced } from "../src/command/paced.ts";
import { ignoredOfPm2 } from "../src/command/pm2-flags.ts";
import { program } from "../src/command/process-types.ts";
import { type StartValues, startFlags } from "../src/command/start-flags.ts";
import { rehearseStart, type StartOutcome, startAll } from "../src/command/start-targets.ts";
import type { Started } from "../src/core/engine.ts";
import { unwatched } from "../src/core/plain-request.ts";
import { quoteWord } from "../src/core/quote.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { startedNotes } from "../src/view/service-table.ts";

export default defineCommand({
  name: "start",
  summary: "Start a script, a program, or a shell string, and wait until it is up",
  details: [
    "Flags may stand before the command, or behind it until its own first flag; one that stood before it is its own behind it. After -- everything is the program's, and so is that -- itself behind several words of it, none of them a script and no flag of ours among them (start npm run dev -- --port 1). Node itself looks for the file of an --env-file in this folder unless -- stands before it (start --cwd shop -- node --env-file=.env app.js). A command in quotes with spaces in it is a shell string; our flags may follow it.",
    "start NAME starts a stopped or crashed process again as it was, also where PATH has a program of that name; start all every one of them; ./all is a script of that name. start $_ in the shell starts those that were last shown or acted on.",
    "start ORG/NAME and start ./x.tsm start a service (see services), and so does start NAME where no script, program or other process has that name. What it depends on is started first. Flags win over its file. A file that only bash can read is run by a clean bash to be read, which is said.",
    "A .sh script is named after itself, anything else after its folder and module, with -PORT behind it when there is a port. One more word behind a single .sh script is its name. Several scripts that are there (start api.js worker.js), and several files of apps, are started each by itself; a script that a program is to read stands behind --.",
    "Brought back, a process starts at once the first time, then after 100 ms, 200 ms and so on up to --max-backoff, until it has been up for --min-uptime. After --max-restarts in a row that did not last it has crashed for good. While a stranger holds its port it waits and spends none.",
    "With --ready it is up when the probe says so. Not ready in time it is ended; the start has failed, it has crashed, and its restart policy decides as after any crash. What --health, --max-memory, --cron or --watch restart is stopped and started like by `restart`; a patrol stays resident for them.",
    "Its logs are two files in its folder unless --output, --error or --log name others: relative to its folder, ~ is yours, missing folders are made, NULL or /dev/null keeps nothing. Short -o, -e and -l are ours before the command and behind a script that stands alone (start app.js -o out.log); behind a program they are the program's (start node -e CODE).",
    "--time, --log-date-format and --log-type json put a stamper between it and its logs: 40 MB of memory, and what it has read and not yet written (4 KB at most) is lost when somebody kills it. logs shows times without one.",
    "A pre-hook is sourced in bash, in the process's folder and environment, before the process takes its place: --pre-hook FILE, else hooks/NAME.sh, else hooks/TYPE.sh (node, python, …) in the home. What it exports stays, the env file wins, and a program found in PATH is looked up again. One that fails, or is not done after the setting preHookTimeout, ends the start; a restart runs it again.",
    "The port is --port, else PORT in the env file, else PORT= in the command or script, else what the command says (http.server 8000, --port 8080, :8080), else what the script falls back to. The process sees it as PORT. --port 8000+ is the first from there that is free, --port auto one of 8000 to 8999 (that of the registry where it has one for this --name): nobody listens on it, no other process has declared it, and no two starts get the same; with -i each of them has one.",
    "An ecosystem file (ecosystem.config.cjs, .js, .mjs, .json, .yaml, any NAME.config.cjs) starts all its apps, in the order of their depends_on; - is one on standard input, and start alone takes the one in this folder. What runs already is restarted with what the file says now. --only takes some of them, --env NAME their env_NAME; -i, --user and --group hold for all of them, --namespace and --watch where the file says nothing. See apply, and init for a first one.",
  ],
  effect: "changes",
  args: { command: command(program, "A script, a program and its arguments, or a shell string in quotes") },
  flags: startFlags,
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
  rehearse: rehearseStart,
  names: (told) => ("results" in told ? told.results.map(({ name }) => name) : []),
  json(told) {
    if (!("results" in told)) return shownJson(told);
    return told.all ? told.results : told.results.at(-1)?.done;
  },
  fold: wholeWords,
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
        yield `tsm: '${name}' is on record (TSM ID: ${id}): tsm start ${quoteWord(name)}`;
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

type Told = StartOutcome | Shown;

async function* startAndStay(values: StartValues, context: Context): AsyncGenerator<Told> {
  const { engine, signal } = context;
  if (values.attach && !values.noDaemon) {
    const outcome = await startAll(values, context);
    yield outcome;
    yield* lookAt(engine, upOf(outcome), signal);
    return;
  }
  let outcome: StartOutcome | undefined;
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

function upOf({ results }: StartOutcome): Started[] {
  return results.flatMap(({ done }) => done ?? []);
}
