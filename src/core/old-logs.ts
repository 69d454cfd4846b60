import type { Files } from "../platform/platform.ts";
import { isErrno } from "./errors.ts";
import type { Home } from "./home.ts";
import type { Stream } from "./log-parts.ts";
import type { OldFacts } from "./old-facts.ts";

/** The logs that older versions kept for a process, where there are some: files of the home, no links. */
export function oldLogs(files: Files, home: Home, name: string, said: readonly OldFacts[], stream: Stream): string[] {
  const { root } = home;
  const places = [
    ...said.flatMap((facts) => facts[stream] ?? []),
    `${root}/runtime/logs/${name}/current.${stream}`,
    `${root}/runtime/logs/${name}.${stream}`,
    `${root}/logs/${name}.${stream}`,
  ];
  return [...new Set(places)].filter((path) => isOwnFile(files, root, path));
}

/** A record may name any file there is: only what lies in the home, by whatever way, is a log of the home. */
function isOwnFile(files: Files, root: string, path: string): boolean {
  try {
    return (
      path.startsWith(`${root}/`) &&
      files.linkTarget(path) === undefined &&
      files.kind(path) === "file" &&
      files.realPath(path)?.startsWith(`${root}/`) === true &&
      isLog(path.slice(root.length))
    );
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG")) return false;
    throw error;
  }
}

/** Of the three places in which they kept them; not a record, not a setting, not the log of another process of ours. */
function isLog(path: string): boolean {
  return /^\/(?:runtime\/)?logs\/(?:[^/]+\/)?[^/]+\.(?:out|err|log)$/.test(path);
}
