import { dirname, isAbsolute, resolve } from "node:path";
import type { FileKind, Files, Identity } from "../platform/platform.ts";
import { isErrno, TsmError } from "./errors.ts";
import type { OldFacts } from "./old-facts.ts";
import { callerEnvironment } from "./plan.ts";
import { findProgram, type Program } from "./program.ts";
import { plainWords } from "./quote.ts";
import type { World } from "./world.ts";

/** What will be started when somebody starts an old process again. */
export interface OldProgram extends Pick<Program, "type" | "interpreter" | "lookup"> {
  /** Empty when nobody knows. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Of a process that lives the kernel knows the words, the environment and the folder. Of one that does not, there is what
 * was written down, and the environment is the caller's, as with any other start.
 */
export function programOf(world: World, facts: OldFacts, living: Identity | undefined): OldProgram {
  const cwd = folderOf(world, facts, living);
  const env = environmentOf(world, living, cwd);
  const path = env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
  const line = living === undefined ? [] : (world.platform.processes.commandLine(living.pid) ?? []);
  const found =
    // A program may give itself a title: then it is no command that could be run.
    (isWords(world, line) ? program(world, line, cwd, path) : undefined) ??
    program(world, wordsOf(world, facts, cwd), cwd, path) ??
    unfound(line.length > 0 ? line : asWritten(facts, cwd));
  return { ...found, cwd, env };
}

/** The words of a record, as a person would give them to `start`: a script is a path, and nothing that a shell would read. */
function wordsOf({ platform: { files } }: World, { command, script }: OldFacts, cwd: string): readonly string[] {
  if (command !== undefined) return [command];
  if (script === undefined) return [];
  const path = resolve(cwd, script);
  return isAt(files, path, "file") ? [path] : [];
}

type Found = Omit<OldProgram, "cwd" | "env">;

/** undefined when it is not to be found now. */
function program(world: World, words: readonly string[], cwd: string, path: string): Found | undefined {
  if (words.length === 0) return undefined;
  try {
    const { files } = world.platform;
    return findProgram({ words, cwd, interpreter: undefined, path, files });
  } catch (error) {
    if (error instanceof TsmError || isErrno(error, "EACCES", "ELOOP", "ENAMETOOLONG", "EIO")) return undefined;
    throw error;
  }
}

/** It will be looked for when it is started: a disk may be missing today. */
function unfound(argv: readonly string[]): Found {
  return { argv, type: "command", interpreter: argv[0] ?? "", lookup: "" };
}

function asWritten({ command, script }: OldFacts, cwd: string): readonly string[] {
  if (command !== undefined) return plainWords(command) ?? ["/bin/bash", "-c", command];
  return script === undefined ? [] : [resolve(cwd, script)];
}

function isWords({ platform: { files } }: World, [first = ""]: readonly string[]): boolean {
  return first !== "" && (!/\s/.test(first) || isAt(files, first, "file"));
}

function folderOf(world: World, { cwd, script }: OldFacts, living: Identity | undefined): string {
  const { files, processes } = world.platform;
  const places = [
    living === undefined ? undefined : processes.folder(living),
    cwd,
    living === undefined ? undefined : processes.environment(living.pid)?.get("PWD"),
    script === undefined ? undefined : dirname(script),
  ];
  return (
    places.find((place) => place !== undefined && isAbsolute(place) && isAt(files, place, "directory")) ??
    dirname(world.home.root)
  );
}

function isAt(files: Files, path: string, kind: FileKind): boolean {
  try {
    return files.kind(path) === kind;
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG", "EIO")) return false;
    throw error;
  }
}

function environmentOf(world: World, living: Identity | undefined, cwd: string): Record<string, string> {
  const own = living === undefined ? undefined : world.platform.processes.environment(living.pid);
  return own === undefined ? callerEnvironment(world, cwd) : Object.fromEntries(own);
}
