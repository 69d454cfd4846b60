import { bootPlansInPlace } from "../src/command/boot-words.ts";
import { type Claimed, claimPort } from "../src/command/claim-port.ts";
import { consent } from "../src/command/consent.ts";
import { anyNumber, type Context, defineCommand, flag, optional, toggle } from "../src/command/define.ts";
import { wrap } from "../src/command/help.ts";
import { port, portRange } from "../src/command/port-types.ts";
import { envFile } from "../src/command/process-types.ts";
import { subWord, text } from "../src/command/types.ts";
import { version } from "../src/command/version.ts";
import type { Doctor } from "../src/core/doctor.ts";
import type { EnvFileReport } from "../src/core/doctor-env.ts";
import { type Finding, type Fix, fixWords } from "../src/core/doctor-finding.ts";
import type { Fixed } from "../src/core/doctor-fix.ts";
import type { Report } from "../src/core/doctor-report.ts";
import type { Validation } from "../src/core/doctor-validate.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";
import { plainRequest } from "../src/core/plain-request.ts";
import type { Holder, HolderDetails } from "../src/core/port-holders.ts";
import type { Reconciliation } from "../src/core/reconcile.ts";
import { bootPlan } from "../src/integrations/boot-plan.ts";
import { envLines, findingLines, fixedLines, planLines, reportLines, validationLines } from "../src/view/doctor.ts";
import { claimLines, holderLines, scanLines } from "../src/view/ports.ts";
import { reconcileLines } from "../src/view/reconcile.ts";

const actions = {
  check: "Everything, which is what doctor alone does",
  healthcheck: "The home and the machine, quickly",
  scan: "Who listens: [FROM-TO]",
  port: "Who listens on PORT",
  kill: "End whoever listens on PORT",
  env: "Read an env file: [FILE]",
  orphans: "Processes that no record runs",
  clean: "Remove what killed programs have left",
  validate: "Would this COMMAND start?",
  reconcile: "Declared ports against actual ones",
  report: "All of it, to send to somebody; secrets masked",
} as const;

type Action = keyof typeof actions;

type Said =
  | { readonly kind: "findings"; readonly findings: readonly Finding[]; readonly quietly: boolean }
  | { readonly kind: "plan"; readonly fixes: readonly Fix[] }
  | { readonly kind: "fixed"; readonly done: readonly Fixed[]; readonly left: readonly Finding[] }
  | { readonly kind: "scan"; readonly holders: readonly Holder[] }
  | { readonly kind: "port"; readonly port: number; readonly holders: readonly HolderDetails[] }
  | { readonly kind: "kill"; readonly claimed: Claimed }
  | { readonly kind: "env"; readonly env: EnvFileReport }
  | { readonly kind: "validation"; readonly validation: Validation }
  | { readonly kind: "reconcile"; readonly reconciliation: Reconciliation }
  | { readonly kind: "report"; readonly report: Report };

const usages: Readonly<Record<Action, readonly [least: number, most: number, usage: string]>> = {
  check: [0, 0, ""],
  healthcheck: [0, 0, ""],
  scan: [0, 1, "[FROM-TO]"],
  port: [1, 1, "PORT"],
  kill: [1, 1, "PORT"],
  env: [0, 1, "[FILE]"],
  orphans: [0, 0, ""],
  clean: [0, 0, ""],
  validate: [1, Number.POSITIVE_INFINITY, "COMMAND"],
  reconcile: [0, 0, ""],
  report: [0, 0, ""],
};

export default defineCommand({
  name: "doctor",
  summary: "What is wrong with the home, the machine and all that runs",
  details: [
    `WHAT is ${Object.entries(usages)
      .map(([word, [, , usage]]) => `${word} ${usage}`.trimEnd())
      .join(", ")}.`,
    "Each check says what it found, and nothing is changed: setsid, directories, permissions, disk, inodes, clock, bash, node, boot, linger, settings, notify, records, runtime, runners, orphans, locks, leftovers, ports, services, logs. Exit code 1 when there is a problem or a warning; what is only worth knowing does not count.",
    "--fix shows what it would do about them, asks, and does it. A damaged record is written anew from its launch files; an orphan, which is known by our mark in its environment and never by its name, is ended.",
    "doctor port N exits with 1 when somebody listens there. doctor kill N is ports claim N. doctor env [FILE] reads it as --env would, and exits with 65 when that would fail. doctor validate COMMAND says whether it would start, with --port and --env as there. doctor orphans and clean are a part of it each; clean does it.",
  ],
  effect: "destroys",
  args: {
    action: optional(subWord(actions), "What to look at, default everything"),
    words: anyNumber(text("WORD"), "What it takes, as above"),
  },
  flags: {
    fix: toggle("Do something about it, after a question"),
    yes: toggle("Do not ask", "y"),
    force: toggle("Strangers too, of kill"),
    port: flag(port, { summary: "With this port, of validate" }),
    env: flag(envFile, { summary: "With this env file, of validate" }),
  },
  examples: [
    "doctor",
    "doctor --fix",
    "doctor healthcheck",
    "doctor port 3000",
    "doctor env local",
    'doctor validate "node server.js" --port 3000',
    "doctor report",
  ],
  onlyLooks: ({ action, fix }) => !fix && action !== "kill" && action !== "clean",
  run({ action = "check", words, ...flags }, context): Promise<Said> | AsyncIterable<Said> {
    const [least, most, usage] = usages[action];
    if (words.length < least || words.length > most)
      throw new TsmError("USAGE", `doctor ${action} takes ${usage === "" ? "nothing more" : usage}`, {
        hint: `Usage: tsm doctor ${action} ${usage}`.trimEnd(),
      });
    if (flags.fix && !["check", "healthcheck", "orphans", "clean"].includes(action))
      throw new TsmError("USAGE", `doctor ${action} has nothing to fix`, { hint: "tsm doctor --fix" });
    return flags.fix || action === "clean" ? mended(action, flags.yes, context) : looked(action, words, flags, context);
  },
  rehearse: ({ action = "check", words, fix }) =>
    fix || action === "clean" || action === "kill"
      ? `${action === "kill" ? `end who listens on port ${words[0]}` : "do what doctor would, after a question"}`
      : "only look for what is wrong",
  json: dataOf,
  *render(said, screen) {
    switch (said.kind) {
      case "findings":
        yield* findingLines(said.findings, said.quietly, screen, (text, width) => wrap(text, width, ""));
        return;
      case "plan":
        yield* planLines(said.fixes.map(fixWords));
        return;
      case "fixed":
        yield* fixedLines(said.done, said.left, screen);
        return;
      case "scan":
        yield* scanLines(said.holders, screen);
        return;
      case "port":
        if (said.holders.length === 0) yield `✅ Port ${said.port} is free`;
        else yield `🔴 Port ${said.port} is in use`;
        if (said.holders.length > 0) yield* holderLines(String(said.port), said.holders, screen);
        return;
      case "kill":
        yield* claimLines(said.claimed);
        return;
      case "env":
        yield* envLines(said.env);
        return;
      case "validation":
        yield* validationLines(said.validation, screen);
        return;
      case "reconcile":
        yield* reconcileLines(said.reconciliation, screen);
        return;
      case "report":
        yield* reportLines(said.report);
    }
  },
  exitCode: (said) => (isBad(said) ? exitCodes.failed : exitCodes.done),
});

/** It is told what starts this home at boot, as startup --check is. */
function doctorOf(context: Context): Promise<Doctor> {
  const own = { user: undefined, root: undefined };
  return context.engine.doctor(() => bootPlansInPlace(undefined, own, bootPlan, context));
}

async function looked(
  action: Action,
  [first = "", ...more]: readonly string[],
  flags: {
    readonly yes: boolean;
    readonly force: boolean;
    readonly port: number | undefined;
    readonly env: string | undefined;
  },
  context: Context,
): Promise<Said> {
  const { engine } = context;
  const number = () => port.parse(first.replace(/^:/, ""));
  switch (action) {
    case "check":
    case "clean":
      return { kind: "findings", findings: await (await doctorOf(context)).examine("all"), quietly: false };
    case "healthcheck":
      return { kind: "findings", findings: await (await doctorOf(context)).examine("quick"), quietly: false };
    case "orphans":
      return { kind: "findings", findings: await (await doctorOf(context)).examine(["orphans"]), quietly: false };
    case "scan":
      return { kind: "scan", holders: (await engine.ports()).scan(first === "" ? undefined : portRange(first)) };
    case "port":
      return { kind: "port", port: number(), holders: (await engine.ports()).who(number()) };
    case "kill": {
      const { force, yes } = flags;
      const agree = (question: string) => consent(question, { given: yes || force, asks: "doctor kill" }, context);
      return { kind: "kill", claimed: await claimPort(number(), { force, again: "doctor kill" }, agree, context) };
    }
    case "env":
      return { kind: "env", env: (await doctorOf(context)).env(first === "" ? undefined : first) };
    case "validate": {
      const words = [first, ...more];
      const request = { ...plainRequest(0), words, beforeDashes: undefined, port: flags.port, env: flags.env };
      return { kind: "validation", validation: await (await doctorOf(context)).validate(request) };
    }
    case "reconcile":
      return { kind: "reconcile", reconciliation: await engine.reconcile() };
    case "report":
      return { kind: "report", report: await (await doctorOf(context)).report(version) };
  }
}

/** What is wrong, what would be done about it, a question, and what came of it. */
async function* mended(action: Action, yes: boolean, context: Context): AsyncIterable<Said> {
  const doctor = await doctorOf(context);
  const which =
    action === "clean"
      ? (["locks", "leftovers"] as const)
      : action === "orphans"
        ? (["orphans"] as const)
        : action === "healthcheck"
          ? "quick"
          : "all";
  const findings = await doctor.examine(which);
  const fixes = doctor.plan(findings);
  yield { kind: "findings", findings, quietly: true };
  if (fixes.length > 0) {
    yield { kind: "plan", fixes };
    const question = fixes.length === 1 ? "Do it?" : `Do these ${fixes.length} things?`;
    await consent(question, { given: yes, asks: action === "clean" ? "doctor clean" : "doctor --fix" }, context);
  }
  const done = await doctor.fix(fixes, context.signal);
  const left = (await doctor.examine(which)).filter(({ level }) => level === "warning" || level === "problem");
  yield { kind: "fixed", done, left };
}

function isBad(said: Said): boolean {
  switch (said.kind) {
    case "findings":
      // Before a fix it is not over yet.
      return !said.quietly && said.findings.some(({ level }) => level === "warning" || level === "problem");
    case "fixed":
      return said.left.length > 0 || said.done.some(({ problem }) => problem !== null);
    case "port":
      return said.holders.length > 0;
    case "kill":
      return !said.claimed.free;
    case "validation":
      return said.validation.checks.some(({ problem }) => problem);
    case "reconcile":
      return said.reconciliation.mismatches > 0;
    case "plan":
    case "scan":
    case "env":
    case "report":
      return false;
  }
}

function dataOf(said: Said): unknown {
  switch (said.kind) {
    case "findings":
      return said.quietly ? { findings: said.findings } : said.findings;
    case "plan":
      return { plan: said.fixes.map((fix) => ({ ...fix, words: fixWords(fix) })) };
    case "fixed":
      return { done: said.done, left: said.left };
    case "scan":
      return said.holders;
    case "port":
      return { port: said.port, inUse: said.holders.length > 0, holders: said.holders };
    case "kill":
      return said.claimed;
    case "env":
      return said.env;
    case "validation":
      return said.validation;
    case "reconcile":
      return said.reconciliation;
    case "report":
      return said.report;
  }
}
