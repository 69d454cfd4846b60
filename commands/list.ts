import { type Context, defineCommand, flag, optional, type ParamType, toggle } from "../src/command/define.ts";
import { integer } from "../src/command/types.ts";
import type { Overview } from "../src/core/engine.ts";
import { TsmError } from "../src/core/errors.ts";
import type { ManagedTree } from "../src/core/forest.ts";
import { defaultNamespace, type ProcessSummary, type Status } from "../src/core/process.ts";
import { quoteWord } from "../src/core/quote.ts";
import type { ServiceRow } from "../src/core/services.ts";
import type { Unsaved } from "../src/core/unsaved.ts";
import type { Usage } from "../src/core/usage.ts";
import { bytes } from "../src/view/bytes.ts";
import { duration, ordinal, shortTime } from "../src/view/duration.ts";
import type { Paint } from "../src/view/paint.ts";
import { sanitize } from "../src/view/sanitize.ts";
import type { Screen } from "../src/view/screen.ts";
import { serviceNotes, serviceTable } from "../src/view/service-table.ts";
import { type Column, table } from "../src/view/table.ts";
import { treeLines } from "../src/view/tree-lines.ts";
import { clip, displayWidth } from "../src/view/width.ts";

const filters = ["all", "running", "stopped", "crashed"] as const;
type Filter = (typeof filters)[number];
/** Not of processes: of what could be started. */
const ofServices = ["available", "enabled"] as const;

const running: readonly Status[] = ["starting", "online", "waiting", "stopping"];
const shownBy: Readonly<Record<Filter | "usual", readonly Status[]>> = {
  all: [...running, "crashed", "stopped"],
  running,
  stopped: ["stopped"],
  crashed: ["crashed"],
  usual: [...running, "crashed"],
};

const words = [...filters, "tree", ...ofServices] as const;
type Word = (typeof words)[number];

const filterOrNamespace: ParamType<Word | { readonly namespace: string }> = {
  label: "FILTER",
  offers: { kind: "words", words: words.map((value) => ({ value, summary: "" })), namespaces: true },
  parse: (word) => words.find((each) => each === word) ?? { namespace: word },
};

const conditions: ParamType<string> = {
  label: "CONDITIONS",
  offers: { kind: "conditions" },
  parse: (word) => word,
};
const order: ParamType<string> = { label: "FIELD", offers: { kind: "order" }, parse: (word) => word };

export default defineCommand({
  name: "list",
  summary: "Show the processes: by default what runs and what has crashed",
  details: [
    "--where takes conditions on id, name, status, port, pid, mem, cpu, restarts, uptime, type and namespace: = != < <= > >= and ~ for a regular expression, with and, or, not and parentheses. Sizes are 200M, times 90s or 1h30m; what a process does not have is none. It looks at all processes unless one of the filters is given too.",
    "On a wide terminal also restarts, cpu (of one core, since its start) and memory, each of the whole tree. --json is an array with id, name, status, pid, port, uptimeMs, restarts, cpu (percent), memory (bytes), type, command, cwd, namespace, supervised and lastExit; jlist has pm2's names. In the shell /ps shows the machine's processes.",
  ],
  effect: "reads",
  args: {
    filter: optional(
      filterOrNamespace,
      "Which ones: all, running, stopped or crashed processes, a namespace; tree; available or enabled services",
    ),
  },
  flags: {
    tree: toggle("As a tree: which process has started which, and what runs below each"),
    all: toggle("All of them, stopped ones too", "a"),
    where: flag(conditions, { summary: "Only those for which it holds: 'mem > 200M and status = online'" }),
    sort: flag(order, { summary: "By this field, as mem; -mem or mem:desc is the other way round" }),
    limit: flag(integer("N", 0), { summary: "So many at most" }),
    miniList: toggle("Each as lines of words and no table, as pm2 list -m", "m"),
    watch: toggle("Again and again in place, busiest moments and all, until q or Ctrl-C", "w"),
  },
  examples: [
    "list",
    "ls all",
    "list -a",
    "list shop",
    "list available",
    "ps -m",
    "list crashed --json",
    "list tree",
    "list --watch --sort -cpu",
    "list --where 'mem > 200M and not name ~ ^api' --sort -mem --limit 5",
  ],
  run: (asked, context): Promise<Listing> | AsyncIterable<Listing> =>
    asked.watch ? watched(asked, context) : listingOf(asked, context),
  json: (listing) => ("at" in listing ? listing : (listing.services ?? listing.forest ?? listing.processes)),
  names: ({ processes }) => processes.map(({ name }) => name),
  render: shown,
  *notes({ damaged, services }) {
    yield* serviceNotes(services ?? []);
    for (const { name, problem } of damaged)
      yield `the record of '${name}' is damaged: ${problem}; tsm delete ${name} removes it`;
  },
});

interface Asked {
  readonly filter: Word | { readonly namespace: string } | undefined;
  readonly tree: boolean;
  readonly all: boolean;
  readonly where: string | undefined;
  readonly sort: string | undefined;
  readonly limit: number | undefined;
  readonly miniList: boolean;
}

/** @param now processes as they were just looked at; else they are looked at here. */
async function listingOf(
  { filter: word, tree, all, where, sort, limit, miniList: mini }: Asked,
  { engine, screen }: Pick<Context, "engine" | "screen">,
  now?: readonly ProcessSummary[],
): Promise<Listing> {
  const namespace = typeof word === "object" ? word.namespace : undefined;
  const filter = word === "tree" || typeof word === "object" ? undefined : word;
  if (filter === "available" || filter === "enabled") {
    if (tree || all || where !== undefined || sort !== undefined)
      throw new TsmError("USAGE", `list ${filter} shows services, which have no such fields`, {
        hint: "--tree, --all, --where and --sort are for processes",
      });
    const services = (await engine.services()).list().filter((row) => row.enabled || filter === "available");
    return {
      ...nothing,
      mini,
      services: services.slice(0, limit),
      beyond: services.slice(limit ?? services.length).length,
    };
  }
  // Loaded when they are asked for: `list` alone is to be quick.
  const holds = where === undefined ? undefined : (await import("../src/command/where.ts")).parseWhere(where);
  const { processes: known, damaged } =
    now === undefined ? engine.overview(showsUse(screen)) : { processes: now, damaged: [] };
  const every = namespace === undefined ? known : ofNamespace(known, namespace);
  const wanted = shownBy[all ? "all" : (filter ?? (holds === undefined ? "usual" : "all"))];
  const meant = every.filter((process) => wanted.includes(process.status) && (holds === undefined || holds(process)));
  const inOrder = sort === undefined ? meant : (await import("../src/command/order.ts")).sorted(meant, sort);
  const processes = inOrder.slice(0, limit);
  const hidden = holds === undefined ? every.filter(({ status }) => !wanted.includes(status)) : [];
  const isTree = tree || word === "tree";
  const forest = isTree ? await engine.forest(processes.map(({ name }) => name)) : undefined;
  // For a person: a script gets what it asked for.
  const unsaved = screen.terminal ? await engine.unsaved(known.map(({ name }) => name)) : undefined;
  return {
    processes,
    hidden,
    showsAll: namespace === undefined ? "tsm list all" : `tsm list ${quoteWord(namespace)} --all`,
    beyond: inOrder.length - processes.length,
    damaged,
    forest,
    services: undefined,
    mini,
    unsaved,
  };
}

/** @throws TsmError when there is none of this name. */
function ofNamespace(processes: readonly ProcessSummary[], namespace: string): readonly ProcessSummary[] {
  const found = processes.filter((process) => process.namespace === namespace);
  if (found.length > 0) return found;
  const near = processes.find(({ name, id }) => name === namespace || String(id) === namespace);
  throw new TsmError("USAGE", `'${namespace}' is none of ${words.join(", ")}, and no namespace`, {
    hint: near === undefined ? `Choose one of: ${words.join(", ")}` : `tsm info ${near.name} shows that process`,
  });
}

/** One listing after the other; at a terminal in place, and the last one stays. */
async function* watched(asked: Asked, context: Context): AsyncGenerator<Listing> {
  const { takeScreen, engine, screen, signal, json } = context;
  // Loaded when it is asked for, as above.
  const { cpuBetween } = await import("../src/core/usage.ts");
  let before: Usage | undefined;
  const look = async (): Promise<Listing> => {
    const usage = await engine.usage();
    const cpu = before === undefined ? new Map<string, number>() : cpuBetween(before, usage);
    before = usage;
    const rounded = (name: string) => (cpu.has(name) ? Math.round((cpu.get(name) ?? 0) * 10) / 10 : undefined);
    const now = usage.processes.map(({ summary }) => ({ ...summary, cpu: rounded(summary.name) ?? summary.cpu }));
    return { at: usage.at, ...(await listingOf(asked, context, now)) };
  };
  if (takeScreen === undefined || json) {
    for (; !signal.aborted; await engine.pause(watchMs, signal)) yield await look();
    return;
  }
  const { inPlace } = await import("../src/monit/in-place.ts");
  const last = await takeScreen((whole) =>
    inPlace(whole, context, {
      everyMs: watchMs,
      title: "tsm list",
      look,
      rows: (listing) => [...shown(listing, screen)],
    }),
  );
  yield last;
}

const watchMs = 2000;

function* shown(listing: Listing, screen: Screen): Iterable<string> {
  const { processes, hidden, showsAll, beyond, services, forest, mini, unsaved } = listing;
  const { columns, paint, cut, inPlace, plain } = screen;
  if (services !== undefined) yield* serviceTable(services, screen);
  else if (forest !== undefined) yield* treeLines(forest, screen);
  else if (mini) yield* blocks(processes);
  else if (plain) yield* lines(processes);
  else if (columns !== undefined && columns < narrowest) yield* rows(processes, columns, screen);
  else yield* table(processes, columnsFor(screen, processes), { columns, paintFrame: paint.faint, cut, inPlace });
  if (beyond > 0) yield screen.paint.faint(`${beyond} more beyond the limit`);
  if (hidden.length > 0) yield screen.paint.faint(`${counted(hidden)} not shown: ${showsAll}`);
  if (unsaved !== undefined) yield* unsavedLine(unsaved, screen.paint);
  // Parted by an empty line where they follow one another.
  if ("at" in listing && !screen.terminal) yield "";
}

/** Narrower than this not even the box of ids, names, statuses and pids fits. */
const narrowest = 38;

/** `0 api-3000 online port 3000 pid 123 up 5m`: a row as it is read aloud. */
function* lines(processes: readonly ProcessSummary[]): Iterable<string> {
  if (processes.length === 0) yield "no processes";
  for (const process of processes) {
    const { id, name, port, pid, uptimeMs, restarts, memory } = process;
    const parts = [
      `${id} ${sanitize(name)} ${statusText(process)}`,
      ...(port === "none" ? [] : [`port ${port}`]),
      ...(pid === null ? [] : [`pid ${pid}`]),
      ...(uptimeMs === null ? [] : [`up ${duration(uptimeMs)}`]),
      ...(restarts === 0 ? [] : [`restarts ${restarts}`]),
      ...(memory === null ? [] : [`memory ${bytes(memory)}`]),
    ];
    yield parts.join(" ");
  }
}

/** pm2's words for each, and ours where it has none. */
function* blocks(processes: readonly ProcessSummary[]): Iterable<string> {
  for (const process of processes) {
    const { id, name, namespace, pid, port, uptimeMs, restarts, memory } = process;
    yield `+--- ${sanitize(name)}`;
    yield `namespace : ${sanitize(namespace)}`;
    yield `pid : ${pid ?? 0}`;
    yield `pm2 id : ${id}`;
    yield `status : ${statusText(process)}`;
    yield "mode : fork";
    yield `port : ${port}`;
    yield `restarted : ${restarts}`;
    yield `uptime : ${uptimeMs === null ? 0 : duration(uptimeMs)}`;
    yield `memory usage : ${bytes(memory ?? 0)}`;
    yield "";
  }
}

/** `0 api-3000 online`, cut to the width. */
function* rows(processes: readonly ProcessSummary[], columns: number, screen: Screen): Iterable<string> {
  for (const process of processes) {
    const status = statusText(process);
    const name = clip(
      sanitize(process.name),
      Math.max(1, columns - displayWidth(`${process.id}  ${status}`)),
      screen.cut,
    );
    yield `${process.id} ${screen.paint.strong(name)} ${statusColour(status, process, screen.paint)}`;
  }
}

function statusColour(text: string, { status }: ProcessSummary, paint: Paint): string {
  if (status === "online") return paint.good(text);
  if (status === "crashed") return paint.bad(text);
  return status === "stopped" ? paint.faint(text) : paint.warn(text);
}

interface Listing extends Overview {
  /** When it was, of one that is followed by others: epoch milliseconds. */
  readonly at?: number;
  /** What the filter leaves out. */
  readonly hidden: readonly ProcessSummary[];
  /** What shows that too. */
  readonly showsAll: string;
  /** How many the limit leaves out. */
  readonly beyond: number;
  /** When they were asked for, and no processes. */
  readonly services: readonly ServiceRow[] | undefined;
  readonly mini: boolean;
  /** How it differs from what was saved, where a person looks. */
  readonly unsaved: Unsaved | undefined;
  /** When it was asked for: the same processes. */
  readonly forest?: readonly ManagedTree[] | undefined;
}

const nothing = { processes: [], hidden: [], showsAll: "", damaged: [], unsaved: undefined };

/** `the saved list has 1 less and 2 more: tsm save`. */
function* unsavedLine({ added, gone }: Unsaved, paint: Paint): Iterable<string> {
  if (added === 0 && gone === 0) return;
  const parts = [added === 0 ? "" : `${added} less`, gone === 0 ? "" : `${gone} more`].filter((part) => part !== "");
  yield paint.faint(`the saved list has ${parts.join(" and ")}: tsm save`);
}

/** In a pipe the table has the columns that scripts have always seen. */
function showsUse({ terminal, columns }: Screen): boolean {
  return terminal && (columns ?? 0) >= 100;
}

function columnsFor(screen: Screen, processes: readonly ProcessSummary[]): Column<ProcessSummary>[] {
  const { terminal, paint } = screen;
  const isGrouped = processes.some(({ namespace }) => namespace !== defaultNamespace);
  const usual: Column<ProcessSummary>[] = [
    { title: "id", min: 4, cell: ({ id }) => String(id) },
    { title: "name", min: 18, shrinkTo: 8, cell: ({ name }) => name, paint: paint.strong },
    ...(isGrouped ? [{ title: "namespace", cell: ({ namespace }: ProcessSummary) => namespace, dropFirst: 3 }] : []),
    {
      title: "status",
      min: 7,
      cell: statusText,
      paint: (text, process) => statusColour(text, process, paint),
    },
    { title: "pid", min: 6, cell: ({ pid }) => (pid === null ? "-" : String(pid)) },
    { title: "port", min: 7, cell: ({ port }) => String(port), dropFirst: 1 },
    {
      title: "uptime",
      // On a terminal of 80 columns the box is to fit; in a pipe it is the one that scripts have always seen.
      min: terminal ? 8 : 20,
      cell: ({ uptimeMs }) => (uptimeMs === null ? "-" : duration(uptimeMs)),
      dropFirst: 2,
    },
  ];
  if (!showsUse(screen)) return usual;
  return [
    ...usual,
    { title: "restarts", cell: ({ restarts }) => String(restarts), align: "right", dropFirst: 5 },
    { title: "cpu", min: 5, cell: ({ cpu }) => (cpu === null ? "-" : `${cpu}%`), align: "right", dropFirst: 4 },
    {
      title: "mem",
      min: 7,
      cell: ({ memory }) => (memory === null ? "-" : bytes(memory)),
      align: "right",
      dropFirst: 3,
    },
  ];
}

/** `2 stopped, 1 crashed`. */
function counted(hidden: readonly ProcessSummary[]): string {
  const counts = new Map<Status, number>();
  for (const { status } of hidden) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}

/** `waiting (retry in 12 s, 7th)`, `waiting (for port 3000)`, `online (unsupervised)`. */
function statusText({ status, supervised, retryInMs, unstableRestarts, reason, port }: ProcessSummary): string {
  if (status === "waiting" && reason !== "") return `waiting (for port ${port})`;
  if (status === "waiting" && retryInMs !== null) {
    return `waiting (retry in ${shortTime(retryInMs)}, ${ordinal(Math.max(1, unstableRestarts))})`;
  }
  return supervised ? status : `${status} (unsupervised)`;
}
