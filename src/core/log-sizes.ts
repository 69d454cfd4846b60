import { logParts, streams } from "./log-parts.ts";
import { logPlaces, streamsOf } from "./log-places.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** What the logs of one process take on disk, in bytes. */
export interface LogSize {
  readonly id: number;
  readonly name: string;
  /** What it writes to now. */
  readonly live: number;
  /** As they are, compressed. */
  readonly archives: number;
  readonly archiveFiles: number;
  readonly total: number;
  /** Of the lines themselves, archives unpacked. */
  readonly uncompressed: number;
}

export function logSizes({ platform: { files }, home }: World, records: readonly ProcessRecord[]): LogSize[] {
  return records.map(({ tsm_id: id, name }) => {
    const paths = logPlaces(files, home, name);
    const each = streamsOf(paths, streams).map((stream) => {
      const { parts, live } = logParts(files, paths, stream);
      const archives = parts.filter((part) => part !== live);
      return {
        live: live.end - live.start,
        archives: sum(archives.map(({ path }) => files.stat(path)?.size ?? 0)),
        archiveFiles: archives.length,
        uncompressed: live.end - (parts[0]?.start ?? live.start),
      };
    });
    const live = sum(each.map((size) => size.live));
    const archives = sum(each.map((size) => size.archives));
    const archiveFiles = sum(each.map((size) => size.archiveFiles));
    const uncompressed = sum(each.map((size) => size.uncompressed));
    return { id, name, live, archives, archiveFiles, total: live + archives, uncompressed };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
