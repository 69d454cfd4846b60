import { dirname } from "node:path";
import { adopt } from "./adopt.ts";
import { applyProcess, type ProcessPlans, planProcesses, takeSources } from "./migrate-processes.ts";
import { applyService, planServices, type ServiceStep, toldOf } from "./migrate-services.ts";
import type { MigratedService, Migration } from "./migration.ts";
import { MigrationBackup, removeIfEmpty } from "./migration-backup.ts";
import { withoutPort } from "./names.ts";
import { needsCare } from "./needs-care.ts";
import { findOldFiles, type OldFiles } from "./old-files.ts";
import { hiddenOldFiles } from "./old-hidden.ts";
import { underWayFolder } from "./old-layout.ts";
import { oldPorts } from "./old-ports.ts";
import { writePortRegistry } from "./port-registry.ts";
import { lockIds, lockMigration, tryLockProcess } from "./process-lock.ts";
import { goodRecord, readRecords } from "./records.ts";
import { setup } from "./setup.ts";
import { hasOwnOrgs, tetraFolder } from "./tetra-folder.ts";
import type { World } from "./world.ts";

/**
 * Brings over what an older TSM has left: processes with their logs and ids, services, links. Nothing is overwritten and
 * nothing removed: what has been read goes into one folder of the home. Whoever comes second waits, and finds it done.
 */
export async function migrate(world: World, signal: AbortSignal): Promise<Migration> {
  const release = await lockMigration(world, signal);
  let done: Migration;
  try {
    const plan = planMigration(world);
    if (isNothing(world, plan)) return { ...toldBy(world, plan), notes: [] };
    const releaseIds = await lockIds(world, signal);
    try {
      done = await apply(world, plan);
    } finally {
      releaseIds();
    }
  } finally {
    release();
  }
  // Who runs gets a runner now: at the latest with the end of this command they would have one.
  await Promise.all(done.processes.flatMap(({ name, outcome }) => (outcome === "adopted" ? [watch(world, name)] : [])));
  return done;
}

async function watch(world: World, name: string): Promise<void> {
  const unlock = await tryLockProcess(world, name);
  // Somebody else was quicker.
  if (unlock === undefined) return;
  try {
    const record = goodRecord(world, name);
    if (record !== undefined && needsCare(world, record)) await adopt(world, record);
  } finally {
    unlock();
  }
}

/** What `migrate` would do; nothing is changed. */
export function planOfMigration(world: World): Migration {
  const plan = planMigration(world);
  return isNothing(world, plan) ? { ...toldBy(world, plan), notes: [] } : toldBy(world, plan);
}

interface Plan {
  readonly old: OldFiles;
  readonly processes: ProcessPlans;
  readonly services: readonly ServiceStep[];
  readonly ports: ReadonlyMap<string, number>;
  readonly portsFile: string | undefined;
  readonly strangePorts: readonly string[];
  readonly hidden: readonly string[];
}

function planMigration(world: World): Plan {
  const old = findOldFiles(world);
  const { ports, file, strange } = oldPorts(world);
  return {
    old,
    processes: planProcesses(world, old.processes, ports, new MigrationBackup(world).begun()),
    // What may not be taken away from where it is stays there, and is no reason to begin anew with every command.
    services: planServices(world).filter(({ from }) => world.platform.files.isWritable(dirname(from))),
    ports,
    portsFile: file,
    strangePorts: strange,
    hidden: hiddenOldFiles(world),
  };
}

function isNothing({ platform: { files }, home }: World, { old, services }: Plan): boolean {
  const found = old.processes.length + old.strange.length + old.leftovers.length + services.length;
  return found === 0 && files.kind(`${home.root}/${underWayFolder}`) === "missing";
}

/** What is asked for who somebody is goes last: an interrupted run asks it again. */
async function apply(world: World, plan: Plan): Promise<Migration> {
  const { files, clock } = world.platform;
  const backup = new MigrationBackup(world);
  const { old, processes, services, portsFile } = plan;
  setup(world);
  for (const each of processes.plans) applyProcess(world, each, backup);
  for (const each of [...processes.done, ...processes.refused]) takeSources(each, backup);
  for (const each of services) applyService(world, each, backup);
  if (portsFile !== undefined) backup.copy(portsFile);
  for (const path of [...old.leftovers, ...old.strange.map((each) => each.path)]) backup.take(path);
  await writePortRegistry(world, readRecords(world).records);
  for (const folder of oftenEmptied(world)) removeIfEmpty(files, folder);
  return backup.finish(new Date(clock.nowMs()).toISOString().slice(0, 10), toldBy(world, plan));
}

function oftenEmptied(world: World): string[] {
  const { root } = world.home;
  const { files } = world.platform;
  const orgs = `${tetraFolder(world)}/orgs`;
  const logs = `${root}/runtime/logs`;
  return [
    ...["processes", "pids", "active", "services-available", "runtime/pids", "runtime/active", "logs"].map(
      (folder) => `${root}/${folder}`,
    ),
    ...files.list(logs).map((name) => `${logs}/${name}`),
    logs,
    ...(hasOwnOrgs(world) ? files.list(orgs) : []).map((org) => `${orgs}/${org}/tsm/services-enabled`),
  ];
}

function toldBy(world: World, { old, processes, services, ports, strangePorts, hidden }: Plan): Migration {
  const names = new Set(processes.plans.flatMap(({ old: { name }, record }) => [name, withoutPort(name, record.port)]));
  const unused = [...ports].filter(([name]) => !names.has(name)).map(([name, port]) => `${name}:${port}`);
  const isMoving = processes.plans.length > 0 && old.nextId !== undefined;
  return {
    home: world.home.root,
    backup: null,
    processes: processes.plans.map(({ migrated }) => migrated),
    services: once(services.flatMap(toldOf)),
    notes: [
      ...processes.notes,
      ...services.flatMap(({ from, problem }) => (problem === undefined ? [] : [`${from}: ${problem}`])),
      ...old.strange.map(({ path, why }) => `${path}: ${why}`),
      ...(isMoving ? [`the next id was to be ${old.nextId}; from now on it is the lowest that is free`] : []),
      ...strangePorts.slice(0, mostStrange),
      ...(strangePorts.length > mostStrange ? [`and ${strangePorts.length - mostStrange} more lines like that`] : []),
      ...(unused.length > 0 ? [`ports of no process here: ${unused.join(", ")}`] : []),
    ],
    left: hidden,
  };
}

/** Of a list of ports: a file that is none has one for each line. */
const mostStrange = 5;

/** Two links to one definition become one. */
function once(services: readonly MigratedService[]): MigratedService[] {
  return [...new Map(services.map((each) => [`${each.what} ${each.to}`, each])).values()];
}
