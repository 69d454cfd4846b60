import { resolve } from "node:path";
import { globOf } from "./glob.ts";
import { processPaths } from "./home.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** The file of the service that a process was started as; "" when it was not. */
export function serviceFileOf({ platform, home }: Pick<World, "platform" | "home">, name: string): string {
  return platform.files.readText(`${processPaths(home, name).launch}/service`) ?? "";
}

/**
 * The processes that were started as the service ORG/NAME, a glob for several, or from the file that a path names;
 * undefined when the word is neither.
 */
export function recordsOfService(
  world: World,
  word: string,
  records: readonly ProcessRecord[],
): readonly ProcessRecord[] | undefined {
  if (/\.tsm$/.test(word) && globOf(word) === undefined) {
    const file = resolve(world.cwd, word);
    return records.filter(({ name }) => serviceFileOf(world, name) === file);
  }
  if (!/^[^/]+\/[^/]+$/.test(word)) return undefined;
  const glob = globOf(word);
  return records.filter((record) => {
    const [, org, name] = ofAnOrg.exec(serviceFileOf(world, record.name)) ?? [];
    const ref = `${org}/${name}`;
    return org !== undefined && (glob?.test(ref) ?? ref === word);
  });
}

const ofAnOrg = /\/orgs\/([^/]+)\/tsm\/services-available\/([^/]+)\.tsm$/;
