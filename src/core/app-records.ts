import { type AppPart, instanceOf, readApp } from "./app-part.ts";
import { processPaths } from "./home.ts";
import { withoutPort } from "./names.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** What of a process tells whether it may be an app's. */
export type NamedProcess = Pick<ProcessRecord, "name" | "port">;

/** A process, and which app's it is. */
export interface AppRecord<T extends NamedProcess = ProcessRecord> {
  readonly record: T;
  readonly app: AppPart | undefined;
}

type Disk = Pick<World, "platform" | "home">;

export function appOf({ platform, home }: Disk, { name }: Pick<ProcessRecord, "name">): AppPart | undefined {
  return readApp(platform.files, processPaths(home, name).launch);
}

/**
 * The processes of one app by the app's name, in the order of their instances. One that was started by itself and then
 * became several is the first of them.
 */
export function recordsOfApp<T extends NamedProcess>(world: Disk, name: string, records: readonly T[]): AppRecord<T>[] {
  const isFirst = (record: T) => record.name === name || withoutPort(record.name, record.port) === name;
  const found = records
    .filter((record) => isFirst(record) || record.name.startsWith(`${name}-`))
    .map((record) => ({ record, app: appOf(world, record) }));
  const members = found.filter(({ app }) => app?.name === name);
  const alone = found.filter(({ app, record }) => app === undefined && isFirst(record));
  const hasFirst = members.some((each) => numberOf(each) === 0);
  const all =
    members.length > 0
      ? [...(hasFirst ? [] : alone.slice(0, 1)), ...members]
      : alone.filter(({ record }) => record.name === name);
  return all.sort((a, b) => numberOf(a) - numberOf(b));
}

/**
 * What several of a process are called: its app, where it is one's or the first of one; else its own name without the
 * port, by which it would be the first, unless another has that name too.
 */
export function appNameOf(world: Disk, record: NamedProcess, records: readonly NamedProcess[]): string {
  const own = appOf(world, record)?.name;
  if (own !== undefined) return own;
  const short = withoutPort(record.name, record.port);
  const members = recordsOfApp(world, short, records);
  const isFirst = members.some(({ record: { name } }) => name === record.name);
  const namesakes = members.length > 0 ? [] : records.filter(({ name, port }) => withoutPort(name, port) === short);
  return isFirst || namesakes.length === 1 ? short : record.name;
}

/** The processes that `scale` means by such a name. */
export function instancesToScale<T extends NamedProcess>(
  world: Disk,
  name: string,
  records: readonly T[],
): AppRecord<T>[] {
  const found = recordsOfApp(world, name, records);
  if (found.length > 0) return found;
  return records
    .filter((record) => withoutPort(record.name, record.port) === name)
    .map((record) => ({ record, app: appOf(world, record) }))
    .filter(({ app }) => app === undefined);
}

/** Are they all the instances of one app, whose name has these letters? Then the word is a part of one name only. */
export function areOneApp(
  world: Disk,
  part: string,
  found: readonly NamedProcess[],
  records: readonly NamedProcess[],
): boolean {
  const name = found[0] && appOf(world, found[0])?.name;
  if (name === undefined || !name.toLowerCase().includes(part.toLowerCase())) return false;
  if (found.some((record) => appOf(world, record)?.name !== name)) return false;
  return recordsOfApp(world, name, records).length === found.length;
}

function numberOf({ app }: AppRecord<NamedProcess>): number {
  return app === undefined ? 0 : instanceOf(app);
}

/** The processes that were started from this file. */
export function recordsOfFile(world: Disk, file: string, records: readonly ProcessRecord[]): AppRecord[] {
  return records.map((record) => ({ record, app: appOf(world, record) })).filter(({ app }) => app?.file === file);
}
