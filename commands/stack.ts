import { type Context, defineCommand, optional } from "../src/command/define.ts";
import { oneOf, stackName } from "../src/command/types.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";
import type { StartupRow } from "../src/core/services.ts";
import type { StackRow, StackStop, StackSummary } from "../src/core/stacks.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { sanitize } from "../src/view/sanitize.ts";
import { stacksTable, stackTable } from "../src/view/stack-table.ts";
import { startupLines, startupNotes } from "../src/view/startup-lines.ts";

const actions = ["start", "stop", "restart", "status", "list"] as const;

/** What it has to say. */
type Said =
  | { readonly kind: "list"; readonly rows: readonly StackSummary[]; readonly folder: string }
  | { readonly kind: "status"; readonly rows: readonly StackRow[] }
  | { readonly kind: "stop"; readonly rows: readonly StackStop[] }
  | { readonly kind: "start"; readonly rows: readonly StartupRow[] };

export default defineCommand({
  name: "stack",
  summary: "Start, stop, restart and show services that belong together",
  details: [
    "A stack is a file NAME.stack with one service a line, as ORG/NAME or NAME, or the path of a .tsm file from there; # begins a comment. It lies in the folder stacks of the home, or in orgs/ORG/tsm/stacks of TETRA_DIR and is ORG/NAME then; any other is named by its path.",
    "start goes through the lines one by one and waits until each is up; what TSM_DEPENDS names comes before what needs it. One that fails stops those that need it and no other. stop goes the other way. restart ends all from the last to the first, and begins them from the first to the last, as their files say now. When a line names no service, nothing is started, and each such line is told.",
  ],
  effect: "changes",
  args: {
    action: optional(oneOf(actions), "What to do, default list"),
    stack: optional(stackName, "NAME, ORG/NAME, or the path of a .stack file"),
  },
  flags: {},
  examples: ["stack list", "stack start shop", "stack stop tetra/shop", "stack status ./shop.stack"],
  onlyLooks: ({ action = "list" }) => action === "list" || action === "status",
  async run({ action = "list", stack }, context): Promise<Said> {
    const { engine } = context;
    if (action !== "list" && stack === undefined)
      throw new TsmError("USAGE", `stack ${action} takes a STACK`, { hint: "tsm stack list shows what there is" });
    if (action !== "list" && stack !== undefined) return await done(action, stack, context);
    return { kind: "list", rows: (await engine.stacks()).list(stack), folder: engine.home.stacks };
  },
  async rehearse({ action = "list", stack = "" }, { engine }): Promise<string> {
    if (action === "list") return "list the stacks";
    const stacks = await engine.stacks();
    const place = stacks.one(stack);
    if (action === "status") return `show the stack ${place.ref}`;
    const named = action === "stop" ? stacks.running(place).reverse() : stacks.services(place).map(({ ref }) => ref);
    return named.length === 0 ? `${action} nothing` : `${action} ${named.map((each) => `'${each}'`).join(", ")}`;
  },
  json: ({ rows }) => rows,
  names({ kind, rows }) {
    switch (kind) {
      case "list":
        return [];
      case "status":
      case "start":
        return rows.flatMap(({ process }) => (process === null ? [] : [process.name]));
      case "stop":
        return rows.flatMap(({ receipt }) => (receipt === null ? [] : [receipt.name]));
    }
  },
  fold: wholeWords,
  *render(said, screen) {
    switch (said.kind) {
      case "list":
        yield* stacksTable(said.rows, screen);
        if (said.rows.length === 0) yield screen.paint.faint(`A file ${said.folder}/NAME.stack makes one`);
        return;
      case "status":
        yield* stackTable(said.rows, screen);
        return;
      case "start":
        if (said.rows.length === 0) yield "tsm: the stack names no service";
        yield* startupLines(said.rows);
        return;
      case "stop":
        if (said.rows.length === 0) yield "tsm: the stack names no service";
        yield* stopLines(said.rows);
    }
  },
  *notes(said) {
    if (said.kind === "start") yield* startupNotes(said.rows);
    else if (said.kind === "list")
      for (const { ref, problems } of said.rows) for (const problem of problems) yield sanitize(`${ref}: ${problem}`);
    else for (const { problem } of said.rows) if (problem !== null) yield sanitize(problem);
  },
  exitCode(said) {
    if (said.kind === "start")
      return said.rows.some(({ outcome }) => outcome === "failed") ? exitCodes.failed : exitCodes.done;
    if (said.kind === "list") return exitCodes.done;
    if (said.kind === "stop" && said.rows.some(({ receipt }) => (receipt?.left ?? 0) > 0)) return exitCodes.failed;
    return said.rows.some(({ problem }) => problem !== null) ? exitCodes.badData : exitCodes.done;
  },
});

async function done(
  action: Exclude<(typeof actions)[number], "list">,
  word: string,
  { engine, signal, undoable }: Context,
): Promise<Said> {
  const stacks = await engine.stacks();
  const place = stacks.one(word);
  const running = () => stacks.running(place).map((name) => ({ name }));
  const { settle } = engine.settings();
  switch (action) {
    case "status":
      return { kind: "status", rows: stacks.status(place) };
    case "start":
      return { kind: "start", rows: await stacks.start(place, settle, signal) };
    case "restart":
      return {
        kind: "start",
        rows: await undoable("restart", running(), () => stacks.restart(place, settle, signal)),
      };
    case "stop":
      return { kind: "stop", rows: await undoable("stop", running(), () => stacks.stop(place, signal)) };
  }
}

function* stopLines(rows: readonly StackStop[]): Iterable<string> {
  for (const { ref, receipt, problem } of rows) {
    if (problem !== null) continue;
    if (receipt === null) {
      yield `⚠️  Not running: ${ref}`;
      continue;
    }
    const { name, processes, seconds, forced, left } = receipt;
    yield `tsm: stopped '${name}' (${processes} ${processes === 1 ? "process" : "processes"}, ${seconds.toFixed(1)} s, ${forced} forced, ${left} left)`;
  }
}
