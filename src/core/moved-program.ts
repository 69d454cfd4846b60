import { basename, dirname, isAbsolute, join } from "node:path";
import { isErrno } from "./errors.ts";
import type { World } from "./world.ts";

/** What it asks of the world. */
interface Seen extends Pick<World, "platform" | "env"> {
  readonly programs: Pick<World["programs"], "node">;
}

/** A program that is no longer where it was, and what runs in its place. */
export interface MovedProgram {
  readonly from: string;
  readonly to: string;
}

/**
 * Where a program is now that is gone from its path: another version beside it, where versions have a folder each (nvm,
 * pyenv, asdf, Homebrew); else the same name on the PATH that it was started with, on the caller's; else the node that
 * runs us.
 * @returns undefined when it is where it was; `to` is "" when it is nowhere.
 */
export function movedProgram(world: Seen, from: string, savedPath: string): MovedProgram | undefined {
  if (isProgram(world, from)) return undefined;
  const name = basename(from);
  const folders = [...savedPath.split(":"), ...(world.env["PATH"] ?? "").split(":")].filter(isAbsolute);
  const onPath = folders.map((folder) => join(folder, name)).find((path) => isProgram(world, path));
  const own = /^node(?:js)?$/.test(name) ? world.programs.node : "";
  return { from, to: otherVersion(world, from, (path) => isProgram(world, path)) ?? onPath ?? own };
}

/** A PATH with its folders of versions that are gone replaced by those of the versions that are there. */
export function movedPath(world: Seen, path: string, moved: MovedProgram | undefined): string {
  const isFolder = (folder: string) => kindOf(world, folder) === "directory";
  return path
    .split(":")
    .map((folder) => {
      if (!isAbsolute(folder) || isFolder(folder)) return folder;
      if (moved !== undefined && moved.to !== "" && folder === dirname(moved.from)) return dirname(moved.to);
      return otherVersion(world, folder, isFolder) ?? folder;
    })
    .join(":");
}

/** `…/versions/node/v20.1.0/bin/node`: the folder that is a version, what lies before it and what behind. */
const versioned = /^(.*\/)(v?\d+(?:\.\d+)*)((?:\/.*)?)$/;

/** The newest of the same major version, else the newest. */
function otherVersion(world: Seen, path: string, isGood: (path: string) => boolean): string | undefined {
  const [, before = "", version = "", behind = ""] = versioned.exec(path) ?? [];
  if (version === "") return undefined;
  const [major] = numbersOf(version);
  const others = namesIn(world, before)
    .filter((name) => /^v?\d+(?:\.\d+)*$/.test(name) && isGood(`${before}${name}${behind}`))
    .sort((a, b) => byVersion(numbersOf(b), numbersOf(a)));
  const best = others.find((name) => numbersOf(name)[0] === major) ?? others[0];
  return best === undefined ? undefined : `${before}${best}${behind}`;
}

function numbersOf(version: string): number[] {
  return version.replace("v", "").split(".").map(Number);
}

function byVersion(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((number, index) => number !== b[index]);
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}

function isProgram(world: Seen, path: string): boolean {
  return kindOf(world, path) === "file" && world.platform.files.isExecutable(path);
}

/** What may not be looked at is not there. */
function kindOf({ platform: { files } }: Seen, path: string) {
  try {
    return files.kind(path);
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG")) return "missing";
    throw error;
  }
}

function namesIn({ platform: { files } }: Seen, folder: string): string[] {
  try {
    return files.list(folder);
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ELOOP")) return [];
    throw error;
  }
}
