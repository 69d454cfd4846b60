import { dirname } from "node:path";
import type { BootKind } from "./boot-place.ts";
import { isErrno, TsmError } from "./errors.ts";
import type { World } from "./world.ts";

/** What a boot needs on this machine, in files and commands: made by src/integrations, carried out here. */
export interface BootPlan {
  readonly kind: BootKind;
  /** The unit, whole; null where it is a line of a crontab. */
  readonly file: { readonly path: string; readonly text: string } | null;
  /** What says that the unit is to run. */
  readonly link: { readonly path: string; readonly target: string } | null;
  readonly crontab: { readonly user: string | null; readonly line: string; readonly mark: string } | null;
  /** To be run when the files stand. */
  readonly commands: readonly BootStep[];
  /** What a person should know beside it. */
  readonly notes: readonly string[];
  /** Only root may do it. */
  readonly needsRoot: boolean;
}

export interface BootStep {
  readonly argv: readonly string[];
  readonly why: string;
}

/** What was done of a plan. */
export interface BootChange {
  readonly kind: BootKind;
  readonly did: readonly string[];
  /** Commands that failed, each with what it said. */
  readonly failed: readonly { readonly command: string; readonly problem: string }[];
}

/** Writes it. @throws TsmError when another's file stands there, or only root may. */
export async function carryOut(world: World, plan: BootPlan, madeBy: string, signal: AbortSignal): Promise<BootChange> {
  refuseWithoutRoot(world, plan);
  const { files } = world.platform;
  const did: string[] = [];
  const { file, link, crontab } = plan;
  if (crontab !== null && /[\n\r]/.test(crontab.line)) {
    throw new TsmError("BAD_DATA", "a path has a line break in it, and a crontab has no way to say that", {
      hint: `tsm startup systemd can; or move the home, ${JSON.stringify(world.home.root)}`,
    });
  }
  if (file !== null) {
    const before = files.readText(file.path);
    refuseForeign(before, file, madeBy);
    if (before !== file.text) {
      makeFolders(world, dirname(file.path));
      files.writeWhole(file.path, file.text, { mode: 0o644, durable: true });
    }
    did.push(before === file.text ? `${file.path} is there already` : `wrote ${file.path}`);
  }
  if (link !== null && files.linkTarget(link.path) !== link.target) {
    makeFolders(world, dirname(link.path));
    files.remove(link.path);
    files.link(link.target, link.path);
    did.push(`linked ${link.path}`);
  }
  if (crontab !== null) did.push(await changeCrontab(world, crontab, crontab.line, signal));
  const failed = [];
  for (const { argv } of plan.commands) {
    const problem = await problemOf(world, argv, signal);
    if (problem === undefined) did.push(`ran ${argv.join(" ")}`);
    else failed.push({ command: argv.join(" "), problem });
  }
  return { kind: plan.kind, did, failed };
}

/** Takes away what `carryOut` has written. What is not there is no failure. */
export async function takeBack(world: World, plan: BootPlan, madeBy: string, signal: AbortSignal): Promise<BootChange> {
  const { files } = world.platform;
  const { file, link, crontab } = plan;
  const did: string[] = [];
  const before = file === null ? undefined : files.readText(file.path);
  const isLinked = link !== null && files.linkTarget(link.path) !== undefined;
  if (before !== undefined || isLinked) refuseWithoutRoot(world, plan);
  if (file !== null && before !== undefined) refuseForeign(before, file, madeBy);
  if (link !== null && isLinked) {
    files.remove(link.path);
    did.push(`removed ${link.path}`);
  }
  if (file !== null && before !== undefined) {
    files.remove(file.path);
    did.push(`removed ${file.path}`);
  }
  if (crontab !== null && (await readCrontab(world, crontab, signal)).includes(crontab.mark))
    did.push(await changeCrontab(world, crontab, undefined, signal));
  return { kind: plan.kind, did, failed: [] };
}

/** Is anything of it in its place? */
export async function isInPlace(world: World, { file, crontab }: BootPlan, signal: AbortSignal): Promise<boolean> {
  if (file !== null) return world.platform.files.kind(file.path) === "file";
  return crontab !== null && (await readCrontab(world, crontab, signal)).includes(crontab.mark);
}

function refuseWithoutRoot({ platform: { accounts } }: World, { needsRoot, kind }: BootPlan): void {
  if (!needsRoot || accounts.isRoot()) return;
  throw new TsmError("USAGE", `only root may change what ${kind} does for the whole machine`, {
    hint: 'sudo env "PATH=$PATH" "TSM_HOME=$TSM_HOME" tsm … does it; without --user it is for yourself',
  });
}

/** Another home's unit, or one that somebody has written. */
function refuseForeign(
  before: string | undefined,
  { path, text }: { path: string; text: string },
  madeBy: string,
): void {
  if (before === undefined || before === text) return;
  const [theirs, ours] = [homeIn(before), homeIn(text)];
  if (before.includes(madeBy) && theirs === ours) return;
  const whose = before.includes(madeBy) ? `is that of the home ${theirs}` : "was not written by tsm";
  throw new TsmError("NAME_TAKEN", `${path} ${whose}`, { hint: "Move it away first" });
}

/** The home that a unit says. */
export function homeIn(text: string): string | undefined {
  return (/TSM_HOME=([^"\n]*)/.exec(text) ?? /<key>TSM_HOME<\/key>\s*<string>([^<]*)/.exec(text))?.[1];
}

/** Others look into these: not closed, as those of the home are. */
function makeFolders({ platform: { files } }: World, folder: string): void {
  if (files.kind(folder) === "missing") files.makeFolder(folder, { mode: 0o755 });
}

/** @param line undefined takes it away. */
async function changeCrontab(
  world: World,
  crontab: NonNullable<BootPlan["crontab"]>,
  line: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const { files } = world.platform;
  const before = await readCrontab(world, crontab, signal);
  const others = before.split("\n").filter((each) => each !== "" && !each.endsWith(crontab.mark));
  const after = [...others, ...(line === undefined ? [] : [line])].map((each) => `${each}\n`).join("");
  if (after === before) return "the crontab has it already";
  // A file: nothing else can be handed to `crontab` whole.
  const part = `${world.home.root}/.crontab`;
  files.makeFolder(world.home.root);
  files.writeWhole(part, after);
  try {
    const problem = await problemOf(world, [...crontabOf(crontab), part], signal);
    if (problem !== undefined) throw new TsmError("CANCELLED", `crontab did not take it: ${problem}`);
  } finally {
    files.remove(part);
  }
  return `${line === undefined ? "took the line out of" : "wrote the line into"} the crontab`;
}

async function readCrontab(
  world: World,
  crontab: NonNullable<BootPlan["crontab"]>,
  signal: AbortSignal,
): Promise<string> {
  const [file = "", ...args] = [...crontabOf(crontab), "-l"];
  try {
    const request = { file, args, env: { ...world.env, LC_ALL: "C" }, cwd: "/" };
    const { code, stdout, stderr } = await world.platform.spawner.capture(request, waitMs, signal);
    if (code === 0) return stdout;
    if (/no crontab/i.test(stderr)) return "";
    // Not taken for an empty one: what is in it would be lost.
    throw new TsmError("CANCELLED", `the crontab cannot be read: ${stderr.trim() || `crontab ended with ${code}`}`);
  } catch (error) {
    if (!isErrno(error, "ENOENT", "EACCES")) throw error;
    throw new TsmError("NO_FILE", "there is no program 'crontab' here", { hint: "Install cron, or choose systemd" });
  }
}

function crontabOf({ user }: { readonly user: string | null }): string[] {
  return user === null ? ["crontab"] : ["crontab", "-u", user];
}

/** Why it failed, in its own words. */
async function problemOf(world: World, argv: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const [file = "", ...args] = argv;
  try {
    const { code, stderr } = await world.platform.spawner.capture(
      { file, args, env: world.env, cwd: "/" },
      waitMs,
      signal,
    );
    if (code === 0) return undefined;
    return stderr.trim() || (code === null ? "it did not end" : `it ended with ${code}`);
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES")) return "it is not installed";
    throw error;
  }
}

const waitMs = 20_000;
