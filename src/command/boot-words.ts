import { type BootKind, type BootPlace, type BootRequest, bootKinds } from "../core/boot-place.ts";
import type { BootPlan } from "../core/boot-plan.ts";
import type { DaemonSaid } from "../core/daemon-said.ts";
import { exitCodes, TsmError } from "../core/errors.ts";
import { isLive } from "../core/observe.ts";
import type { Outside } from "../core/outside.ts";
import { consent } from "./consent.ts";
import { type Context, flag, toggle } from "./define.ts";
import { folder, text } from "./types.ts";

/** What each word of `daemon` does; `systemd` has some of them. */
export const daemonWords = {
  install: "Have systemd start everything at boot",
  uninstall: "Take that away",
  enable: "The same as install",
  disable: "Leave the unit, and start nothing at boot",
  start: "Start what a boot would: what is enabled and what was saved",
  stop: "Stop all processes",
  restart: "Restart all processes",
  status: "Is it installed, and would the next boot bring everything back?",
  logs: "What came of boots: [N]",
} as const;

export type DaemonWord = keyof typeof daemonWords;

/** The flags of both. */
export const daemonFlags = {
  follow: toggle("Go on, of logs", "f"),
  user: flag(text("NAME"), { summary: "For this user's processes: a unit of the machine's; root only" }),
  root: flag(folder, { summary: "Below this folder, as for an image: nothing is run" }),
  yes: toggle("Do not ask", "y"),
};

export interface DaemonFlags extends BootRequest {
  readonly follow: boolean;
  readonly yes: boolean;
}

/** Makes the plan of a boot: src/integrations knows how. */
export type PlanBoot = (kind: BootKind, place: BootPlace) => BootPlan;

/** Those of which something is there. */
export async function bootPlansInPlace(
  kind: BootKind | undefined,
  request: BootRequest,
  planBoot: PlanBoot,
  { engine, signal }: Context,
): Promise<BootPlan[]> {
  const saved = await engine.saved();
  const place = await saved.bootPlace(request, signal);
  const plans = (kind === undefined ? bootKinds : [kind]).map((each) => planBoot(each, place));
  return await saved.bootInPlace(plans, signal);
}

/** @param words `@dev` or `@production` for install, a number for logs. */
export function daemonWord(
  verb: "daemon" | "systemd",
  word: DaemonWord,
  words: readonly string[],
  flags: DaemonFlags,
  planBoot: PlanBoot,
  context: Context,
): Promise<DaemonSaid> | AsyncIterable<DaemonSaid> {
  refuseWords(verb, word, words, flags);
  const { yes, user, root } = flags;
  const whose = [
    ...(user === undefined ? [] : ["--user", user]),
    ...(root === undefined ? [] : ["--root", root]),
    ...(yes ? ["--yes"] : []),
  ];
  switch (word) {
    case "install":
    case "enable":
      return ran(["startup", "systemd", ...whose], context);
    case "uninstall":
      return ran(["unstartup", "systemd", ...whose], context);
    case "disable":
      return disabled(`${verb} disable`, flags, planBoot, context);
    case "start":
      return ran(["startup", "--boot"], context);
    case "stop":
    case "restart":
      return onAll(`${verb} ${word}`, word, yes, context);
    case "status":
      return status(flags, planBoot, context);
    case "logs": {
      const lines = words[0] === undefined ? context.engine.settings().lines : Number(words[0]);
      return flags.follow ? followed(lines, context) : logged(lines, flags, planBoot, context);
    }
  }
}

export function daemonExitCode(said: DaemonSaid): number {
  if (said.does === "ran") return said.exitCode;
  const isBad =
    said.does === "status" && (!said.installed || !said.enabled || said.findings.some(({ good }) => good === false));
  return isBad ? exitCodes.failed : exitCodes.done;
}

function refuseWords(verb: string, word: DaemonWord, words: readonly string[], { follow }: DaemonFlags): void {
  const isFine =
    word === "logs"
      ? words.length < 2 && words.every((each) => /^\d{1,6}$/.test(each))
      : words.length === 0 || (word === "install" && words.length === 1 && /^@(dev|production)$/.test(words[0] ?? ""));
  const usage = word === "install" ? " [@dev|@production]" : word === "logs" ? " [N] [-f]" : "";
  if (!isFine)
    throw new TsmError("USAGE", `${verb} ${word} takes ${usage === "" ? "nothing more" : usage.trim()}`, {
      hint: `Usage: tsm ${verb} ${word}${usage}`,
    });
  if (follow && word !== "logs") throw new TsmError("USAGE", "--follow is for logs", { hint: `tsm ${verb} logs -f` });
}

/** From the same place, so that it asks there; as data where data is wanted. */
async function ran(words: readonly string[], context: Context): Promise<DaemonSaid> {
  if (!context.json) return { does: "ran", exitCode: await context.run(words), told: null };
  let told = "";
  const exitCode = await context.run([...words, "--json"], (text) => {
    told += text;
  });
  return { does: "ran", exitCode, told: told.trim() === "" ? null : JSON.parse(told) };
}

async function onAll(asks: string, verb: "stop" | "restart", given: boolean, context: Context): Promise<DaemonSaid> {
  const { engine } = context;
  const live = engine.records().filter((record) => isLive(engine.observe(record).observed));
  const count = `${live.length} ${live.length === 1 ? "process" : "processes"}`;
  if (live.length > 0)
    await consent(`${verb} ${count}, as there is no daemon that holds them?`, { given, asks }, context);
  return await ran([verb, "all"], context);
}

/** The unit stays; what enables it goes. */
async function disabled(asks: string, request: DaemonFlags, planBoot: PlanBoot, context: Context): Promise<DaemonSaid> {
  const [plan] = await bootPlansInPlace("systemd", request, planBoot, context);
  if (plan === undefined) throw notInstalled();
  const outside = await context.engine.outside();
  const path = plan.link?.path;
  if (path === undefined || outside.linkTarget(path) === undefined) return { does: "disable", removed: null };
  await consent(`Remove ${path}, which enables it?`, { given: request.yes, asks }, context);
  await outside.apply([{ does: "remove", path }], context.signal);
  return { does: "disable", removed: path };
}

function notInstalled(): TsmError {
  return new TsmError("NOT_FOUND", "the unit is not installed", {
    hint: "tsm daemon install shows what it would write",
  });
}

async function status(request: DaemonFlags, planBoot: PlanBoot, context: Context): Promise<DaemonSaid> {
  const { engine, signal } = context;
  const plans = await bootPlansInPlace(undefined, request, planBoot, context);
  if (plans.length === 0) return { does: "status", installed: false, enabled: false, units: [], findings: [] };
  const outside = await engine.outside();
  const saved = await engine.saved();
  const findings = await saved.checkBoot(plans, await saved.bootPlace(request, signal), signal);
  const enabled = plans.some(({ link }) => link === null || outside.linkTarget(link.path) !== undefined);
  const units = plans.map(({ file }) => file?.path ?? "a line of the crontab");
  return { does: "status", installed: true, enabled, units, findings };
}

/** systemd's own journal where it has something to say of the unit, else the log of boots. */
async function logged(lines: number, request: DaemonFlags, planBoot: PlanBoot, context: Context): Promise<DaemonSaid> {
  const { engine, signal } = context;
  const outside = await engine.outside();
  if (request.root === undefined) {
    const [plan] = await bootPlansInPlace("systemd", request, planBoot, context);
    const unit = plan?.file?.path.split("/").at(-1);
    if (plan !== undefined && unit !== undefined) {
      const whose = plan.needsRoot ? [] : ["--user"];
      const words = ["journalctl", ...whose, "-u", unit, "-n", String(lines), "--no-pager", "-q", "-o", "short-iso"];
      const ended = await outside.run(words, signal);
      const found = ended?.code === 0 ? linesOf(ended.stdout) : [];
      if (found.length > 0) return { does: "logs", source: `journalctl -u ${unit}`, lines: found };
    }
  }
  const { bootLog } = engine.home;
  return { does: "logs", source: bootLog, lines: lastOf(outside, bootLog, lines) };
}

async function* followed(lines: number, { engine, signal }: Context): AsyncIterable<DaemonSaid> {
  const outside = await engine.outside();
  const { bootLog } = engine.home;
  const told = (more: readonly string[]): DaemonSaid => ({ does: "logs", source: bootLog, lines: more });
  yield told(lastOf(outside, bootLog, lines));
  let before = outside.read(bootLog) ?? "";
  while (!signal.aborted) {
    await engine.pause(300, signal);
    const now = outside.read(bootLog) ?? "";
    const more = linesOf(now.startsWith(before) ? now.slice(before.length) : now);
    before = now;
    if (more.length > 0) yield told(more);
  }
}

function lastOf(outside: Outside, path: string, lines: number): string[] {
  return lines === 0 ? [] : linesOf(outside.read(path) ?? "").slice(-lines);
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
