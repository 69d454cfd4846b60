import { anyNumber, defineCommand, flag, many, one, type ParamType, toggle } from "../../../src/command/define.ts";
import type { Door } from "../../../src/command/door.ts";
import { findVerb, type Registry, type VerbEntry } from "../../../src/command/registry.ts";
import type { ProcessSummary } from "../../../src/core/process.ts";
import { startRepl } from "../../../src/repl/index.ts";
import { summaryOf } from "../../support/summary.ts";

/*
 * The shell over a toy world: verbs that wait, ask, print late and throw when the test wants it, which no real verb
 * does. What the shell does with real processes is tested with the real program.
 */

type Run = (args: readonly string[], door: Door) => Promise<number> | number;

const word: ParamType<string> = { label: "WORD", offers: { kind: "nothing" }, parse: (text) => text };
const running: ParamType<string> = {
  label: "PROCESS",
  offers: { kind: "processes", which: "running" },
  parse: (text) => text,
};
const file: ParamType<string> = { label: "FILE", offers: { kind: "files" }, parse: (text) => text };
const signal: ParamType<string> = {
  label: "SIGNAL",
  offers: {
    kind: "words",
    words: ["SIGTERM", "SIGINT", "SIGKILL"].map((value) => ({ value, summary: `sends ${value}` })),
  },
  parse: (text) => text,
};

const { shell: _none, ...bare } = { shell: undefined };

function verb(
  name: string,
  run: Run,
  more: { aliases?: string[]; args?: object; flags?: object; summary?: string } = {},
) {
  const declared = defineCommand({
    summary: more.summary ?? `the toy verb ${name}`,
    name,
    effect: "reads",
    args: { ...bare, ...more.args },
    flags: { ...more.flags },
    examples: [],
    run: () => undefined,
    render: () => [],
  });
  const entry: VerbEntry = { name, aliases: more.aliases ?? [], load: () => Promise.resolve(declared) };
  return { entry, run };
}

const verbs = [
  verb("list", (_args, door) => print(door, "LIST"), { aliases: ["ls"], summary: "Show processes" }),
  verb("echo", (args, door) => print(door, ...args.map((arg) => `[${arg}]`)), {
    args: { words: anyNumber(word, "Words") },
  }),
  verb("slow", async (args, door) => {
    await new Promise((resolve) => setTimeout(resolve, Number(args[0] ?? 300)));
    return print(door, "SLOW DONE");
  }),
  verb("follow", async (_args, door) => {
    print(door, "FOLLOWING");
    await new Promise((resolve) => door.signal.addEventListener("abort", resolve));
    return print(door, "FOLLOW ENDED");
  }),
  verb("stuck", async (_args, door) => {
    print(door, "STUCK");
    return new Promise<number>(() => undefined);
  }),
  verb("confirm", async ([question = "Really?"], door) =>
    print(door, `CONFIRMED ${await door.ask?.confirm(question)}`),
  ),
  verb("go-on", async (_args, door) => print(door, `WENT ${await door.ask?.goOn("Go on?")}`)),
  verb("pick", async (_args, door) => {
    const choices = ["red", "green", "blue"].map((value) => ({ value, label: value }));
    return print(door, `PICKED ${await door.ask?.pick("Which?", choices)}`);
  }),
  verb("fail", (args, door) => {
    door.writeError("tsm: it failed\n");
    return Number(args[0] ?? 1);
  }),
  verb("bug", () => {
    throw new Error("a planted bug");
  }),
  verb("latebug", (_args, door) => {
    setTimeout(() => {
      throw new Error("a late bug");
    }, 10);
    return print(door, "BUG PLANTED");
  }),
  verb("ragged", (_args, door) => {
    door.write("no newline");
    return 0;
  }),
  verb("stop", (args, door) => print(door, `STOPPED ${args.join(",")}`), {
    summary: "End processes",
    args: { targets: many(running, "Processes") },
    flags: { signal: flag(signal, { summary: "Signal to send", short: "s" }), keepLogs: toggle("Keep the logs") },
  }),
  verb("open", (args, door) => print(door, `OPENED ${args.join(",")}`), { args: { file: one(file, "File") } }),
  verb("last", (args, door) => print(door, `LAST ${door.shell?.lastOutput(Number(args[0] ?? 1))?.plain.trim()}`)),
  verb("history", (_args, door) => print(door, ...(door.shell?.history() ?? []).map((line) => `H:${line}`))),
  verb("clear", (_args, door) => {
    door.shell?.clear();
    return 0;
  }),
  verb(
    "exit",
    (_args, door) => {
      door.shell?.exit();
      return 0;
    },
    { aliases: ["quit"] },
  ),
  verb("help", (args, door) => print(door, ["HELP", ...args].join(" ")), { aliases: ["?"] }),
];

function print(door: Door, ...lines: string[]): number {
  door.write(lines.map((line) => `${line}\n`).join(""));
  return 0;
}

const registry: Registry = verbs.map(({ entry }) => entry);

const everyone: ProcessSummary[] = [
  summaryOf(0, "api-3000", "online", 3000),
  summaryOf(1, "api-worker", "online", "none"),
  summaryOf(2, "db", "crashed", 5432),
  summaryOf(3, "old", "stopped", "none"),
  summaryOf(4, "web-8080", "online", 8080),
];

const world = process.env["TOY_EMPTY"] === "1" ? [] : everyone;

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
};

process.exitCode = await startRepl(
  {
    registry,
    engine: {
      eachSummary: () => world,
      areOneApp: () => false,
      unrecorded: () => [],
      summaryOf: (name) => world.find((each) => each.name === name),
      lastWordsOf: () => undefined,
      portHolder: () => Promise.resolve(undefined),
      memoryExcess: () => Promise.resolve(undefined),
      follow: () => () => undefined,
      isFirstShell: () => false,
      runs: () => [],
      services: () => Promise.reject(new Error("the toy has no services")),
      stacks: () => Promise.reject(new Error("the toy has no stacks")),
    },
    async dispatch(words, door) {
      const found = verbs.find(({ entry }) => entry === findVerb(registry, words[0] ?? ""));
      if (found === undefined) {
        door.writeError(`tsm: unknown command '${words[0]}'\n`);
        return 64;
      }
      return found.run(words.slice(1), door);
    },
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    output: () => process.stdout,
    home: process.env["TSM_HOME"] ?? "",
    env: process.env,
    settings: () => ({
      prompt: "tsm",
      historySize: 10_000,
      colours: "auto",
      theme: "auto",
      styles: "",
      plain: "off",
      notices: "on",
      promptMarks: "auto",
      windowTitle: process.env["TOY_TITLE"] === "1" ? "on" : "off",
      editingMode: process.env["TOY_MODE"] === "vi" ? "vi" : "emacs",
      aliases: new Map(),
      keys: new Map(),
      problem: undefined,
    }),
  },
  {
    script: option("-c"),
    keepGoing: process.argv.includes("--keep-going"),
    plain: process.argv.includes("--plain"),
  },
);
