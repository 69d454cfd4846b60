import { defineCommand, optional, toggle } from "../src/command/define.ts";
import { integer } from "../src/command/types.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";
import type { Undone, UndoPlan, UndoStep } from "../src/core/undo.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { undoLines, undoneLine } from "../src/view/undo.ts";

/** What a run of it has to say, one after the other. */
type Said =
  | { readonly kind: "list"; readonly plans: readonly UndoPlan[] }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "plan"; readonly plan: UndoPlan }
  | { readonly kind: "done"; readonly undone: readonly Undone[] }
  | { readonly kind: "forgotten"; readonly count: number };

export default defineCommand({
  name: "undo",
  summary: "Take back the last stop, kill, delete, cleanup or restart",
  details: [
    "What was stopped or killed is started again, what was deleted is put back as it was, with its id if that is free, its logs and its environment, and started if it was running. It says what it does. The last 20 can be undone, of the shell and of the command line alike, each for a day.",
    "No process can be brought back that a restart has ended; one that a restart has started is stopped. What cannot be undone now (its name or port is taken, its folder is gone) stays on the list.",
  ],
  effect: "destroys",
  args: { n: optional(integer("N", 1), "Which one, counted from the last; default 1") },
  flags: {
    list: toggle("Show what can be undone", "l"),
    dryRun: toggle("Say what it would do, and do nothing"),
    forget: toggle("Undo nothing, and remove what is kept for it: of all, or of the one"),
    yes: toggle("Do not ask before it ends something or touches several", "y"),
  },
  examples: ["undo", "undo 2", "undo --list", "undo --forget"],
  onlyLooks: ({ list, dryRun }) => list || dryRun,
  run({ n, list, dryRun, forget, yes }, context): Promise<Said> | AsyncIterable<Said> {
    const { engine, signal } = context;
    if (list) return engine.undoPlans().then((plans) => ({ kind: "list", plans }));
    if (forget) return forgotten();
    return undone();

    async function forgotten(): Promise<Said> {
      const plans = await engine.undoPlans();
      const chosen = n === undefined ? plans : [nth(plans, n)];
      const ids = chosen.map(({ deed }) => deed.id);
      await engine.forgetDeeds(ids, signal);
      return { kind: "forgotten", count: ids.length };
    }

    async function* undone(): AsyncIterable<Said> {
      const plans = await engine.undoPlans();
      const number = n ?? 1;
      let plan = nth(plans, number);
      const reasons = dryRun ? [] : whyNot(plan);
      if (reasons.length > 0) {
        const why = `the ${deedText(plan)} cannot be undone: ${reasons.join("; ")}`;
        const next = plans.find((each, index) => index >= number && acting(each).length > 0);
        const asked = next !== undefined && !yes && !context.json && context.interactive ? context.ask : undefined;
        if (next === undefined || asked === undefined) throw refused(why, plans, number, next);
        yield { kind: "refused", why };
        if (!(await asked.confirm(`Undo the ${deedText(next)} before it instead?`)))
          throw new TsmError("CANCELLED", "nothing was done", { hint: forgetting(number) });
        plan = next;
      }
      const steps = acting(plan);
      yield { kind: "plan", plan };
      if (dryRun) return;
      const asks = steps.length > 1 || steps.some(({ does }) => does === "stop");
      if (asks && !yes && context.interactive && context.ask !== undefined && !(await context.ask.confirm("Do it?")))
        throw new TsmError("CANCELLED", "nothing was done");
      yield { kind: "done", undone: await engine.undo(plan.deed.id, signal) };
    }
  },
  names(said) {
    if (said.kind === "list") return said.plans.flatMap(({ steps }) => steps.map(({ name }) => name));
    return said.kind === "plan" ? acting(said.plan).map(({ name }) => name) : [];
  },
  json(said) {
    switch (said.kind) {
      case "list":
        return said.plans.map(planData);
      case "refused":
        return said;
      case "plan":
        return planData(said.plan);
      case "done":
        return said.undone.map(({ step, record, receipt, error }) => ({
          ...step,
          pid: record?.pid ?? null,
          receipt: receipt ?? null,
          error: error === undefined ? null : { code: error.code, message: error.message },
        }));
      case "forgotten":
        return { forgotten: said.count };
    }
  },
  *render(said, { paint, columns }) {
    const told = function* (plan: UndoPlan, head: string, who: boolean): Iterable<string> {
      for (const line of undoLines(plan, { head, who, faint: paint.faint })) yield wholeWords(line, columns);
    };
    switch (said.kind) {
      case "list":
        if (said.plans.length === 0) yield "tsm: there is nothing to undo";
        for (const [index, plan] of said.plans.entries()) yield* told(plan, `${index + 1}  `, true);
        return;
      case "refused":
        return;
      case "plan":
        yield* told(said.plan, "undo: ", false);
        return;
      case "done":
        for (const each of said.undone) yield* undoneLine(each);
        return;
      case "forgotten":
        yield `tsm: ${said.count === 1 ? "1 entry is" : `${said.count} entries are`} forgotten, with what was kept for ${said.count === 1 ? "it" : "them"}`;
    }
  },
  *notes(said) {
    if (said.kind === "refused") yield said.why;
    if (said.kind !== "done") return;
    for (const { step, error } of said.undone) {
      if (error !== undefined) yield error.message;
      else if (step.does === "cannot") yield step.why;
    }
  },
  exitCode: (said) =>
    said.kind === "done" && said.undone.some(({ step, error }) => error !== undefined || step.does === "cannot")
      ? exitCodes.failed
      : exitCodes.done,
});

/** What it would do something to. */
function acting({ steps }: UndoPlan): UndoStep[] {
  return steps.filter(({ does }) => does !== "nothing" && does !== "cannot");
}

function nth(plans: readonly UndoPlan[], n: number): UndoPlan {
  const plan = plans[n - 1];
  if (plan !== undefined) return plan;
  if (plans.length === 0)
    throw new TsmError("NOT_FOUND", "there is nothing to undo", {
      hint: "It undoes stop, kill, delete, cleanup and restart, for a day",
    });
  throw new TsmError("NOT_FOUND", `there is no ${n} to undo: the list ends at ${plans.length}`, {
    hint: "tsm undo --list shows them",
  });
}

/** Why nothing of it can be undone; nothing where something can, or where it needs nothing. */
function whyNot(plan: UndoPlan): string[] {
  if (acting(plan).length > 0) return [];
  return plan.steps.flatMap((step) => (step.does === "cannot" ? [step.why] : []));
}

/** The deed stays on the list. The next one that can be undone is named, and never done unasked. */
function refused(why: string, plans: readonly UndoPlan[], number: number, next: UndoPlan | undefined): TsmError {
  const other =
    next === undefined
      ? "Nothing before it can be undone either; "
      : `tsm undo ${plans.indexOf(next) + 1} undoes the ${deedText(next)} before it; `;
  return new TsmError("CANNOT_UNDO", why, { hint: (plans.length > number ? other : "") + forgetting(number) });
}

function forgetting(number: number): string {
  return `tsm undo ${number} --forget takes it off the list`;
}

function deedText({ deed, steps }: UndoPlan): string {
  return `${deed.verb} of ${steps.length === 1 ? `'${steps[0]?.name}'` : `${steps.length} processes`}`;
}

function planData({ deed: { verb, by, at }, steps }: UndoPlan) {
  return { verb, by, at, steps };
}
