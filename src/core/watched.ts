import type { Files } from "../platform/platform.ts";
import { TsmError } from "./errors.ts";
import { expression } from "./ignored.ts";
import type { World } from "./world.ts";

/**
 * What is looked at for the paths of a watch, by the names that the system's events have. For one with `*` or `?` in it
 * that is the folder above the first of them, and of what changes there only what the pattern says counts.
 */
export function watched(
  files: Pick<Files, "kind" | "realPath">,
  paths: readonly string[],
): { readonly roots: readonly string[]; counts(path: string): boolean } {
  const real = (path: string) => files.realPath(path) ?? path;
  const parts = paths.map((path) => {
    // A name may hold a `*` itself.
    const folder = files.kind(path) === "missing" ? folderOfPattern(path) : undefined;
    if (folder === undefined) return { root: real(path), pattern: undefined };
    const root = real(folder);
    return { root, pattern: new RegExp(`^${expression(`${root}${path.slice(folder.length)}`)}$`) };
  });
  const isBelow = (path: string, root: string) => path === root || path.startsWith(root === "/" ? "/" : `${root}/`);
  return {
    roots: [...new Set(parts.map(({ root }) => root))],
    counts: (path) => parts.some(({ root, pattern }) => pattern?.test(path) ?? isBelow(path, root)),
  };
}

/** @throws TsmError when it lies in the home of tsm, in which nothing that changes counts */
export function refuseOwnFolder({ platform: { files }, home }: Pick<World, "platform" | "home">, path: string): void {
  const [real, root] = [path, home.root].map((each) => files.realPath(each) ?? each);
  if (root === undefined || (real !== root && !real?.startsWith(`${root}/`))) return;
  throw new TsmError("USAGE", `--watch: ${path} is in the home of tsm, where no change counts`, {
    hint: "Its logs and records are written there all the time: keep what is to be watched elsewhere",
  });
}

/** The folder above the first `*` or `?`; undefined for a path without. */
export function folderOfPattern(path: string): string | undefined {
  const first = path.search(/[*?]/);
  return first === -1 ? undefined : path.slice(0, path.lastIndexOf("/", first)) || "/";
}
