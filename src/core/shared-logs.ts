import type { LogSurgery } from "../platform/platform.ts";
import { processPaths } from "./home.ts";
import { hasArchives, takenNumbers } from "./log-archives.ts";
import { filesOf, type LogFiles } from "./log-files.ts";
import { type LogLimits, logLimits } from "./log-limits.ts";
import { type Stream, streams } from "./log-parts.ts";
import { type LogShelf, ownShelf, standingShelf } from "./log-shelf.ts";
import { knownPolicy } from "./policy.ts";
import type { ProcessRecord } from "./process.ts";
import type { SharedLog } from "./rotation.ts";
import type { Settings } from "./settings.ts";
import type { World } from "./world.ts";

/** The log of one stream in the process's own folder. */
export function ownLog({ home }: World, record: ProcessRecord, stream: Stream): SharedLog {
  const { folder } = processPaths(home, record.name);
  return {
    shelf: ownShelf(folder, stream),
    record,
    stream,
    writers: [record],
    clocks: [`${folder}/clock.${stream}`],
  };
}

/** A file that a person has named for streams of one process or several. */
export interface NamedLog extends SharedLog {
  readonly limits: LogLimits;
  /** Why nobody but that person rotates it, in words. */
  readonly leftAlone: string | undefined;
}

/** What was asked of the logs of a process. */
export interface AskedOfLogs {
  readonly record: ProcessRecord;
  readonly limits: LogLimits;
  readonly places: LogFiles;
}

export function logsAsked({ platform, home }: World, record: ProcessRecord, settings: Settings): AskedOfLogs {
  const paths = processPaths(home, record.name);
  const { logs, streams: choice } = knownPolicy(platform.files, paths.launch, record.restart_policy);
  return { record, limits: logLimits(logs, settings), places: filesOf(choice, paths) };
}

/** All files that have been named for streams of these processes, each once, whatever way was taken to it. */
export async function namedLogs(world: World, asked: readonly AskedOfLogs[]): Promise<NamedLog[]> {
  const { files } = world.platform;
  const found = new Map<string, { log: SharedLog; limits: LogLimits[] }>();
  for (const { record, places, limits: own } of asked) {
    const paths = processPaths(world.home, record.name);
    for (const stream of streams) {
      const path = places[stream];
      if (path === null || path === paths.out || path === paths.err) continue;
      const shelf = standingShelf(files, path);
      // It is made anew by the next start.
      if (shelf === undefined) continue;
      const { log, limits } = found.get(shelf.live) ?? {
        log: { shelf, record, stream, writers: [], clocks: [] },
        limits: [],
      };
      found.set(shelf.live, {
        log: {
          ...log,
          writers: [...new Set([...log.writers, record])],
          clocks: [...log.clocks, `${paths.folder}/clock.${stream}`],
        },
        limits: [...limits, own],
      });
    }
  }
  if (found.size === 0) return [];
  const surgery = await world.platform.logSurgery();
  return [...found.values()].map(({ log, limits }) => {
    const strictest = strictestOf(limits);
    return { ...log, limits: strictest, leftAlone: whyLeftAlone(world, surgery, log.shelf, strictest) };
  });
}

/** Who share a file have one wish: the smallest size and age, the most archives. */
function strictestOf(all: readonly LogLimits[]): LogLimits {
  const ages = all.flatMap(({ maxAgeMs }) => maxAgeMs ?? []);
  return {
    maxBytes: Math.min(...all.map(({ maxBytes }) => maxBytes)),
    keep: Math.max(...all.map(({ keep }) => keep)),
    maxAgeMs: ages.length === 0 ? null : Math.min(...ages),
    compress: all.every(({ compress }) => compress),
    sparesNamed: all.some(({ sparesNamed }) => sparesNamed),
  };
}

function whyLeftAlone(
  { platform: { files }, home }: World,
  surgery: LogSurgery,
  shelf: LogShelf,
  { sparesNamed }: LogLimits,
): string | undefined {
  const entry = surgery.entry(shelf.live);
  if (sparesNamed) return "--log-max-size 0 leaves it to you";
  if (entry === undefined) return undefined;
  if (entry.kind === "link") return "it is a link";
  if (entry.kind !== "file") return "it is not a regular file";
  if (!entry.isOurs) return "it belongs to another user";
  if (entry.names > 1) return "it has another name too";
  const ours = files.realPath(home.processes);
  if (ours !== undefined && shelf.live.startsWith(`${ours}/`)) return "it is the log of another process";
  if (!files.isWritable(shelf.folder)) return `nothing can be written in ${shelf.folder}`;
  if (!hasArchives(files, shelf) && takenNumbers(files, shelf).size > 0) {
    return "something else rotates it: it has archives already";
  }
  return undefined;
}
