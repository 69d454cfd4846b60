import type { Files } from "../platform/platform.ts";
import { isErrno } from "./errors.ts";

/** Which commit a folder stands on. */
export interface GitHead {
  readonly head: string;
  /** undefined when no branch is checked out. */
  readonly branch: string | undefined;
}

const highest = 40;
const longestFile = 4096;
const longestPacked = 4 * 1024 * 1024;

/** Reads git's own files and runs nothing. undefined where there is no repository, no commit yet, or nothing may be read. */
export function gitHead(files: Files, folder: string): GitHead | undefined {
  try {
    const git = gitFolder(files, folder);
    if (git === undefined) return undefined;
    const head = firstLine(files, `${git}/HEAD`);
    if (isHash(head)) return { head, branch: undefined };
    const ref = /^ref: (refs\/[^\0]+)$/.exec(head)?.[1];
    if (ref === undefined || ref.split("/").includes("..")) return undefined;
    // A worktree has a HEAD of its own, and its branches lie in the repository.
    const common = firstLine(files, `${git}/commondir`);
    const shared = common === "" ? git : common.startsWith("/") ? common : `${git}/${common}`;
    const loose = firstLine(files, `${shared}/${ref}`);
    const hash = isHash(loose) ? loose : packed(files, shared, ref);
    return hash === undefined ? undefined : { head: hash, branch: ref.replace(/^refs\/heads\//, "") };
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ENOTDIR", "ELOOP", "EISDIR", "ENAMETOOLONG")) return undefined;
    throw error;
  }
}

/** `.git` of the folder or of one above it: a folder, or a file that names one. */
function gitFolder(files: Files, folder: string): string | undefined {
  let at = folder;
  for (let level = 0; level < highest; level += 1) {
    const git = `${at === "/" ? "" : at}/.git`;
    const kind = files.kind(git);
    if (kind === "directory") return git;
    if (kind === "file") {
      const named = /^gitdir: (.+)$/.exec(firstLine(files, git))?.[1];
      return named === undefined || named.startsWith("/") ? named : `${at}/${named}`;
    }
    if (at === "/" || at === "") return undefined;
    at = at.slice(0, at.lastIndexOf("/")) || "/";
  }
  return undefined;
}

/** "" for what is no file: one that is a pipe would never end. */
function firstLine(files: Files, path: string): string {
  if (files.kind(path) !== "file") return "";
  return (files.readRange(path, 0, longestFile) ?? Buffer.alloc(0)).toString("utf8").split("\n", 1)[0]?.trimEnd() ?? "";
}

function packed(files: Files, git: string, ref: string): string | undefined {
  if (files.kind(`${git}/packed-refs`) !== "file") return undefined;
  const text = (files.readRange(`${git}/packed-refs`, 0, longestPacked) ?? Buffer.alloc(0)).toString("utf8");
  const line = text.split("\n").find((each) => each.endsWith(` ${ref}`));
  const hash = line?.slice(0, line.indexOf(" ")) ?? "";
  return isHash(hash) ? hash : undefined;
}

function isHash(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
