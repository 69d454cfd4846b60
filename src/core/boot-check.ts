import { checkEnabled } from "./boot-enabled.ts";
import type { BootPlace } from "./boot-place.ts";
import type { BootPlan } from "./boot-plan.ts";
import { homeIn, isInPlace } from "./boot-plan.ts";
import type { SavedProcess } from "./dump.ts";
import { lookForDump } from "./dump-store.ts";
import { isErrno, TsmError } from "./errors.ts";
import { movedProgram } from "./moved-program.ts";
import type { World } from "./world.ts";

/** One thing that a boot needs. */
export interface BootFinding {
  /** null: it could not be told, or is no fault. */
  readonly good: boolean | null;
  readonly what: string;
}

/** Would the next boot bring everything back? Looks, and changes nothing. */
export async function checkBoot(
  world: World,
  plans: readonly BootPlan[],
  place: BootPlace,
  signal: AbortSignal,
): Promise<BootFinding[]> {
  const found: BootFinding[] = [];
  const inPlace = await plansInPlace(world, plans, signal);
  if (inPlace.length === 0)
    found.push({ good: false, what: `nothing starts ${place.home} at boot: tsm startup systemd (or launchd, cron)` });
  for (const plan of inPlace) found.push(...(await checkPlan(world, plan, place, signal)));
  return [...found, ...checkSaved(world), ...checkEnabled(world)];
}

/** Those of which something is there. Where there is no cron there is no line in it. */
export async function plansInPlace(world: World, plans: readonly BootPlan[], signal: AbortSignal): Promise<BootPlan[]> {
  const found: BootPlan[] = [];
  for (const plan of plans) {
    try {
      if (await isInPlace(world, plan, signal)) found.push(plan);
    } catch (error) {
      if (!(error instanceof TsmError && plan.kind === "cron")) throw error;
    }
  }
  return found;
}

async function checkPlan(world: World, plan: BootPlan, place: BootPlace, signal: AbortSignal): Promise<BootFinding[]> {
  const found = checkFiles(world, plan);
  if (plan.file === null || plan.kind !== "systemd") return found;
  if (!place.system) found.push(lingering(world, place));
  return [...found, await verified(world, plan.file.path, place, signal)];
}

/** Is all of it there, and all that it runs? */
export function checkFiles(world: World, plan: BootPlan): BootFinding[] {
  const { files } = world.platform;
  const { file, link } = plan;
  if (file === null) return [{ good: true, what: "the crontab has its line" }];
  const text = files.readText(file.path) ?? "";
  const theirs = homeIn(text);
  if (theirs !== undefined && theirs !== homeIn(file.text))
    return [{ good: false, what: `${file.path} starts the home ${theirs}, and not this one` }];
  const found: BootFinding[] = [
    text === file.text
      ? { good: true, what: `${file.path} is as it would be written now` }
      : { good: null, what: `${file.path} is not as it would be written now: tsm startup ${plan.kind} --yes` },
  ];
  for (const path of programsIn(text)) {
    const isThere = files.kind(path) === "file";
    found.push({ good: isThere, what: isThere ? `${path} is there` : `${path}, which it runs, is gone` });
  }
  if (link !== null) {
    const isLinked = files.linkTarget(link.path) !== undefined;
    found.push({ good: isLinked, what: isLinked ? "it is enabled" : `it is not enabled: ${link.path} is missing` });
  }
  return found;
}

/** The absolute paths of the line that is run: node and tsm.js. */
function programsIn(unit: string): string[] {
  const line = /^ExecStart=(.*)$/m.exec(unit)?.[1];
  const words = line === undefined ? [] : [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = ""]) => word);
  const list = /<key>ProgramArguments<\/key>\s*<array>([\s\S]*?)<\/array>/.exec(unit)?.[1] ?? "";
  const strings = [...list.matchAll(/<string>([^<]*)<\/string>/g)].map(([, word = ""]) => word);
  return [...words, ...strings]
    .map((word) => word.replaceAll("%%", "%").replaceAll("&amp;", "&").replace(/\\(.)/g, "$1"))
    .filter((word) => word.startsWith("/"));
}

/** What `loginctl enable-linger` leaves. */
function lingering({ platform: { files } }: World, { user }: BootPlace): BootFinding {
  const good = files.kind(`/var/lib/systemd/linger/${user}`) === "file";
  return { good, what: good ? `${user} lingers` : `${user} does not linger: loginctl enable-linger ${user}` };
}

async function verified(world: World, path: string, place: BootPlace, signal: AbortSignal): Promise<BootFinding> {
  const args = [...(place.system ? [] : ["--user"]), "verify", path];
  try {
    const { code, stderr } = await world.platform.spawner.capture(
      { file: "systemd-analyze", args, env: world.env, cwd: "/" },
      30_000,
      signal,
    );
    if (code === 0) return { good: true, what: "systemd-analyze verify finds nothing wrong" };
    // It cannot look where no systemd runs.
    const isLost = /Failed to (?:lookup|initialize|connect)/.test(stderr);
    return { good: isLost ? null : false, what: `systemd-analyze verify: ${stderr.trim().split("\n")[0] ?? code}` };
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES"))
      return { good: null, what: "not verified: there is no systemd-analyze here" };
    throw error;
  }
}

function checkSaved(world: World): BootFinding[] {
  const { found, damaged } = lookForDump(world);
  const bad = damaged.map(({ file, problem }) => ({ good: false, what: `${file} is damaged: ${problem}` }));
  if (found === undefined && damaged.length > 0)
    return [...bad, { good: false, what: "nothing else is saved: tsm save" }];
  if (found === undefined) return [{ good: null, what: "nothing is saved: tsm save" }];
  const { dump, file } = found;
  const count = `${dump.processes.length} ${dump.processes.length === 1 ? "process is" : "processes are"}`;
  return [
    ...bad,
    { good: true, what: `${count} saved in ${file}` },
    ...dump.processes.flatMap((saved) => programOf(world, saved)),
  ];
}

function programOf(world: World, { name, launch: { argv, env }, wanted }: SavedProcess): BootFinding[] {
  const pairs = typeof env === "object" ? env : [];
  const path = pairs.find((pair) => pair.startsWith("PATH="))?.slice("PATH=".length) ?? "";
  const moved = movedProgram(world, argv?.[0] ?? "", path);
  if (moved === undefined || wanted === "stopped") return [];
  const { from, to } = moved;
  return [
    to === ""
      ? { good: false, what: `'${name}': ${from} is gone, and there is no other` }
      : { good: null, what: `'${name}': ${from} is gone; it would run ${to}` },
  ];
}
