import { isAbsolute } from "node:path";
import type { BootFinding } from "./boot-check.ts";
import { TsmError } from "./errors.ts";
import { envFileOf, type ServiceDefinition } from "./service-definition.ts";
import { type ReadService, readService } from "./service-read.ts";
import { type EnabledLink, enabledLinks, placeOfFile, type ServicePlace } from "./service-store.ts";
import { twinsAmong, twinsText } from "./service-twins.ts";
import type { World } from "./world.ts";

/** Would a boot start what is enabled? Of a file that only bash can read nobody knows before. */
export function checkEnabled(world: World): BootFinding[] {
  const links = enabledLinks(world);
  return [
    { good: null, what: `${links.length} ${links.length === 1 ? "service is" : "services are"} enabled` },
    ...links.flatMap(({ link, file, broken }) =>
      broken
        ? [{ good: false, what: `${link} leads to nothing` }]
        : checkService(world, placeOfFile(world, file, file)),
    ),
    ...twinsAmong(world, readable(world, links)).map((twins) => ({ good: false, what: twinsText(twins) })),
  ];
}

/** The others are told one by one. */
function readable(world: World, links: readonly EnabledLink[]): ReadService[] {
  return links.flatMap(({ file, broken }) => {
    try {
      return broken ? [] : [readService(world, placeOfFile(world, file, file))];
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      return [];
    }
  });
}

function checkService(world: World, place: ServicePlace): BootFinding[] {
  const bad = (what: string): BootFinding[] => [{ good: false, what: `${place.ref}: ${what}` }];
  try {
    const { definition, problems } = readService(world, place);
    const [fault] = definition.faults;
    if (problems.length > 0 || !definition.autostart) return [];
    if (fault !== undefined) return bad(fault);
    const missing = missingOf(world, definition);
    if (missing !== undefined) return bad(missing);
    if (isAbsolute(definition.cwd)) return [];
    return [{ good: null, what: `${place.ref}: TSM_CWD is no absolute path, and a boot begins in no folder of yours` }];
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    return bad(error.hint === undefined ? error.message : `${error.message.replace("❌ ", "")}: ${error.hint}`);
  }
}

/** What is not where it must be for a start that is not made in a folder of the person's. */
function missingOf({ platform: { files } }: World, definition: ServiceDefinition): string | undefined {
  const isOwn = isAbsolute(definition.cwd);
  if (isOwn && files.kind(definition.cwd) !== "directory") return `its folder ${definition.cwd} does not exist`;
  const file = envFileOf(definition, isOwn ? definition.cwd : "/");
  if (file === undefined || files.kind(file) === "file") return undefined;
  return isOwn
    ? `its env file ${file} does not exist`
    : `TSM_CWD is no absolute path: a boot does not find its env file ${file.slice(1)}`;
}
