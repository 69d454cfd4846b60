import { checkEnvFile, type EnvFileReport } from "./doctor-env.ts";
import { type Check, type CheckName, type Finding, type Fix, finding } from "./doctor-finding.ts";
import { applyFixes, type Fixed, planFrom } from "./doctor-fix.ts";
import { homeChecks } from "./doctor-home.ts";
import { type BootInPlace, type LookedAt, lookAt } from "./doctor-look.ts";
import { machineChecks } from "./doctor-machine.ts";
import { type Report, reportOf } from "./doctor-report.ts";
import { type Validation, validateStart } from "./doctor-validate.ts";
import { isErrno, TsmError } from "./errors.ts";
import type { StartRequest } from "./plan.ts";
import { quoteLine } from "./quote.ts";
import { maskedArguments } from "./secrets.ts";
import type { World } from "./world.ts";

/** What is wrong, and what can be done about it. */
export interface Doctor {
  /** Looks, and changes nothing. Every check says something, be it that all is well. */
  examine(which: "all" | "quick" | readonly CheckName[]): Promise<Finding[]>;
  plan(findings: readonly Finding[]): Fix[];
  fix(fixes: readonly Fix[], signal: AbortSignal): Promise<Fixed[]>;
  /** @param file undefined: the one that `--env auto` would take. @throws TsmError when it cannot be read as one */
  env(file: string | undefined): EnvFileReport;
  /** Would it start? */
  validate(request: StartRequest): Promise<Validation>;
  /** @param version TSM's own */
  report(version: string): Promise<Report>;
}

const orphanCheck: Check = { name: "orphans", fine: "No process was left behind", look: orphans };

const checks: readonly Check[] = [...machineChecks, ...homeChecks, orphanCheck];

const quick: readonly CheckName[] = [
  "directories",
  "permissions",
  "disk",
  "inodes",
  "bash",
  "settings",
  "notify",
  "records",
  "runners",
];

export function createDoctor(world: World, bootInPlace: BootInPlace): Doctor {
  return {
    examine: (which) => examine(world, which, bootInPlace),
    plan: planFrom,
    fix: (fixes, signal) => applyFixes(world, fixes, signal),
    env: (file) => checkEnvFile(world, file),
    validate: (request) => validateStart(world, request),
    report: async (version) => reportOf(world, version, await examine(world, "all", bootInPlace)),
  };
}

async function examine(
  world: World,
  which: "all" | "quick" | readonly CheckName[],
  bootInPlace: BootInPlace,
): Promise<Finding[]> {
  const looked = lookAt(world, bootInPlace);
  const chosen =
    which === "all" ? checks : checks.filter(({ name }) => (which === "quick" ? quick : which).includes(name));
  const found: Finding[] = [];
  for (const check of chosen) {
    const findings = await lookWith(check, world, looked);
    found.push(...(findings.length === 0 ? [finding(check.name, "ok", check.fine)] : findings));
  }
  return found;
}

/** What keeps a check from looking is what it has found. */
async function lookWith(check: Check, world: World, looked: LookedAt): Promise<Finding[]> {
  try {
    return await check.look(world, looked);
  } catch (error) {
    if (error instanceof TsmError)
      return [finding(check.name, "problem", error.message, error.hint === undefined ? {} : { hint: error.hint })];
    if (!isErrno(error, "EACCES", "EPERM", "ENOTDIR", "EISDIR", "ELOOP", "EIO")) throw error;
    return [finding(check.name, "problem", `${error.path ?? world.home.root} cannot be looked at (${error.code})`)];
  }
}

/** By our marks and never by their names: what carries those of this home, and what no record runs. */
function orphans(world: World, looked: LookedAt): Finding[] {
  const { processes } = world.platform;
  const owners = looked.owners();
  const own = ancestry(owners.sight.table.byPid, processes.self().pid);
  return [...owners.sight.table.byPid.keys()].flatMap((pid): Finding[] => {
    const owner = owners.of(pid);
    if (owner.kind !== "orphan" || own.has(pid)) return [];
    const command = quoteLine(maskedArguments(processes.commandLine(pid) ?? [])).slice(0, 60);
    const text = `PID ${pid}${command === "" ? "" : ` (${command})`} belongs to '${owner.name}', which no record runs`;
    return [finding("orphans", "warning", text, { fix: { does: "end", pid, name: owner.name } })];
  });
}

/** Whoever has called us, at any remove: it may have been started from inside of a process. */
function ancestry(byPid: ReadonlyMap<number, { readonly parentPid: number }>, pid: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (let at: number | undefined = pid; at !== undefined && !found.has(at); at = byPid.get(at)?.parentPid)
    found.add(at);
  return found;
}
