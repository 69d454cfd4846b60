import { type Claimed, claimPort } from "../src/command/claim-port.ts";
import { consent } from "../src/command/consent.ts";
import {
  anyNumber,
  type Context,
  defineCommand,
  flag,
  optional,
  type ParamType,
  toggle,
} from "../src/command/define.ts";
import { port, portRange } from "../src/command/port-types.ts";
import { integer, oneOf, subWord, text } from "../src/command/types.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";
import type { PortConflict } from "../src/core/port-conflicts.ts";
import { portFormats } from "../src/core/port-exchange.ts";
import { type PortFix, portFixWords } from "../src/core/port-fixes.ts";
import type { Holder, HolderDetails } from "../src/core/port-holders.ts";
import { type PortUse, portUse } from "../src/core/port-ranges.ts";
import type { Promised } from "../src/core/port-registry.ts";
import type { Changed, PortRow, Ports } from "../src/core/ports.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { overviewLine, rangeLines } from "../src/view/port-use.ts";
import { claimLines, conflictLines, holderLines, portLines, scanLines } from "../src/view/ports.ts";
import { sanitize } from "../src/view/sanitize.ts";

const actions = {
  list: "Declared ports, and whether they are listened on",
  scan: "Who listens: [FROM-TO]",
  who: "Who listens on PORT, or on the unix socket PATH",
  claim: "End whoever listens on PORT",
  free: "Ports that nobody has: [FROM-TO]",
  set: "Promise a port: NAME PORT",
  remove: "Take a promise back: NAME or PORT",
  allocate: "Promise a free port: NAME [FROM-TO]",
  conflicts: "Ports that several want; --fix",
  validate: "As conflicts",
  ranges: "What ranges of ports are for, and how full",
  overview: "How many are declared, listened on, wanted twice",
  detailed: "What is declared, with all about who listens",
  export: "What is declared: [text|json|env|toml]",
  env: "export env",
  json: "export json",
  import: "Take promises from FILE; - is standard input",
} as const;

type Action = keyof typeof actions;

const anAction = subWord(actions);
const portAction: ParamType<Action> = {
  ...anAction,
  parse(word) {
    if (!/^\d+$/.test(word)) return anAction.parse(word);
    throw new TsmError("USAGE", `'${word}' does not say what to do`, {
      hint: `tsm ports who ${word} says who listens there; tsm ports has all that are declared`,
    });
  },
};

type Said =
  | { readonly action: "list"; readonly rows: readonly PortRow[]; readonly strange: readonly string[] }
  | { readonly action: "scan"; readonly holders: readonly Holder[] }
  | { readonly action: "who"; readonly place: string; readonly holders: readonly HolderDetails[] }
  | { readonly action: "claim"; readonly claimed: Claimed }
  | { readonly action: "free"; readonly ports: readonly number[] }
  | { readonly action: "set"; readonly changed: Changed }
  | { readonly action: "remove"; readonly removed: readonly Promised[] }
  | { readonly action: "allocate"; readonly given: Promised & { readonly isNew: boolean } }
  | { readonly action: "conflicts"; readonly conflicts: readonly PortConflict[]; readonly strange: readonly string[] }
  | { readonly action: "fix"; readonly done: readonly PortFix[]; readonly left: readonly PortConflict[] }
  | { readonly action: "ranges"; readonly use: readonly PortUse[] }
  | {
      readonly action: "overview";
      readonly rows: readonly PortRow[];
      readonly conflicts: number;
      readonly use: readonly PortUse[];
    }
  | { readonly action: "detailed"; readonly rows: readonly DetailedRow[] }
  | { readonly action: "export"; readonly text: string; readonly promised: readonly Promised[] }
  | { readonly action: "import"; readonly imported: readonly Promised[] };

interface DetailedRow extends PortRow {
  readonly holders: readonly HolderDetails[];
}

/** How many words each takes. */
const taken: Readonly<Record<Action, readonly [least: number, most: number, usage: string]>> = {
  list: [0, 0, ""],
  scan: [0, 1, "[FROM-TO]"],
  who: [1, 1, "PORT|PATH"],
  claim: [1, 1, "PORT"],
  free: [0, 1, "[FROM-TO]"],
  set: [2, 2, "NAME PORT"],
  remove: [1, 1, "NAME|PORT"],
  allocate: [1, 2, "NAME [FROM-TO]"],
  conflicts: [0, 0, ""],
  validate: [0, 0, ""],
  ranges: [0, 0, ""],
  overview: [0, 0, ""],
  detailed: [0, 0, ""],
  env: [0, 0, ""],
  json: [0, 0, ""],
  export: [0, 1, `[${portFormats.join("|")}]`],
  import: [1, 1, "FILE"],
};

/** A file that is none of ours has one for each line. */
const mostStrange = 5;

const changing: readonly Action[] = ["claim", "set", "remove", "allocate", "import"];

export default defineCommand({
  name: "ports",
  summary: "Which port is whose: declared, listened on, promised, free",
  details: [
    `WHAT is ${Object.entries(taken)
      .map(([word, [, , usage]]) => `${word} ${usage}`.trimEnd())
      .join(", ")}.`,
    "ports alone lists what is declared: by processes, and in the registry (runtime/ports of the home, or TSM_PORTS_FILE), a file of lines name:port. Lines of yours in it stay; ports set, remove and allocate change them.",
    "ports scan [FROM-TO] shows who listens; who PORT tells all about one, also of a unix socket by its path, and exits with 1 when there is nobody. ports free is one port that nobody has, free FROM-TO all of them.",
    "ports claim PORT ends who listens there, never a client: a process of ours is stopped, which undo takes back; anybody else is a stranger and takes --force. It asks.",
    "ports allocate NAME [FROM-TO] promises a free port, and the same again when it has one; start --name NAME --port auto takes it. conflicts exits with 1 when several want one port, or a stranger has it; --fix moves what was only promised to the next free port, ends what a process of ours has left behind, and leaves the rest to you. ranges says what ports are for: dev 5000-5999, staging 6000-6999, proxy 7000-7999, prod 8000-8999. export writes text, json, env or toml, and import reads any of them, from - what is written to it.",
  ],
  effect: "destroys",
  args: {
    action: optional(portAction, "What to do, default list"),
    words: anyNumber(text("WORD"), "What it takes, as above"),
  },
  flags: {
    fix: toggle("Do something about conflicts, after a question"),
    force: toggle("Strangers too, of claim"),
    yes: toggle("Do not ask, of claim and --fix", "y"),
    count: flag(integer("N", 1, 65_535), { summary: "So many at most, of free" }),
  },
  examples: [
    "ports",
    "ports scan 3000-3999",
    "ports who 3000",
    "ports claim 3000",
    "ports free 3000-3099 --count 3",
    "ports set devpages 4000",
    "ports allocate web 8000-8099",
    "ports export env",
  ],
  onlyLooks: ({ action = "list", fix }) => !fix && !changing.includes(action),
  async run({ action = "list", words, ...flags }, context): Promise<Said> {
    const [least, most, usage] = taken[action];
    if (words.length < least || words.length > most)
      throw new TsmError("USAGE", `ports ${action} takes ${usage === "" ? "nothing more" : usage}`, {
        hint: `Usage: tsm ports ${action} ${usage}`.trimEnd(),
      });
    if (flags.fix && action !== "conflicts" && action !== "validate")
      throw new TsmError("USAGE", "--fix is for conflicts", { hint: "tsm ports conflicts --fix" });
    return flags.fix ? await fixed(flags.yes, context) : await act(action, words, flags, context);
  },
  rehearse: ({ action = "list", words, fix }) =>
    !fix && !changing.includes(action)
      ? "only look at ports"
      : `${action} ${words.join(" ")}: ${actions[action].toLowerCase()}`,
  names: (said) =>
    said.action === "list"
      ? said.rows.flatMap(({ name }) => name ?? [])
      : said.action === "scan" || said.action === "who"
        ? said.holders.flatMap(({ owner, process }) => (owner === "managed" && process !== null ? [process] : []))
        : [],
  json: dataOf,
  fold: wholeWords,
  *render(said, screen) {
    switch (said.action) {
      case "list":
        yield* portLines(said.rows, screen);
        return;
      case "scan":
        yield* scanLines(said.holders, screen);
        return;
      case "who":
        yield* holderLines(said.place, said.holders, screen);
        return;
      case "claim":
        yield* claimLines(said.claimed);
        return;
      case "free":
        for (const number of said.ports) yield String(number);
        return;
      case "set":
        yield `tsm: set ${said.changed.name} to port ${said.changed.port}${said.changed.before === null || said.changed.before === said.changed.port ? "" : ` (was ${said.changed.before})`}`;
        return;
      case "remove":
        for (const { name, port: number } of said.removed) yield `tsm: removed ${name} (port ${number})`;
        return;
      case "allocate":
        yield screen.terminal
          ? `tsm: ${said.given.isNew ? "allocated" : "already allocated:"} port ${said.given.port} ${said.given.isNew ? "to" : "is that of"} ${said.given.name}`
          : String(said.given.port);
        return;
      case "conflicts":
        yield* conflictLines(said.conflicts, screen);
        return;
      case "fix":
        for (const fix of said.done) yield `✅ ${sanitize(portFixWords(fix))}`;
        if (said.left.length > 0 || said.done.length === 0) yield* conflictLines(said.left, screen);
        return;
      case "ranges":
        yield* rangeLines(said.use, screen);
        return;
      case "overview":
        yield overviewLine(said.rows, said.conflicts, screen);
        yield* rangeLines(said.use, screen);
        return;
      case "detailed":
        for (const [index, { service, port, holders }] of said.rows.entries()) {
          if (index > 0) yield "";
          yield screen.paint.strong(sanitize(`${service}: ${port}`));
          yield* holderLines(String(port), holders, screen);
        }
        if (said.rows.length === 0) yield "No process has declared a port.";
        return;
      case "export":
        if (said.text !== "") yield said.text;
        return;
      case "import":
        yield `tsm: imported ${said.imported.length} ${said.imported.length === 1 ? "port" : "ports"}`;
    }
  },
  *notes(said) {
    const strange = "strange" in said ? said.strange : [];
    for (const line of strange.slice(0, mostStrange)) yield sanitize(line);
    if (strange.length > mostStrange) yield `and ${strange.length - mostStrange} more lines like that`;
  },
  exitCode(said) {
    const failed =
      (said.action === "who" && said.holders.length === 0) ||
      (said.action === "conflicts" && said.conflicts.length > 0) ||
      (said.action === "fix" && said.left.length > 0) ||
      (said.action === "claim" && !said.claimed.free);
    return failed ? exitCodes.failed : exitCodes.done;
  },
});

async function act(
  action: Action,
  [first = "", second]: readonly string[],
  { force, yes, count }: { readonly force: boolean; readonly yes: boolean; readonly count: number | undefined },
  context: Context,
): Promise<Said> {
  const ports: Ports = await context.engine.ports();
  const { signal } = context;
  const range = (word: string | undefined) => (word === undefined || word === "" ? undefined : portRange(word));
  switch (action) {
    case "list":
      return { action, rows: ports.list(), strange: ports.strange() };
    case "scan":
      return { action, holders: ports.scan(range(first)) };
    case "who": {
      const place = first.startsWith("/") ? first : port.parse(first.replace(/^:/, ""));
      return { action, place: String(place), holders: ports.who(place) };
    }
    case "claim": {
      const number = port.parse(first.replace(/^:/, ""));
      const agree = (question: string) => consent(question, { given: yes || force, asks: "ports claim" }, context);
      return { action, claimed: await claimPort(number, { force, again: "ports claim" }, agree, context) };
    }
    case "free":
      return { action, ports: ports.free(range(first), count ?? (first === "" ? 1 : 65_535)) };
    case "set":
      return { action, changed: await ports.set({ name: first, port: port.parse(second ?? "") }, signal) };
    case "remove":
      return { action, removed: await ports.remove(first, signal) };
    case "allocate":
      // A range alone would be taken for a name.
      if (second === undefined && /^\d+(?:-\d+|\+)$/.test(first))
        throw new TsmError("USAGE", `whose is the port of ${first} to be?`, {
          hint: `Usage: tsm ports allocate NAME ${first}; without a name tsm ports free ${first}`,
        });
      return { action, given: await ports.allocate(first, range(second), signal) };
    case "conflicts":
    case "validate":
      return { action: "conflicts", conflicts: await ports.conflicts(), strange: ports.strange() };
    case "ranges":
      return { action, use: portUse(ports.list()) };
    case "overview": {
      const rows = ports.list();
      return { action, rows, conflicts: (await ports.conflicts()).length, use: portUse(rows) };
    }
    case "detailed":
      return { action, rows: ports.list().map((row) => ({ ...row, holders: ports.who(row.port) })) };
    case "env":
    case "json":
      return { action: "export", ...ports.export(action) };
    case "export": {
      const format = oneOf(portFormats).parse(first === "" ? "text" : first);
      return { action, ...ports.export(format) };
    }
    case "import":
      if (first === "-" && context.shell !== undefined)
        throw new TsmError("USAGE", "in the shell nothing is written to standard input", { hint: "Name the file" });
      return { action, imported: await ports.import(first, signal) };
  }
}

/** What a program may do about conflicts: shown, asked, done; the rest is told. */
async function fixed(yes: boolean, context: Context): Promise<Said> {
  const ports = await context.engine.ports();
  const conflicts = await ports.conflicts();
  const plan = ports.planFixes(conflicts);
  if (plan.length === 0) return { action: "fix", done: [], left: conflicts };
  const question = `${plan.map(portFixWords).join("; ")}?`;
  await consent(
    `${question.charAt(0).toUpperCase()}${question.slice(1)}`,
    { given: yes, asks: "ports conflicts --fix" },
    context,
  );
  return { action: "fix", done: plan, left: await ports.fix(plan, context.signal) };
}

function dataOf(said: Said): unknown {
  switch (said.action) {
    case "list":
      return said.rows;
    case "scan":
    case "who":
      return said.holders;
    case "claim":
      return said.claimed;
    case "free":
      return said.ports;
    case "set":
      return said.changed;
    case "remove":
      return said.removed;
    case "allocate":
      return said.given;
    case "conflicts":
      return said.conflicts;
    case "fix":
      return { done: said.done, left: said.left };
    case "ranges":
      return said.use;
    case "overview":
      return { ports: said.rows.length, conflicts: said.conflicts, ranges: said.use };
    case "detailed":
      return said.rows;
    case "export":
      return said.promised;
    case "import":
      return said.imported;
  }
}
