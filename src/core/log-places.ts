import type { Files } from "../platform/platform.ts";
import { type Home, processPaths } from "./home.ts";
import { logFiles, nowhere } from "./log-files.ts";
import type { LogPaths, Stream } from "./log-parts.ts";
import { ownShelf } from "./log-shelf.ts";

/** Where the logs of a process lie. Before its first start under this program they are where its elders kept them. */
export function logPlaces(files: Files, home: Home, name: string): LogPaths {
  const paths = processPaths(home, name);
  const chosen = logFiles(files, paths);
  const named = chosen.out !== paths.out || chosen.err !== paths.err;
  const place = (stream: Stream): string => {
    const path = chosen[stream];
    if (path === null || path !== paths[stream]) return path ?? nowhere;
    const elder = `${home.root}/logs/${name}.${stream}`;
    const isOwn = files.kind(path) !== "missing" || files.kind(ownShelf(paths.folder, stream).state) !== "missing";
    return isOwn || files.kind(elder) !== "file" ? path : elder;
  };
  return { folder: paths.folder, out: place("out"), err: place("err"), named };
}

/** The streams that are asked for; one file for both is one log. */
export function streamsOf(paths: LogPaths, streams: readonly Stream[]): readonly Stream[] {
  return paths.out === paths.err ? streams.slice(0, 1) : streams;
}
