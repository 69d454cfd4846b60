import { anyNumber, type Context, defineCommand, flag, type ParamType, toggle } from "../src/command/define.ts";
import { damagedLines } from "../src/command/each.ts";
import { type Order, order } from "../src/command/sort-order.ts";
import { integer, offeringAlone, text } from "../src/command/types.ts";
import type { Overview } from "../src/core/engine.ts";
import { TsmError } from "../src/core/errors.ts";
import type { ManagedTree } from "../src/core/forest.ts";
import { defaultNamespace, type ProcessSummary, recordedStatuses, type Status } from "../src/core/process.ts";
import { quoteWord } from "../src/core/quote.ts";
import type { ServiceRow } from "../src/core/services.ts";
import type { Unsaved } from "../src/core/unsaved.ts";
import type { Usage } from "../src/core/usage.ts";
import type { Paint } from "../src/view/paint.ts";
import { miniLines, processLines, showsUse } from "../src/view/process-list.ts";
import type { Screen } from "../src/view/screen.ts";
import { serviceNotes, serviceTable } from "../src/view/service-table.ts";
import { treeLines } from "../src/view/tree-lines.ts";

const filters = ["all", "running", ...recordedStatuses] as const;
type Filter = (typeof filters)[number];
/** Not of processes: of what could be started. */
const ofServices = ["available", "enabled"] as const;

const running: readonly Status[] = ["starting", "online", "waiting", "stopping"];
function shownBy(filter: Filter | "usual"): readonly Status[] {
  if (filter === "all") return recordedStatuses;
  if (filter === "usual") return [...running, "crashed"];
  return filter === "running" ? running : [filter];
}

const words = [...filters, "tree", ...ofServices] as const;
type Word = (typeof words)[number];

interface Called {
  readonly called: string;
}

const filterOrName: ParamType<Word | Called> = {
  label: "FILTER",
  offers: { ...offeringAlone(words), namespaces: true },
  parse: (word) => words.find((each) => each === word) ?? { called: word },
};

const conditions = text("CONDITIONS", { kind: "conditions" });

export default defineCommand({
  name: "list",
  summary: "Show the processes: by default what runs and what has crashed",
  details: [
    "--where takes conditions on id, name, status, port, pid, mem, cpu, restarts, uptime, type and namespace: = != < <= > >= and ~ for a regular expression, with and, or, not and parentheses. Sizes are 200M, times 90s or 1h30m; what a process does not have is none. It looks at all processes unless one of the filters is given too.",
    "On a wide terminal also restarts, cpu (of one core, since its start) and memory, each of the whole tree. --json is an array with id, name, status, pid, port, uptimeMs, restarts, cpu (percent), memory (bytes), type, command, cwd, namespace, supervised and lastExit; jlist has pm2's names. In the shell /ps shows the machine's processes.",
  ],
  effect: "reads",
  args: {
    filters: anyNumber(
      filterOrName,
      "Which ones: all, running, or a status as online; names, patterns, namespaces; tree; available or enabled services",
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
    "list api worker",
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
    yield* damagedLines(damaged);
  },
});

interface Asked {
  readonly filters: readonly (Word | Called)[];
  readonly tree: boolean;
  readonly all: boolean;
  readonly where: string | undefined;
  readonly sort: Order | undefined;
  readonly limit: number | undefined;
  readonly miniList: boolean;
}

/** @param now processes as they were just looked at; else they are looked at here. */
async function listingOf(
  { filters, tree, all, where, sort, limit, miniList: mini }: Asked,
  { engine, screen }: Pick<Context, "engine" | "screen">,
  now?: readonly ProcessSummary[],
): Promise<Listing> {
  const { word, names } = partsOf(filters);
  const filter = word === "tree" ? undefined : word;
  if (filter === "available" || filter === "enabled") {
    if (tree || all || where !== undefined || sort !== undefined || names.length > 0)
      throw new TsmError("USAGE", `list ${filter} shows services, which have no such fields`, {
        hint: "Names, --tree, --all, --where and --sort are for processes",
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
  const meantBy =
    names.length === 0
      ? undefined
      : await (await import("../src/command/called.ts")).processesCalled(names, { processes: known, engine, words });
  const every = meantBy === undefined ? known : known.filter(({ name }) => meantBy.has(name));
  const wanted = shownBy(all ? "all" : (filter ?? (holds === undefined ? "usual" : "all")));
  const isWanted = ({ name, status }: ProcessSummary) =>
    wanted.includes(status) || (filter === undefined && meantBy?.get(name) === "itself");
  const meant = every.filter((process) => isWanted(process) && (holds === undefined || holds(process)));
  const inOrder = sort === undefined ? meant : (await import("../src/command/order.ts")).sorted(meant, sort);
  const processes = inOrder.slice(0, limit);
  const hidden = holds === undefined ? every.filter((process) => !isWanted(process)) : [];
  const isTree = tree || word === "tree";
  const forest = isTree ? await engine.forest(processes.map(({ name }) => name)) : undefined;
  // For a person: a script gets what it asked for.
  const unsaved = screen.terminal ? await engine.unsaved(known.map(({ name }) => name)) : undefined;
  return {
    processes,
    hidden,
    showsAll: names.length === 0 ? "tsm list all" : `tsm list ${names.map(quoteWord).join(" ")} --all`,
    beyond: inOrder.length - processes.length,
    damaged,
    forest,
    services: undefined,
    mini,
    unsaved,
  };
}

/** @throws TsmError for two filters. */
function partsOf(filters: Asked["filters"]): { readonly word: Word | undefined; readonly names: readonly string[] } {
  const given = filters.filter((each) => typeof each === "string");
  if (given.length > 1)
    throw new TsmError("USAGE", `list takes one of ${words.join(", ")}, and names beside it`, {
      hint: "--where 'status = stopped or status = crashed' takes several",
    });
  return { word: given[0], names: filters.flatMap((each) => (typeof each === "string" ? [] : [each.called])) };
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
    const now = usage.processes.map(({ summary }) => {
      const { cpu, memory } = summary;
      return { ...summary, cpu: rounded(summary.name) ?? cpu, memory };
    });
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
  if (services !== undefined) yield* serviceTable(services, screen);
  else if (forest !== undefined) yield* treeLines(forest, screen);
  else if (mini) yield* miniLines(processes);
  else {
    const isGrouped = processes.some(({ namespace }) => namespace !== defaultNamespace);
    yield* processLines(processes, isGrouped, screen);
  }
  if (beyond > 0) yield screen.paint.faint(`${beyond} more beyond the limit`);
  if (hidden.length > 0) yield screen.paint.faint(`${counted(hidden)} not shown: ${showsAll}`);
  if (unsaved !== undefined) yield* unsavedLine(unsaved, screen.paint);
  // Parted by an empty line where they follow one another.
  if ("at" in listing && !screen.terminal) yield "";
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

/** `2 stopped, 1 crashed`. */
function counted(hidden: readonly ProcessSummary[]): string {
  const counts = new Map<Status, number>();
  for (const { status } of hidden) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}
