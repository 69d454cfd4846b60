import type { Files } from "../platform/platform.ts";
import { type Home, processPaths } from "./home.ts";
import type { LogPaths, Stream } from "./log-parts.ts";

/** Where the logs of a process lie. Before its first start under this program they are where its elders kept them. */
export function logPlaces(files: Files, home: Home, name: string): LogPaths {
  const paths = processPaths(home, name);
  const place = (stream: Stream): string => {
    const elder = `${home.root}/logs/${name}.${stream}`;
    const isOwn =
      files.kind(paths[stream]) !== "missing" || files.kind(`${paths.folder}/rotation.${stream}`) !== "missing";
    return isOwn || files.kind(elder) !== "file" ? paths[stream] : elder;
  };
  return { folder: paths.folder, out: place("out"), err: place("err") };
}

/** The streams that are asked for; one file for both is one log. */
export function streamsOf(paths: LogPaths, streams: readonly Stream[]): readonly Stream[] {
  return paths.out === paths.err ? streams.slice(0, 1) : streams;
}
