import { type CommandWords, type Context, command, defineCommand, one } from "../src/command/define.ts";
import { commandLine } from "../src/command/nested.ts";
import { oneOf, verbLine } from "../src/command/types.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";
import type { ProcessSummary } from "../src/core/process.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { sanitize } from "../src/view/sanitize.ts";

type Told =
  | { readonly action: "commands"; readonly commands: readonly Offered[] }
  | { readonly action: "list"; readonly processes: readonly ProcessSummary[] }
  | { readonly action: "status"; readonly running: number; readonly enabled: number; readonly available: number }
  | { readonly action: "dispatch"; readonly exitCode: number; readonly output: string };

interface Offered {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly effect: string;
  readonly summary: string;
}

export default defineCommand({
  name: "tview",
  summary: "What a full-screen program of another's making asks and tells tsm",
  details: [
    "commands tells each verb with what it may do (reads, changes, destroys); list each process; status counts services; dispatch runs one command and tells its exit code, which is also its own. Lines have their parts between tabs, in this order for good: name, effect, summary; id, name, status, pid, port, uptime in milliseconds, with - for what there is not. --json tells more.",
  ],
  // dispatch runs whatever it is told.
  effect: "destroys",
  args: {
    action: one(oneOf(["commands", "list", "status", "dispatch"]), "What is asked"),
    command: command(verbLine, "For dispatch: the command"),
  },
  flags: {},
  examples: ["tview status", "tview dispatch restart api"],
  // What is dispatched is noted as what it is.
  unnoted: () => true,
  run({ action, command: typed }, context): Promise<Told> {
    if (action === "dispatch") return dispatched(typed, context);
    if (typed.words.length > 0)
      throw new TsmError("USAGE", `tview ${action} takes nothing more`, { hint: "Only dispatch runs a command" });
    return action === "commands" ? offered(context) : action === "list" ? listed(context) : counted(context);
  },
  names: (told) => (told.action === "list" ? told.processes.map(({ name }) => name) : []),
  json(told) {
    if (told.action === "commands") return told.commands;
    if (told.action === "list") return told.processes;
    const { action: _, ...rest } = told;
    return rest;
  },
  fold: wholeWords,
  *render(told) {
    if (told.action === "commands")
      for (const { name, effect, summary } of told.commands) yield [name, effect, summary].join("\t");
    else if (told.action === "list")
      for (const { id, name, status, pid, port, uptimeMs } of told.processes)
        yield [id, sanitize(name), status, pid ?? "-", port === "none" ? "-" : port, uptimeMs ?? "-"].join("\t");
    else if (told.action === "status")
      yield `Services: ${told.running} running, ${told.enabled} enabled, ${told.available} available`;
    else if (told.output !== "") yield told.output.replace(/\n$/, "");
  },
  exitCode: (told) => (told.action === "dispatch" ? told.exitCode : exitCodes.done),
});

async function offered({ registry }: Context): Promise<Told> {
  const verbs = await Promise.all(registry.map(async (entry) => ({ entry, verb: await entry.load() })));
  const commands = verbs
    .filter(({ verb }) => verb.scope !== "shell")
    .map(({ entry: { aliases }, verb: { name, effect, summary } }) => ({ name, aliases, effect, summary }));
  return { action: "commands", commands };
}

async function listed({ engine }: Context): Promise<Told> {
  return { action: "list", processes: engine.summaries() };
}

async function counted({ engine }: Context): Promise<Told> {
  const services = (await engine.services()).list();
  const running = engine.summaries().filter(({ status }) => status !== "stopped" && status !== "crashed");
  return {
    action: "status",
    running: running.length,
    enabled: services.filter(({ enabled }) => enabled).length,
    available: services.length,
  };
}

async function dispatched(typed: CommandWords, context: Context): Promise<Told> {
  const words = await commandLine({ verb: "tview dispatch", looksOnly: false }, typed, context);
  if (words[0] === "tview") throw new TsmError("USAGE", "tview dispatch cannot run tview");
  let output = "";
  const exitCode = await context.run(words, (text) => {
    output += text;
  });
  return { action: "dispatch", exitCode, output };
}
