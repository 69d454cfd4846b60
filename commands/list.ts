import { defineCommand, flag, optional, toggle } from "../src/command/define.ts";
import { integer, oneOf, text } from "../src/command/types.ts";
import type { Overview } from "../src/core/engine.ts";
import { TsmError } from "../src/core/errors.ts";
import type { ManagedTree } from "../src/core/forest.ts";
import type { ProcessSummary, Status } from "../src/core/process.ts";
import type { ServiceRow } from "../src/core/services.ts";
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

export default defineCommand({
  name: "list",
  summary: "Show the processes: by default what runs and what has crashed",
  details: [
    "--where takes conditions on id, name, status, port, pid, mem, cpu, restarts, uptime and type: = != < <= > >= and ~ for a regular expression, with and, or, not and parentheses. Sizes are 200M, times 90s or 2h; what a process does not have is none. It looks at all processes unless one of the filters is given too.",
    "On a wide terminal also restarts, cpu (of one core, since its start) and memory, each of the whole tree. --json is an array with id, name, status, pid, port, uptimeMs, restarts, cpu (percent), memory (bytes), type, command, cwd, supervised and lastExit.",
  ],
  effect: "reads",
  args: {
    filter: optional(
      oneOf([...filters, "tree", ...ofServices], "FILTER"),
      "Which ones: all, running, stopped or crashed processes; tree; available or enabled services",
    ),
  },
  flags: {
    tree: toggle("As a tree: which process has started which, and what runs below each"),
    all: toggle("All of them, stopped ones too", "a"),
    where: flag(text("CONDITIONS"), { summary: "Only those for which it holds: 'mem > 200M and status = online'" }),
    sort: flag(text("FIELD"), { summary: "By this field, as mem; -mem or mem:desc is the other way round" }),
    limit: flag(integer("N", 0), { summary: "So many at most" }),
  },
  examples: [
    "list",
    "ls all",
    "list -a",
    "list available",
    "list crashed --json",
    "list tree",
    "list --where 'mem > 200M and not name ~ ^api' --sort -mem --limit 5",
  ],
  async run({ filter: word, tree, all, where, sort, limit }, { engine }): Promise<Listing> {
    const filter = word === "tree" ? undefined : word;
    if (filter === "available" || filter === "enabled") {
      if (tree || all || where !== undefined || sort !== undefined)
        throw new TsmError("USAGE", `list ${filter} shows services, which have no such fields`, {
          hint: "--tree, --all, --where and --sort are for processes",
        });
      const services = (await engine.services()).list().filter((row) => row.enabled || filter === "available");
      return {
        ...nothing,
        services: services.slice(0, limit),
        beyond: services.slice(limit ?? services.length).length,
      };
    }
    // Loaded when they are asked for: `list` alone is to be quick.
    const holds = where === undefined ? undefined : (await import("../src/command/where.ts")).parseWhere(where);
    const { processes: every, damaged } = engine.overview();
    const wanted = shownBy[all ? "all" : (filter ?? (holds === undefined ? "usual" : "all"))];
    const meant = every.filter((process) => wanted.includes(process.status) && (holds === undefined || holds(process)));
    const inOrder = sort === undefined ? meant : (await import("../src/command/order.ts")).sorted(meant, sort);
    const processes = inOrder.slice(0, limit);
    const isTree = tree || word === "tree";
    const forest = isTree ? await engine.forest(processes.map(({ name }) => name)) : undefined;
    const hidden = holds === undefined ? every.filter(({ status }) => !wanted.includes(status)) : [];
    return { processes, hidden, beyond: inOrder.length - processes.length, damaged, forest, services: undefined };
  },
  json: ({ processes, services, forest }) => services ?? forest ?? processes,
  names: ({ processes }) => processes.map(({ name }) => name),
  *render({ processes, hidden, beyond, services, forest }, screen) {
    const { columns, paint, cut, plain } = screen;
    if (services !== undefined) yield* serviceTable(services, screen);
    else if (forest !== undefined) yield* treeLines(forest, screen);
    else if (plain) yield* lines(processes);
    else if (columns !== undefined && columns < narrowest) yield* rows(processes, columns, screen);
    else yield* table(processes, columnsFor(screen), { columns, paintFrame: paint.faint, cut });
    if (beyond > 0) yield screen.paint.faint(`${beyond} more beyond the limit`);
    if (hidden.length > 0) yield screen.paint.faint(`${counted(hidden)} not shown: tsm list all`);
  },
  *notes({ damaged, services }) {
    yield* serviceNotes(services ?? []);
    for (const { name, problem } of damaged)
      yield `the record of '${name}' is damaged: ${problem}; tsm delete ${name} removes it`;
  },
});

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
  /** What the filter leaves out. */
  readonly hidden: readonly ProcessSummary[];
  /** How many the limit leaves out. */
  readonly beyond: number;
  /** When they were asked for, and no processes. */
  readonly services: readonly ServiceRow[] | undefined;
  /** When it was asked for: the same processes. */
  readonly forest?: readonly ManagedTree[] | undefined;
}

const nothing = { processes: [], hidden: [], damaged: [] };

function columnsFor({ columns, terminal, paint }: Screen): Column<ProcessSummary>[] {
  const usual: Column<ProcessSummary>[] = [
    { title: "id", min: 4, cell: ({ id }) => String(id) },
    { title: "name", min: 18, shrinkTo: 8, cell: ({ name }) => name, paint: paint.strong },
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
  if (!terminal || (columns ?? 0) < 100) return usual;
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
    return `waiting (retry in ${shortTime(retryInMs)}, ${ordinal(unstableRestarts)})`;
  }
  return supervised ? status : `${status} (unsupervised)`;
}
