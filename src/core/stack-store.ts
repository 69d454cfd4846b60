import { basename, dirname, join, resolve } from "node:path";
import { isErrno, TsmError } from "./errors.ts";
import { orgsOf, placeOfFile, type ServicePlace, serviceFrom } from "./service-store.ts";
import { parseStack } from "./stack-file.ts";
import { tetraFolder } from "./tetra-folder.ts";
import type { World } from "./world.ts";

/** Where a stack is written down. */
export interface StackPlace {
  /** ORG/NAME; NAME where it is the home's own; its path for any other file. */
  readonly ref: string;
  /** null: it belongs to no org. */
  readonly org: string | null;
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
}

/** What a stack names: services in its order, and lines that nobody can follow. */
export interface StackContent {
  readonly services: readonly ServicePlace[];
  readonly problems: readonly StackProblem[];
}

export interface StackProblem {
  readonly line: number;
  /** `'tetra/nix' is no service`. */
  readonly what: string;
  /** What stands there. */
  readonly text: string;
}

const ending = ".stack";

export function allStacks(world: World): StackPlace[] {
  return [...stacksIn(world, null), ...orgsOf(world).flatMap((org) => stacksIn(world, org))];
}

/** ORG/NAME, NAME, or a path. A name is the home's own first. @throws TsmError when there is none, and when several orgs have it. */
export function oneStack(world: World, word: string): StackPlace {
  const isPath = /^[./~]/.test(word) || word.endsWith(ending);
  const path = resolve(world.cwd, word);
  if (isPath && isFile(world, path)) return placeOf(world, path, word);
  const all = isPath ? [] : allStacks(world);
  const own = all.filter(({ ref }) => ref === word);
  const found = own.length > 0 ? own : all.filter(({ name }) => name === word);
  const [only, another] = found;
  if (another !== undefined)
    throw new TsmError(
      "AMBIGUOUS",
      [`ambiguous name '${word}', matches:`, ...found.map(({ ref }) => `  ${ref}`)].join("\n"),
      {
        hint: "Say which as ORG/NAME",
      },
    );
  if (only !== undefined) return only;
  const there = allStacks(world).map(({ ref }) => ref);
  throw new TsmError("NOT_FOUND", `❌ Stack not found: ${word}`, {
    block: true,
    hint:
      there.length > 0
        ? `There are ${there.slice(0, 10).join(", ")}`
        : `A stack is a file of services, one a line: ${join(world.home.stacks, `NAME${ending}`)}`,
  });
}

/** @throws TsmError when the file is none that can be read. */
export function readStack(world: World, place: StackPlace): StackContent {
  const source = sourceOf(world, place);
  const services = new Map<string, ServicePlace>();
  const problems: StackProblem[] = [];
  for (const { line, text } of parseStack(source)) {
    try {
      const service = serviceNamed(world, place, text);
      services.set(service.file, service);
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      problems.push({ line, what: error.message.replaceAll(/\s*\n\s*/g, " "), text });
    }
  }
  return { services: [...services.values()], problems };
}

function serviceNamed(world: World, place: StackPlace, text: string): ServicePlace {
  if (!text.endsWith(".tsm")) {
    const found = serviceFrom(world, place.org, text);
    if (found !== undefined) return found;
    throw new TsmError("NOT_FOUND", `'${text}' is ${/\s/.test(text) ? "not one" : "not a"} service`);
  }
  const file = resolve(dirname(place.file), text);
  if (!isFile(world, file)) throw new TsmError("BAD_DATA", `'${text}' is not a file`);
  return placeOfFile(world, file, text);
}

function sourceOf({ platform: { files } }: World, { file, ref }: StackPlace): string {
  const bad = (hint: string) => new TsmError("BAD_DATA", `❌ Failed to load: ${file}`, { block: true, hint });
  let bytes: Buffer | undefined;
  try {
    bytes = files.readRange(file, 0, mostBytes + 1);
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "EISDIR")) throw error;
    throw bad("It cannot be read");
  }
  if (bytes === undefined) throw new TsmError("NOT_FOUND", `❌ Stack not found: ${ref}`, { block: true });
  if (bytes.length > mostBytes) throw bad("It is longer than a megabyte");
  if (bytes.includes(0)) throw bad("It holds a NUL character");
  return bytes.toString("utf8");
}

const mostBytes = 1024 * 1024;

/** Their names are none of processes: a stack may well be called `all`. */
function stacksIn(world: World, org: string | null): StackPlace[] {
  return namesIn(world, folderOf(world, org))
    .filter((entry) => entry.length > ending.length && entry.endsWith(ending) && !/^[.-]/.test(entry))
    .sort()
    .map((entry) => {
      const name = entry.slice(0, -ending.length);
      return { ref: org === null ? name : `${org}/${name}`, org, name, file: join(folderOf(world, org), entry) };
    })
    .filter(({ file }) => isFile(world, file));
}

function folderOf(world: World, org: string | null): string {
  return org === null ? world.home.stacks : join(tetraFolder(world), "orgs", org, "tsm/stacks");
}

/** A file that was named by its path is an org's where it lies in one. */
function placeOf(world: World, path: string, shown: string): StackPlace {
  const known = allStacks(world).find(({ file }) => file === path);
  return known ?? { ref: shown, org: null, name: basename(path, ending), file: path };
}

function isFile({ platform: { files } }: World, path: string): boolean {
  try {
    return files.kind(path) === "file";
  } catch (error) {
    if (isErrno(error, "EACCES", "ELOOP", "ENAMETOOLONG")) return false;
    throw error;
  }
}

/** What may not be looked into has none of this user's. */
function namesIn({ platform: { files } }: World, folder: string): string[] {
  try {
    return files.list(folder);
  } catch (error) {
    if (isErrno(error, "EACCES", "ELOOP", "ENOTDIR")) return [];
    throw error;
  }
}
