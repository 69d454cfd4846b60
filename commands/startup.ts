import { bootKind } from "../src/command/boot-kind.ts";
import { type Context, defineCommand, flag, optional, toggle } from "../src/command/define.ts";
import { paced, parallel } from "../src/command/paced.ts";
import { folder, text, unitName } from "../src/command/types.ts";
import type { BootFinding } from "../src/core/boot-check.ts";
import { type BootKind, type BootRequest, bootKinds } from "../src/core/boot-place.ts";
import type { BootChange } from "../src/core/boot-plan.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";
import type { ResurrectedList } from "../src/core/saved.ts";
import type { StartupRow } from "../src/core/services.ts";
import { bootPlan, explained, unitOf } from "../src/integrations/boot-plan.ts";
import { madeBy } from "../src/integrations/boot-unit.ts";
import { resurrectedLines, resurrectedNotes } from "../src/view/resurrection.ts";
import { changeLines, changeNotes, findingLines } from "../src/view/startup.ts";
import { startupLines, startupNotes } from "../src/view/startup-lines.ts";

export default defineCommand({
  name: "startup",
  summary: "Start every service that is enabled; or have the machine do it at boot",
  details: [
    "startup alone: each waits until what its TSM_DEPENDS names is up; what runs already is left as it is. One that fails stops those that need it and no other; then the exit code is 1.",
    "startup systemd, launchd or cron (or what pm2 calls them: ubuntu, centos, macos …; with -u, --hp or --service-name alone it is this machine's): shows what would be written, and writes it when you permit it (--yes, or asked in the shell). At boot it runs startup --boot: what is enabled is started as its file says now, then what was saved is resurrected, and what came of it is added to db/boot.log.",
    "systemd: yours is a unit in ~/.config/systemd/user, and you are made to linger so that it runs before you log in; root's, and that of --user NAME, is one of the machine's, tsm-NAME.service. Stopping the unit stops none of your processes. launchd: an agent, or with root a daemon. cron: one line @reboot in the crontab.",
    "The unit has absolute paths. Where node lies in a folder of one version (nvm) a path that stays is taken if there is one, else it is said; --check tells whether all that the boot needs is still there.",
  ],
  effect: "changes",
  args: { kind: optional(bootKind, "What runs it at boot; without it the services are started now") },
  flags: {
    user: flag(text("NAME"), { short: "u", summary: "For this user's processes: a unit of the machine's; root only" }),
    hp: flag(folder, { summary: "The user's own folder, where the system says another" }),
    serviceName: flag(unitName, { summary: "What the systemd unit is called (default: tsm, or tsm-USER)" }),
    root: flag(folder, { summary: "Write below this folder, as for an image: nothing is run" }),
    print: toggle("Only print the unit, on stdout"),
    check: toggle("Look whether the next boot would bring everything back"),
    parallel,
    boot: toggle("What the unit runs: start what is enabled, resurrect what was saved, log it"),
    yes: toggle("Write it without asking", "y"),
  },
  ignores: ["--wait-ip"],
  examples: [
    "startup",
    "startup systemd",
    "startup systemd --yes",
    "startup systemd --user deploy --print",
    "startup ubuntu -u deploy --hp /srv/deploy --print",
    "startup --check",
  ],
  onlyLooks: ({ print, check }) => print || check,
  run(values, asked): Promise<Said> | AsyncIterable<Said> {
    const { kind, print, check, boot, yes, user, root, hp, serviceName } = values;
    const context = paced(asked, values.parallel);
    if (check) return checked(kind, values, context);
    if (boot) return booted(context);
    const isForBoot = [user, root, hp, serviceName].some((given) => given !== undefined);
    if (kind === undefined && !isForBoot) {
      if (print || yes)
        throw new TsmError("USAGE", `say what is to run it: ${bootKinds.join(", ")}`, {
          hint: "tsm startup systemd shows what it would write",
        });
      return started(context);
    }
    if (root !== undefined && kind === "cron")
      throw new TsmError("USAGE", "--root is for units: a crontab is in no file of ours", { hint: "Leave it out" });
    if (!print && !yes && !context.json && context.ask !== undefined) return askedFor(kind, values, context);
    return planned(kind, values, context);
  },
  names: (said) => {
    if (said.does !== "start" && said.does !== "boot") return [];
    const processes = [...said.rows, ...(said.does === "boot" ? (said.list?.processes ?? []) : [])];
    return processes.flatMap(({ process }) => (process === null ? [] : [process.name]));
  },
  json: (said) => (said.does === "start" ? said.rows : said),
  *render(said) {
    switch (said.does) {
      case "start":
        if (said.rows.length === 0) yield "tsm: no service is enabled";
        return yield* startupLines(said.rows);
      case "boot":
        return yield* bootLines(said);
      case "check":
        return yield* findingLines(said.findings);
      case "print":
        return yield said.unit.trimEnd();
      case "plan":
        yield* said.explained;
        return yield* said.unit.split("\n").map((line) => (line === "" ? "" : `  ${line}`));
      case "written":
        return yield* changeLines(said.change);
    }
  },
  *notes(said) {
    if (said.does === "start") yield* startupNotes(said.rows);
    // Who knows pm2 types it for the boot.
    if (said.does === "start" && said.rows.length === 0)
      yield "tsm startup systemd, launchd or cron has the machine bring back at boot what is saved";
    if (said.does === "boot") yield* bootNotes(said);
    if (said.does === "plan" && !said.asks) yield "nothing was written: --yes writes it";
    if (said.does === "written") yield* changeNotes(said.change);
  },
  exitCode(said) {
    // Nobody could be asked, as with all that asks.
    if (said.does === "plan" && !said.asks) return exitCodes.usage;
    const isBad =
      (said.does === "start" && said.rows.some(({ outcome }) => outcome === "failed")) ||
      (said.does === "boot" && [...bootNotes(said)].some((note) => note.startsWith("❌"))) ||
      (said.does === "check" && said.findings.some(({ good }) => good === false)) ||
      (said.does === "written" && said.change.failed.length > 0);
    return isBad ? exitCodes.failed : exitCodes.done;
  },
});

type Said =
  | { readonly does: "start"; readonly rows: readonly StartupRow[] }
  | Booted
  | { readonly does: "check"; readonly findings: readonly BootFinding[] }
  | { readonly does: "print"; readonly unit: string }
  /** @param asks: a question follows. */
  | { readonly does: "plan"; readonly explained: readonly string[]; readonly unit: string; readonly asks: boolean }
  | { readonly does: "written"; readonly change: BootChange };

interface Booted {
  readonly does: "boot";
  readonly rows: readonly StartupRow[];
  /** null: nothing was ever saved. */
  readonly list: ResurrectedList | null;
  /** What kept it from one of both. */
  readonly problems: readonly string[];
}

async function started({ engine, signal }: Context): Promise<Said> {
  const services = await engine.services();
  return { does: "start", rows: await services.startup(engine.settings().settle, signal) };
}

/** What is wrong with one half does not keep the other from coming back. */
async function booted({ engine, signal }: Context): Promise<Said> {
  const saved = await engine.saved();
  const { settle } = engine.settings();
  const problems: string[] = [];
  const orSay = async <T>(act: () => Promise<T>, nothing: T): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      problems.push(error.message);
      return nothing;
    }
  };
  const services = await engine.services();
  const rows = await orSay(() => services.startup(settle, signal), []);
  const list = await orSay(async () => (await saved.resurrect(undefined, settle, signal)) ?? null, null);
  const said: Booted = { does: "boot", rows, list, problems };
  saved.logBoot([...bootLines(said), ...bootNotes(said)]);
  return said;
}

function* bootLines({ rows, list }: Booted): Iterable<string> {
  if (rows.length === 0) yield "tsm: no service is enabled";
  yield* startupLines(rows);
  if (list !== null) yield* resurrectedLines(list);
  else yield "tsm: nothing was saved";
}

function* bootNotes({ rows, list, problems }: Booted): Iterable<string> {
  for (const problem of problems) yield `❌ ${problem}`;
  yield* startupNotes(rows);
  if (list !== null) yield* resurrectedNotes(list);
}

type Asked = BootRequest & { readonly print: boolean; readonly yes: boolean };

async function checked(kind: BootKind | undefined, request: BootRequest, { engine, signal }: Context): Promise<Said> {
  const saved = await engine.saved();
  const place = await saved.bootPlace(request, signal);
  const plans = (kind === undefined ? bootKinds : [kind]).map((each) => bootPlan(each, place));
  return { does: "check", findings: await saved.checkBoot(plans, place, signal) };
}

async function planned(kind: BootKind | undefined, asked: Asked, { engine, signal }: Context): Promise<Said> {
  const saved = await engine.saved();
  const place = await saved.bootPlace(asked, signal);
  const plan = bootPlan(kind ?? saved.bootKindHere(), place);
  if (asked.print) return { does: "print", unit: unitOf(plan) };
  if (asked.yes) return { does: "written", change: await saved.writeBoot(plan, madeBy, signal) };
  return { does: "plan", explained: explained(plan, place), unit: unitOf(plan), asks: false };
}

async function* askedFor(
  kind: BootKind | undefined,
  asked: Asked,
  { engine, signal, ask }: Context,
): AsyncIterable<Said> {
  const saved = await engine.saved();
  const place = await saved.bootPlace(asked, signal);
  const plan = bootPlan(kind ?? saved.bootKindHere(), place);
  yield { does: "plan", explained: explained(plan, place), unit: unitOf(plan), asks: true };
  if (!(await ask?.confirm("Write it?")))
    throw new TsmError("CANCELLED", "nothing was written", { hint: "--yes writes it without asking" });
  yield { does: "written", change: await saved.writeBoot(plan, madeBy, signal) };
}
