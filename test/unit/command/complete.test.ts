import { describe, expect, test } from "vitest";
import { complete, completeBash } from "../../../src/command/complete.ts";
import type { Completing, FileEntry } from "../../../src/command/completing.ts";
import {
  type AnyVerb,
  anyNumber,
  command,
  defineCommand,
  flag,
  many,
  type Offers,
  one,
  optional,
  type ParamType,
  toggle,
} from "../../../src/command/define.ts";
import type { Registry } from "../../../src/command/registry.ts";
import type { ProcessSummary, Status } from "../../../src/core/process.ts";

function type(label: string, offers: ParamType<string>["offers"]): ParamType<string> {
  return { label, offers, parse: (word) => word };
}

const handler = { effect: "reads", examples: [], run: () => undefined, render: () => [] } as const;
const running = type("PROCESS", { kind: "processes", which: "running" });
const signal = type("SIGNAL", {
  kind: "words",
  words: [
    { value: "SIGTERM", summary: "" },
    { value: "SIGINT", summary: "" },
  ],
});

const stop = defineCommand({
  ...handler,
  name: "stop",
  summary: "End processes",
  args: { targets: many(running, "Processes") },
  flags: { signal: flag(signal, { summary: "Signal to send", short: "s" }), keepLogs: toggle("Keep the logs") },
});
const start = defineCommand({
  ...handler,
  name: "start",
  summary: "Start a program",
  args: { command: command(type("COMMAND", { kind: "programs" }), "Program") },
  flags: {
    env: flag(type("FILE", { kind: "env-files" }), { summary: "Env file" }),
    name: flag(type("NAME", { kind: "nothing" }), { summary: "Name" }),
  },
});
const info = defineCommand({
  ...handler,
  name: "info",
  summary: "One process",
  args: {
    target: one(type("PROCESS", { kind: "processes", which: "all" }), "Process"),
    part: optional(type("PART", { kind: "words", words: [{ value: "env", summary: "its environment" }] }), "Part"),
  },
  flags: {},
});
const resume = defineCommand({
  ...handler,
  name: "resume",
  summary: "Start again",
  args: { targets: anyNumber(type("PROCESS", { kind: "processes", which: "stopped" }), "Processes") },
  flags: {},
});
const help = defineCommand({
  ...handler,
  name: "help",
  summary: "Help",
  args: { verb: optional(type("VERB", { kind: "verbs" }), "Verb") },
  flags: {},
});
const last = defineCommand({
  ...handler,
  name: "last",
  summary: "Output",
  scope: "shell",
  args: { n: optional(type("N", { kind: "outputs" }), "Which") },
  flags: {},
});

function entry(verb: AnyVerb, ...aliases: string[]): Registry[number] {
  return { name: verb.name, aliases, load: () => Promise.resolve(verb) };
}
const registry: Registry = [
  entry(stop),
  entry(start),
  entry(info, "describe", "show"),
  entry(resume),
  entry(help, "?"),
  entry(last),
];

function summary(id: number, name: string, status: Status): ProcessSummary {
  return {
    id,
    name,
    status,
    pid: null,
    port: "none",
    uptimeMs: null,
    restarts: 0,
    cpu: null,
    memory: null,
    type: "node",
    command: "",
    cwd: "",
    namespace: "default",
    supervised: true,
    retryInMs: null,
    unstableRestarts: 0,
    reason: "",
    lastExit: null,
  };
}

function file(name: string, kind: "file" | "folder" | "program" = "file"): FileEntry {
  return { name, folder: kind === "folder", executable: kind === "program" };
}

const folders: Readonly<Record<string, readonly FileEntry[]>> = {
  ".": [
    file(".env"),
    file(".git", "folder"),
    file("app.js"),
    file("env", "folder"),
    file("notes.txt"),
    file("run.sh", "program"),
    file("src", "folder"),
  ],
  "./": [file("app.js"), file("notes.txt")],
  "src/": [file("main.ts"), file("my file.ts")],
  env: [file("local.env"), file("prod.env"), file("notes.txt")],
  "env/": [file("local.env"), file("prod.env"), file("notes.txt")],
};

/** The values offered for a line; its last word is the one at the cursor. */
async function offered(line: string, options: Partial<Completing> = {}): Promise<string[]> {
  const words = line.split(" ");
  const request: Completing = {
    words: words.slice(0, -1),
    current: words.at(-1) ?? "",
    registry,
    scope: "shell",
    summaries: () => [
      summary(0, "api-3000", "online"),
      summary(1, "api-worker", "starting"),
      summary(2, "db", "crashed"),
      summary(10, "web", "stopped"),
    ],
    describe: ({ id, status }) => `#${id} ${status}`,
    files: (folder) => folders[folder] ?? [],
    programs: () => ["node", "nohup", "python3"],
    outputs: () => ["list", "info api"],
    jobs: () => [],
    runs: (name) =>
      name === "api-3000"
        ? [
            { value: "1", summary: "began at nine" },
            { value: "12", summary: "began at ten" },
          ]
        : [],
    services: async () => [
      { value: "acme/api", summary: "enabled online", enabled: true },
      { value: "tetra/quasar", summary: "", enabled: false },
    ],
    ...options,
  };
  return (await complete(request)).map(({ value, whole }) => (whole ? value : `${value}…`));
}

describe("a verb", () => {
  test.for([
    { line: "sto", gives: ["stop"] },
    { line: "/st", gives: ["/stop", "/start"] },
    { line: "tsm st", gives: ["stop", "start"] },
    { line: "desc", gives: ["describe"], because: "an alias that was begun" },
    {
      line: "",
      gives: ["stop", "start", "info", "resume", "help", "last"],
      because: "aliases do not repeat their verbs",
    },
    { line: "art", gives: ["start"], because: "nothing begins so; this contains it" },
    { line: "zzz", gives: [] },
  ])("$line", async ({ line, gives }) => {
    expect(await offered(line)).toEqual(gives);
  });

  test("that only the shell has is offered in the shell only", async () => {
    expect(await offered("las", { scope: "everywhere" })).toEqual([]);
  });
});

test.for([
  {
    line: "stop ",
    gives: ["api-3000", "api-worker", "all"],
    because: "what runs, and all",
  },
  { line: "/stop w", gives: ["api-worker"], because: "no running one begins so; this contains it" },
  { line: "stop a", gives: ["api-3000", "api-worker"], because: "all steps back behind what was begun" },
  { line: "stop 0", gives: ["api-3000"], because: "an id" },
  {
    line: "stop api-3000 ",
    gives: ["api-worker", "--signal", "--keep-logs"],
    because: "named ones are not offered again; flags are now",
  },
  { line: "stop 0 api", gives: ["api-worker"], because: "named by id is named too" },
  { line: "stop {ap", gives: ["{api-3000…", "{api-worker…"], because: "a word in braces, which stay open for more" },
  { line: "stop {api-3000,", gives: ["{api-3000,api-worker…"], because: "one that stands in the braces is named" },
  { line: "stop api-{3000,w", gives: ["api-{3000,worker…"], because: "what stands before the braces begins each" },
  { line: "stop {api-3000}", gives: [], because: "braces that are closed are over" },
  { line: "resume ", gives: ["db", "web", "all"], because: "what does not run" },
  { line: "info 1", gives: ["api-worker", "web"], because: "ids that begin so" },
  { line: "info db ", gives: ["env"], because: "the next argument" },
  { line: "info db env ", gives: [], because: "no further argument" },
  { line: "stop --", gives: ["--signal", "--keep-logs"], because: "flags" },
  { line: "stop -s SIGINT --", gives: ["--keep-logs"], because: "a given flag is not offered again" },
  { line: "stop --signal ", gives: ["SIGTERM", "SIGINT"], because: "the flag's value" },
  { line: "stop --signal SIGI", gives: ["SIGINT"], because: "the flag's value, begun" },
  { line: "stop --signal=SIGI", gives: ["--signal=SIGINT"], because: "the same, with =" },
  { line: "stop --signal SIGINT a", gives: ["api-3000", "api-worker"], because: "a flag's value is no target" },
  { line: "stop -- --", gives: [], because: "after -- nothing is a flag" },
  {
    line: "start ",
    gives: ["db", "web", "acme/api", "tetra/quasar", "app.js", "env/…", "run.sh", "src/…"],
    because: "what rests, scripts, executables and folders, and no other file",
  },
  { line: "start we", gives: ["web"], because: "a process that rests" },
  { line: "start ./ap", gives: ["./app.js"], because: "a path is no process" },
  { line: "stop awk", gives: ["api-worker"], because: "its letters, scattered, when nothing contains them" },
  { line: "stop -s sgm", gives: ["SIGTERM"], because: "the same for a flag's value" },
  { line: "rsm", gives: ["resume"], because: "the same for a verb" },
  { line: "start no", gives: ["node", "nohup"], because: "programs" },
  { line: "start src/m", gives: ["src/main.ts", "src/my file.ts"], because: "files in a folder" },
  { line: "start .", gives: [".git/…"], because: "hidden ones by their dot" },
  { line: "start node ap", gives: ["app.js"], because: "a program's arguments are files" },
  { line: "start node --n", gives: ["--name"], because: "our flags may follow the program" },
  { line: "start node --inspect --n", gives: [], because: "from its first flag on they are the program's" },
  { line: "start --env a node x --env b --n", gives: [], because: "and so from one that stood before it on" },
  { line: "start --env ", gives: ["local", "prod", ".env", "env/…", "src/…"], because: "env files" },
  { line: "start --env env/l", gives: ["env/local.env"], because: "env files by path" },
  { line: "help st", gives: ["stop", "start"], because: "verbs" },
  { line: "last ", gives: ["1", "2"], because: "outputs" },
  { line: "nosuch ", gives: [], because: "nobody knows" },
])("$line offers $gives: $because", async ({ line, gives }) => {
  expect(await offered(line)).toEqual(gives);
});

test.for([
  { line: "stop cafe", because: "letters stand for those with an accent, as where a process is looked for" },
  { line: "stop càf", because: "and the other way round" },
])("$line offers café-1: $because", async ({ line }) => {
  const summaries = () => [summary(0, "api", "online"), summary(1, "café-1", "online")];
  expect(await offered(line, { summaries })).toEqual(["café-1"]);
});

test("a process says more than its name", async () => {
  const request = { words: ["stop"], current: "api-3", registry, scope: "shell" as const };
  const world = {
    summaries: () => [summary(0, "api-3000", "online")],
    describe: () => "#0 online",
    files: () => [],
    programs: () => [],
    outputs: () => [],
    jobs: () => [],
    runs: () => [],
    services: async () => [],
  };
  const [only] = await complete({ ...request, ...world });
  expect(only).toMatchObject({ value: "api-3000", summary: "#0 online", whole: true });
});

test.for([
  { line: "stop sh", gives: ["shop-api", "shop"], because: "what begins a process's name and a namespace's" },
  { line: "stop shop-api sh", gives: ["shop"], because: "beside a process too" },
  { line: "stop shop sh", gives: ["shop-api"], because: "once" },
  {
    line: "stop ",
    gives: ["shop-api", "db", "cache", "shop", "all"],
    because: "behind the processes; not the usual one",
  },
  { line: "resume ar", gives: ["archive"], because: "with processes that this verb takes" },
  { line: "stop ar", gives: [], because: "and with no others" },
  { line: "info sh", gives: ["shop-api"], because: "not where one process is meant" },
])("$line offers $gives of namespaces: $because", async ({ line, gives }) => {
  const of = (id: number, name: string, namespace: string, status: Status = "online") => ({
    ...summary(id, name, status),
    namespace,
  });
  const summaries = () => [
    of(0, "shop-api", "shop"),
    of(1, "db", "shop"),
    of(2, "cache", "db"),
    of(3, "old", "archive", "stopped"),
  ];
  expect((await offered(line, { summaries })).filter((value) => !value.startsWith("-"))).toEqual(gives);
});

test("a namespace says how many it is", async () => {
  const summaries = () => [0, 1].map((id) => ({ ...summary(id, `p${id}`, "online"), namespace: "shop" }));
  const request = { words: ["stop"], current: "sh", registry, scope: "shell" as const, summaries };
  const world = { describe: () => "", files: () => [], programs: () => [], outputs: () => [], jobs: () => [] };
  const found = await complete({ ...request, ...world, runs: () => [], services: async () => [] });
  expect(found).toMatchObject([{ value: "shop", summary: "namespace, 2 processes", whole: true }]);
});

test("--run offers the runs of the process that the line names, the last first", async () => {
  const verb = defineCommand({
    ...handler,
    name: "logs",
    summary: "Show lines",
    args: { targets: anyNumber(type("PROCESS", { kind: "processes", which: "all" }), "Whose") },
    flags: { run: flag(type("N", { kind: "runs" }), { summary: "Of one run" }) },
  });
  const only = { registry: [{ name: "logs", aliases: [], load: () => Promise.resolve(verb) }] };
  expect(await offered("logs api-3000 --run ", only)).toEqual(["last", "12", "1"]);
  expect(await offered("logs 0 --run 1", only)).toEqual(["12", "1"]);
  expect(await offered("logs --run ", only)).toEqual(["last"]);
});

test("what runs a command offers the commands that it can run", async () => {
  const runs = (name: string, inside: "any" | "looks") =>
    defineCommand({
      ...handler,
      name,
      summary: "",
      args: { command: command(type("COMMAND", { kind: "verbs", inside }), "The command") },
      flags: {},
    });
  const watch = runs("watch", "looks");
  const repeat = runs("repeat", "any");
  const remove = { ...stop, name: "delete", effect: "destroys" } as const;
  const bind = defineCommand({
    ...handler,
    name: "bind",
    effect: "changes",
    summary: "",
    args: {},
    flags: {},
    onlyLooks: () => true,
  });
  const restart = { ...stop, name: "restart", effect: "changes", onlyLooks: () => true } as const;
  const apply = { ...bind, name: "apply", onlyLooks: () => false } as const;
  const registry = [watch, repeat, remove, bind, restart, apply, info].map((verb) => entry(verb));
  const aliases = new Map([
    ["gone", "delete api"],
    ["say", "info api"],
  ]);
  expect(await offered("watch ", { registry, aliases })).toEqual(["bind", "info", "say"]);
  expect(await offered("repeat ", { registry, aliases, scope: "shell" })).toEqual([
    "delete",
    "bind",
    "restart",
    "apply",
    "info",
    "gone",
    "say",
  ]);
});

test("unbind offers the keys that have another meaning, each once", async () => {
  const unbind = defineCommand({
    ...handler,
    name: "unbind",
    summary: "",
    args: { keys: many(type("KEY", { kind: "bound-keys" }), "Keys") },
    flags: {},
  });
  const keys = new Map([
    ["ctrl-g", "list crashed"],
    ["f5", "undo"],
  ]);
  expect(await offered("unbind ", { registry: [entry(unbind)], keys })).toEqual(["ctrl-g", "f5"]);
  expect(await offered("unbind f5 ", { registry: [entry(unbind)], keys })).toEqual(["ctrl-g"]);
  expect(await offered("unbind ", { registry: [entry(unbind)] })).toEqual([]);
});

test("diff offers processes, and runs once there is one", async () => {
  const verb = defineCommand({
    ...handler,
    name: "diff",
    summary: "Compare",
    args: { which: anyNumber(type("PROCESS|RUN", { kind: "process-runs" }), "Which") },
    flags: {},
  });
  const only = { registry: [{ name: "diff", aliases: [], load: () => Promise.resolve(verb) }] };
  expect(await offered("diff ", only)).toEqual(["api-3000", "api-worker", "db", "web"]);
  expect(await offered("diff api-3", only)).toEqual(["api-3000"]);
  expect(await offered("diff api-3000 ", only)).toEqual(["last", "12", "1"]);
  expect(await offered("diff api-3000 12 ", only)).toEqual(["last", "1"]);
  expect(await offered("diff 0 1", only)).toEqual(["12", "1"]);
});

test.for([
  { line: "enable ", gives: ["tetra/quasar"], because: "what is enabled already needs no second time" },
  { line: "disable ", gives: ["acme/api"], because: "only what is enabled can be disabled" },
  { line: "edit qua", gives: ["tetra/quasar"], because: "a part of the name is enough" },
  { line: "show ac", gives: ["acme/api"], because: "a service beside processes" },
  { line: "save te", gives: ["tetra/…", "tetra/quasar"], because: "an org, for a new service in it" },
  { line: "save tetra/", gives: ["tetra/quasar"], because: "services of that org" },
  { line: "save we", gives: ["web"], because: "a process can be saved" },
])("$line offers services: $because", async ({ line, gives }) => {
  const verbs: Registry = [
    ...(["enable", "disable", "edit"] as const).map((name) => {
      const which = ({ enable: "disabled", disable: "enabled", edit: "all" } as const)[name];
      return serviceVerb(name, { kind: "services", which });
    }),
    serviceVerb("show", { kind: "processes", which: "all", services: true }),
    serviceVerb("save", { kind: "savable" }),
  ];
  expect(await offered(line, { registry: verbs })).toEqual(gives);
});

function serviceVerb(name: string, offers: Offers): Registry[number] {
  return entry(
    defineCommand({ ...handler, name, summary: "Do it", args: { which: one(type("X", offers), "Which") }, flags: {} }),
  );
}

test("for bash, programs come first, then files", () => {
  const world = {
    registry,
    scope: "shell" as const,
    summaries: () => [],
    describe: () => "",
    files: () => [file("notes"), file("src", "folder")],
    programs: () => ["node"],
    outputs: () => [],
    jobs: () => [],
    runs: () => [],
    services: async () => [],
  };
  const values = (words: string[], current: string) =>
    completeBash({ ...world, words, current }).map(({ value }) => value);
  expect(values([], "no")).toEqual(["notes", "node"]);
  expect(values(["cat"], "no")).toEqual(["notes"]);
  expect(values(["cat", "notes", "|"], "no")).toEqual(["notes", "node"]);
});
