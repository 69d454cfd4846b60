import { basename, isAbsolute, join, resolve } from "node:path";
import type { FileKind, Files } from "../platform/platform.ts";
import { isErrno, TsmError } from "./errors.ts";
import { inShort } from "./in-short.ts";
import { plainWords } from "./quote.ts";
import { endingOf, interpreterOfEnding } from "./script-endings.ts";
import { withoutComments } from "./shell-comments.ts";

export type ProcessType = "node" | "python" | "bash" | "ruby" | "go" | "lua" | "php" | "perl" | "command";

/** What a command line comes to: the exact vector to execute, and what it says about itself. */
export interface Program {
  /** `argv[0]` is a full path. */
  readonly argv: readonly string[];
  readonly type: ProcessType;
  /** Full path of the interpreter, or of the program itself. */
  readonly interpreter: string;
  readonly module: { readonly name: string; readonly isShellScript: boolean };
  /** Full path of the script that the interpreter runs, when there is one. */
  readonly script: string | undefined;
  /** The words behind the program and its script: where a port may be named. */
  readonly args: readonly string[];
  /** The shell string, when only a shell can read it. */
  readonly shellLine: string | undefined;
  /** The name under which `argv[0]` was found in PATH: a hook that changes PATH may mean another. "": it was not. */
  readonly lookup: string;
}

export interface ProgramRequest {
  readonly words: readonly string[];
  readonly cwd: string;
  /** `--interpreter`; "none" executes the file itself. */
  readonly interpreter: string | undefined;
  /** The PATH that names are looked up in. */
  readonly path: string;
  readonly files: Files;
  /** A pre-hook will have brought it by then: a name that nobody knows is taken as it is. */
  readonly toCome?: boolean;
  /** The one word with blanks that `words` begins with in parts: it may have been meant as a path. */
  readonly whole?: string;
}

const typeOfProgram: readonly (readonly [RegExp, ProcessType])[] = [
  [/^(node|nodejs|npm|npx|yarn|pnpm|tsx)$/, "node"],
  [/^(python|pypy)[\d.]*$/, "python"],
  [/^(ba|da|z|k)?sh$/, "bash"],
  [/^ruby[\d.]*$/, "ruby"],
  [/^go$/, "go"],
  [/^lua(jit)?[\d.]*$/, "lua"],
  [/^php[\d.]*$/, "php"],
  [/^perl[\d.]*$/, "perl"],
];

/**
 * What would run for these words. Looks at files, runs nothing.
 * @throws TsmError NO_FILE when the program, script, or interpreter is missing or cannot be executed.
 */
export function findProgram(request: ProgramRequest): Program {
  const [first = "", ...rest] = request.words;
  if (first.trim() === "")
    throw new TsmError("USAGE", "there is no command to start", { hint: "tsm start node server.js" });
  if (!/\s/.test(first) || kindOf(request.files, resolve(request.cwd, first)) === "file") return fromWords(request);
  const words = plainWords(first);
  const [word = ""] = words ?? [];
  if (ownOfShell.includes(word) && findInPath(request, word) === undefined) return fromShellLine(request, first, rest);
  if (words !== undefined) return findProgram({ ...request, words: [...words, ...rest], whole: first });
  return fromShellLine(request, first, rest);
}

function fromWords(request: ProgramRequest): Program {
  const { words, files, cwd } = request;
  const [first = "", ...args] = words;
  if (request.interpreter !== undefined && request.interpreter !== "none") {
    const script = existingFile(request, first);
    const interpreter = findInterpreter(request, [request.interpreter], first);
    return {
      ...describe(typeOf(interpreter), interpreter, [script, ...args], script, args),
      argv: [interpreter, script, ...args],
      lookup: bare(request.interpreter),
    };
  }
  const path = isAbsolute(first) ? first : join(cwd, first);
  const ending = endingOf(first);
  const isPath = first.includes("/");
  if (isPath || (ending !== undefined && kindOf(files, path) === "file")) return fromFile(request, path, args);
  const found = findInPath(request, first) ?? (first === "python" ? findInPath(request, "python3") : undefined);
  if (found !== undefined) return fromProgram(request, found, args);
  if (kindOf(files, path) !== "missing") return fromFile(request, path, args);
  if (request.toCome === true && ending === undefined) return fromProgram(request, first, args);
  throw notFound(first, request.whole);
}

/** A file named by path, or a script in the current folder. */
function fromFile(request: ProgramRequest, path: string, args: readonly string[]): Program {
  const { files } = request;
  const shown = request.words[0] ?? path;
  const kind = kindOf(files, path);
  if (kind === "missing" && request.toCome === true && endingOf(path) === undefined)
    return { ...fromProgram(request, path, args), lookup: "" };
  if (kind === "missing") throw notFound(shown, request.whole);
  if (kind === "directory") {
    throw new TsmError("NO_FILE", `'${shown}' is a directory`, { hint: "Name the script inside it" });
  }
  if (kind !== "file") throw notFound(shown, request.whole);
  const executable = files.isExecutable(path);
  const known = interpreterOfEnding[endingOf(path) ?? ""];
  if (!files.isReadable(path)) {
    if (!executable || known !== undefined)
      throw new TsmError("NO_FILE", `'${shown}' cannot be read`, { hint: `chmod u+r ${shown}` });
    return direct(path, args);
  }
  const head = files.readRange(path, 0, 256) ?? Buffer.alloc(0);
  const shebang = executable && request.interpreter !== "none" ? shebangOf(head) : undefined;
  if (shebang !== undefined) {
    const interpreter = findInterpreter(request, [shebang.program], shown);
    return {
      ...describe(typeOf(interpreter), interpreter, [path, ...args], path, args),
      argv: [interpreter, ...shebang.args, path, ...args],
      lookup: bare(shebang.program),
    };
  }
  if (known !== undefined && request.interpreter !== "none") {
    const interpreter = findInterpreter(request, known.names, shown);
    return {
      ...describe(known.type, interpreter, [path, ...args], path, args),
      argv: [interpreter, ...(known.before ?? []), path, ...args],
      lookup: basename(interpreter),
    };
  }
  if (!executable) throw notFound(shown, request.whole);
  if (request.interpreter !== "none" && isText(head)) {
    throw new TsmError("NO_FILE", `'${shown}' has no interpreter: no #! line and no known ending`, {
      hint: `tsm start --interpreter bash ${shown}`,
    });
  }
  return direct(path, args);
}

/** They are Node, and what they are told is no script of Node's. */
const packageRunners = /^(?:npm|npx|yarn|pnpm)$/;

/** A program out of PATH. Interpreters tell their type and script. */
function fromProgram(request: ProgramRequest, path: string, args: readonly string[]): Program {
  const type = typeOf(path);
  const at = type === "command" || packageRunners.test(basename(path)) ? -1 : scriptIndex(type, args);
  const word = at === -1 ? undefined : args[at];
  let script: string | undefined;
  if (word !== undefined) {
    const full = resolve(request.cwd, word);
    if (endingOf(word) !== undefined && kindOf(request.files, full) === "missing") throw notFound(word);
    if (kindOf(request.files, full) === "file") script = full;
  }
  const lookup = request.words[0] ?? "";
  // The server of PHP is told its address before the script: `php -S localhost:8000 router.php`.
  const said = type === "php" && args.includes("-S") ? args : args.slice(at + 1);
  return { ...describe(type, path, args, script, said), argv: [path, ...args], lookup };
}

function direct(path: string, args: readonly string[]): Program {
  return { ...describe("command", path, args, undefined, args), argv: [path, ...args] };
}

/** `bash -c`, and what can be told of the first command in it that does something. */
function fromShellLine(request: ProgramRequest, line: string, rest: readonly string[]): Program {
  const shell = findInterpreter(request, ["bash", "sh"], "the shell string");
  const argv = rest.length === 0 ? [shell, "-c", line] : [shell, "-c", `${line} "$@"`, "bash", ...rest];
  const segments = withoutComments(line)
    .split(/&&|\|\||[;|&\n]/)
    .map(commandOf);
  const words = segments.find(([word = ""]) => !["", ...preparing].includes(word)) ?? segments[0]?.slice(1) ?? [];
  const isSimple = segments.filter((segment) => segment.join("") !== "").length === 1;
  const unquoted = words.map((word) => word.replace(/^["']|["']$/g, ""));
  const program = basename(unquoted[0] ?? "");
  const type = isSimple ? typeOf(program) : "bash";
  const guess = describe(typeOf(program), program || shell, unquoted.slice(1), undefined, unquoted.slice(1));
  const found = isSimple && type !== "bash" ? findInPath(request, program) : undefined;
  return { ...guess, argv, type, interpreter: found ?? shell, args: [...unquoted.slice(1), ...rest], shellLine: line };
}

/** What stands before the command that does the work. */
const preparing: readonly string[] = ["cd", "export", "source", ".", "set", "ulimit", "umask", "trap"];

/** No program has these names: a shell string that begins with one means the shell's own. */
const ownOfShell: readonly string[] = [...preparing, "exec", "eval", "builtin", "command", "exit", ":"];

/** The words of a simple command, without what stands before its program: assignments, `exec`, and what groups commands. */
function commandOf(part: string): string[] {
  const words = part
    .replace(/^(?:\$?\(|[\s!{])+/, "")
    .replace(/(?<![\s)}])[\s)}]+$/, "")
    .split(/\s+/);
  const at = words.findIndex((word) => word !== "exec" && !/^\w+=/.test(word));
  return at === -1 ? [] : words.slice(at);
}

function describe(
  type: ProcessType,
  interpreter: string,
  argsOfInterpreter: readonly string[],
  script: string | undefined,
  args: readonly string[],
): Omit<Program, "argv"> {
  const moduleWord = moduleOf(type, interpreter, argsOfInterpreter);
  const named = moduleWord ?? interpreter;
  const ending = endingOf(named);
  const name = basename(named, ending ?? "");
  const isShellScript = type === "bash" && (ending === ".sh" || ending === ".bash");
  return { type, interpreter, module: { name, isShellScript }, script, args, shellLine: undefined, lookup: "" };
}

/** A name to look up in PATH; a path is none. */
function bare(program: string): string {
  return program.includes("/") ? "" : program;
}

/** `-m http.server` → `http`, `npm run dev` → `dev`, `server.js` → itself, `-c '…'` → nothing: then the program lends its name. */
function moduleOf(type: ProcessType, program: string, args: readonly string[]): string | undefined {
  if (type === "command") return undefined;
  const dashM = type === "python" ? args.indexOf("-m") : -1;
  if (dashM !== -1 && args.slice(0, dashM).every((word) => word.startsWith("-"))) return args[dashM + 1]?.split(".")[0];
  const first = scriptIndex(type, args);
  const isRun = packageRunners.test(basename(program)) && /^run(?:-script)?$/.test(args[first] ?? "");
  const behind = isRun ? args.findIndex((each, index) => index > first && !each.startsWith("-")) : -1;
  const word = args[behind === -1 ? first : behind];
  return word === undefined || basename(word) === "." || basename(word) === "" ? undefined : word;
}

const inline = new Set(["-c", "-e", "-p", "-r", "--eval", "--print", "-pe"]);
const takesValue = new Set([
  "-r",
  "--require",
  "--import",
  "--loader",
  "-W",
  "-X",
  "--env-file",
  "-I",
  "-o",
  "-O",
  "-t",
  "-S",
]);

/** Where the script stands among an interpreter's arguments; -1 when the code is inline or there is none. */
export function scriptIndex(type: string, args: readonly string[]): number {
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? "";
    if (type === "python" && word === "-m") return index + 1 < args.length ? index + 1 : -1;
    if (word === "--") return index + 1 < args.length ? index + 1 : -1;
    if (!word.startsWith("-") || word === "-") {
      if (type === "go" && index === 0 && word === "run") continue;
      return word === "-" ? -1 : index;
    }
    if (inline.has(word) && !(type === "node" && word === "-r")) return -1;
    if (takesValue.has(word)) index += 1;
  }
  return -1;
}

function findInterpreter(request: ProgramRequest, names: readonly string[], script: string): string {
  for (const name of names) {
    const found = name.includes("/") ? executableFile(request, resolve(request.cwd, name)) : findInPath(request, name);
    if (found !== undefined) return found;
  }
  const [wanted = ""] = names;
  if (request.toCome === true && !wanted.includes("/")) return wanted;
  if (wanted.includes("/") && kindOf(request.files, resolve(request.cwd, wanted)) !== "missing")
    throw new TsmError("NO_FILE", `the interpreter '${wanted}' for '${script}' cannot be executed`, {
      hint: "Make it executable with chmod +x, or name another with --interpreter",
    });
  throw new TsmError("NO_FILE", `the interpreter '${wanted}' for '${script}' was not found`, {
    hint: `Install ${basename(wanted)}, or name another with --interpreter`,
  });
}

function findInPath(request: ProgramRequest, name: string): string | undefined {
  if (name === "" || name.includes("/")) return undefined;
  for (const folder of request.path.split(":")) {
    if (!isAbsolute(folder)) continue;
    const found = executableFile(request, join(folder, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What may not be looked at is not there: `execvp` too goes on to the next folder of PATH. */
function kindOf(files: Files, path: string): FileKind {
  try {
    return files.kind(path);
  } catch (error) {
    if (isErrno(error, "EACCES", "ELOOP", "ENAMETOOLONG")) return "missing";
    throw error;
  }
}

function executableFile({ files }: ProgramRequest, path: string): string | undefined {
  return kindOf(files, path) === "file" && files.isExecutable(path) ? path : undefined;
}

function existingFile(request: ProgramRequest, word: string): string {
  const path = resolve(request.cwd, word);
  const kind = kindOf(request.files, path);
  if (kind === "directory")
    throw new TsmError("NO_FILE", `'${word}' is a directory`, { hint: "Name the script inside it" });
  if (kind === "missing") throw notFound(word);
  return path;
}

function typeOf(interpreter: string): ProcessType {
  const name = basename(interpreter);
  return typeOfProgram.find(([pattern]) => pattern.test(name))?.[1] ?? "command";
}

/** `#!/usr/bin/env node` and `#!/bin/bash -e`. Options of `env` itself are left to the kernel. */
function shebangOf(head: Buffer): { program: string; args: string[] } | undefined {
  const line = /^#![ \t]*([^\n]*)/.exec(head.toString("utf8"))?.[1]?.trim();
  if (!line) return undefined;
  const [program = "", ...args] = line.split(/[ \t]+/);
  if (basename(program) !== "env") return { program, args: args.length > 0 ? [args.join(" ")] : [] };
  const [name = "", ...rest] = args;
  if (name === "-S" && rest[0] !== undefined) return { program: rest[0], args: rest.slice(1) };
  return name === "" || name.startsWith("-") || name.includes("=")
    ? { program, args: [args.join(" ")] }
    : { program: name, args: rest };
}

function isText(head: Buffer): boolean {
  return head.length > 0 && !head.includes(0);
}

function notFound(word: string, whole?: string): TsmError {
  const nor = whole === undefined ? "" : `, and there is no file '${inShort(whole)}'`;
  return new TsmError("NO_FILE", `'${inShort(word)}' not found or not executable${nor}`, {
    hint: /^[A-Za-z_]\w*=/.test(word)
      ? `Variables stand before a program within quotes ("${word.split("=")[0]}=… node server.js"), or behind env`
      : "Give a script, a program in PATH, or a path; make a file executable with chmod +x",
  });
}
