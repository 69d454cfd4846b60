import { defineCommand } from "../src/command/define.ts";
import { wrap } from "../src/command/help.ts";
import { shellOf } from "../src/command/shell-verb.ts";
import type { Engine } from "../src/core/engine.ts";
import { TsmError } from "../src/core/errors.ts";

/** One step: what it is about, what is typed, and what that does. */
interface Step {
  readonly says: string;
  readonly typed: string;
  /** Its exit code. */
  run(): Promise<number>;
}

/** What there is to see while it lasts. */
const server = "for n in {1..600}; do echo request $n; sleep 1";

/** It ends by itself, should this shell be killed before it could end it. */
function serverOf(shell: number): string {
  return `${server}; kill -0 ${shell} || break; done`;
}

export default defineCommand({
  name: "tour",
  summary: "Try start, logs, a fuzzy stop and ! on a server of its own",
  details: [
    "Each step is shown before it runs and waits for Enter; q or Ctrl-C leaves. The server it starts is removed at the end, whichever way that comes.",
  ],
  effect: "changes",
  scope: "shell",
  owns: "shell",
  args: {},
  flags: {},
  examples: ["tour"],
  async *run(_values, context) {
    const { ask, engine, signal } = context;
    const shell = shellOf(context);
    if (ask === undefined || !context.interactive)
      throw new TsmError("USAGE", "the tour needs somebody to take it", { hint: "tsm repl, then /tour" });
    const name = freeName(engine);
    const verb = (says: string, words: readonly string[], typed = words.join(" ")): Step => ({
      says,
      typed,
      run: () => context.run(words),
    });
    const steps: readonly (() => Step | Promise<Step>)[] = [
      () =>
        verb(
          "Start anything: a script, a program, or a line of bash. This one is a make-believe server.",
          ["start", "--name", name, "--restart", "no", serverOf(shell.pid)],
          `start --name ${name} --restart no '${serverOf(shell.pid)}'`,
        ),
      () => verb("See what runs. Enter on an empty line does the same.", ["list"]),
      () => verb("Read what it writes; with -f it goes on until Ctrl-C.", ["logs", name, "--lines", "3"]),
      async () =>
        verb("Stop it by a part of its name: a few letters are enough when they mean one process only.", [
          "stop",
          await partOf(name, engine),
        ]),
      () => ({
        says: "Anything behind ! runs in bash, on the real terminal: vim, less and ssh work.",
        typed: "!date",
        run: () => shell.passthrough("date"),
      }),
    ];
    let isOurs = false;
    try {
      for (const [index, prepare] of steps.entries()) {
        const step = await prepare();
        yield { title: `${index + 1} of ${steps.length}`, says: step.says, typed: step.typed };
        if (!(await ask.goOn("Run it?")) || signal.aborted) break;
        isOurs = true;
        const exitCode = await step.run();
        if (signal.aborted) break;
        // Of two tours that began at once the later one finds the name taken.
        if (exitCode !== 0 && index === 0) isOurs = false;
        if (exitCode !== 0) throw new TsmError("CANCELLED", "the step failed, and the tour ends here");
        if (index === steps.length - 1) yield { title: "That was it", says: farewell, typed: undefined };
      }
    } finally {
      if (isOurs) await remove(name, engine);
    }
  },
  *render({ title, says, typed }, { paint, columns = 80 }) {
    yield "";
    yield paint.accent(title);
    yield* wrap(says, Math.min(columns, 80), "");
    const [first = "", ...more] = typed === undefined ? [] : wrap(typed, columns, "  ");
    if (typed !== undefined) yield `${paint.faint("›")} ${paint.strong(first.trimStart())}`;
    for (const line of more) yield paint.strong(line);
  },
});

const farewell =
  "The server is removed again. Tab completes, ? behind a line explains it, help has the rest, and Ctrl-D leaves while your processes keep running.";

/** Another tour may be under way in another shell. What a killed shell has left is taken over, and removed at the end. */
function freeName(engine: Engine): string {
  const left = engine.resting().filter(({ command }) => command.includes(server));
  const taken = new Set(engine.records().map(({ name }) => name));
  for (const { name } of left) taken.delete(name);
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? "tsm-tour" : `tsm-tour-${n}`;
    if (!taken.has(name)) return name;
  }
}

/** The fewest letters that mean this process and no other. */
async function partOf(name: string, engine: Engine): Promise<string> {
  for (const part of ["tour", name.replace("tsm-", ""), name.slice(1)]) {
    const match = await engine.match(part);
    if (match.kind === "exact" && match.records.length === 1 && match.records[0]?.name === name) return part;
  }
  return name;
}

/** Also after Ctrl-C, and while the shell itself is being ended: with a signal of its own. */
async function remove(name: string, engine: Engine): Promise<void> {
  if (!engine.records().some((record) => record.name === name)) return;
  const { signal } = new AbortController();
  await engine.delete(name, { timeoutSeconds: 1, keepLogs: false, deed: undefined }, signal);
  // Nobody wants its stop undone.
  const deeds = (await engine.undoPlans()).filter(({ steps }) => steps.every((step) => step.name === name));
  await engine.forgetDeeds(
    deeds.map(({ deed }) => deed.id),
    signal,
  );
}
