import { processPaths } from "./home.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** The file of the service that a process was started as; "" when it was not. */
export function serviceFileOf({ platform, home }: Pick<World, "platform" | "home">, name: string): string {
  return platform.files.readText(`${processPaths(home, name).launch}/service`) ?? "";
}

/** The processes that were started as the service ORG/NAME; undefined when the word is no such name. */
export function recordsOfService(
  world: World,
  word: string,
  records: readonly ProcessRecord[],
): readonly ProcessRecord[] | undefined {
  const [, org, name] = /^([^/]+)\/([^/]+)$/.exec(word) ?? [];
  if (org === undefined) return undefined;
  const ending = `/orgs/${org}/tsm/services-available/${name}.tsm`;
  return records.filter((record) => serviceFileOf(world, record.name).endsWith(ending));
}
