import { basename } from "node:path";
import { TsmError } from "./errors.ts";
import type { Program } from "./program.ts";
import { withoutComments } from "./shell-comments.ts";

export type Port = number | "none";

/** Ports from one to another, both among them. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Where a port is looked for when nobody says where. */
export const autoRange: PortRange = { from: 8000, to: 8999 };

export interface PortSources {
  /** `--port`. */
  readonly flag: number | undefined;
  readonly envFile: ReadonlyMap<string, string>;
  readonly envFilePath: string;
  readonly program: Program;
  /** The first part of the script's text; undefined when there is no script. */
  readonly scriptText: string | undefined;
  /** PORT in the caller's environment: a script's `process.env.PORT || 3000` would see it. */
  readonly callerPort: string | undefined;
}

/**
 * `--port` > PORT in the env file > `PORT=` in the command or script > what the command says > what the script falls
 * back to when it is given no PORT > none.
 */
export function choosePort(sources: PortSources): Port {
  if (sources.flag !== undefined) return sources.flag;
  return (
    portInEnvFile(sources.envFile, sources.envFilePath) ??
    assignedInCommand(sources.program) ??
    assignedInScript(sources) ??
    saidByCommand(sources.program) ??
    fallbackInScript(sources) ??
    "none"
  );
}

/** @throws TsmError BAD_DATA when the file says a PORT that is none. */
export function portInEnvFile(values: ReadonlyMap<string, string>, path: string): Port | undefined {
  const said = values.get("PORT");
  return said === undefined || said === "" ? undefined : portOf(said, `PORT in ${path}`);
}

/** 0 is any port, which a program can be told, and nobody knows before it runs. @throws TsmError BAD_DATA when the text is no port. */
function portOf(text: string, source: string): Port {
  if (/^0+$/.test(text)) return "none";
  const port = validPort(text);
  if (port !== undefined) return port;
  throw new TsmError("BAD_DATA", `${source} is '${text}', which is not a port`, {
    hint: "A port is a number from 1 to 65535",
  });
}

/** 1 to 65535 in decimal digits. */
export function validPort(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function assignedInCommand(program: Program): Port | undefined {
  const line = program.shellLine ?? program.argv.filter((word) => /^PORT=/.test(word)).join(" ");
  const match = assignment.exec(withoutComments(line));
  return match?.[2] === undefined ? undefined : portOf(match[2], "PORT= in the command");
}

const assignment = /(^|[\s;&|(])PORT=["']?(\d+)["']?(?=[\s;&|)]|$)/;

/** The vector with the port that won in the place of the one that a shell line or `env` would hand to the program. */
export function withWinningPort(argv: readonly string[], port: Port): readonly string[] {
  const [program = "", first] = argv;
  const isShellLine = first === "-c" && /^(ba|da|z|k)?sh$/.test(basename(program));
  if (port === "none" || !(isShellLine || basename(program) === "env")) return argv;
  const said = isShellLine ? 2 : argv.findIndex((word) => word.startsWith("PORT="));
  return argv.map((word, index) => (index === said ? assigned(word, port) : word));
}

function assigned(line: string, port: number): string {
  const match = assignment.exec(withoutComments(line));
  if (match === null) return line;
  const [whole, before = ""] = match;
  return `${line.slice(0, match.index)}${before}PORT=${port}${line.slice(match.index + whole.length)}`;
}

function assignedInScript(sources: PortSources): Port | undefined {
  // A constant of that name may be anything.
  if (sources.program.type !== "bash") return validPort(saidInScript(sources, codeAssignment) ?? "");
  const text = saidInScript(sources, shellAssignment);
  return text === undefined ? undefined : portOf(text, `PORT= in ${sources.program.script}`);
}

/** Where the script asks the environment first, so do we: the caller's PORT is what it would have seen. */
function fallbackInScript(sources: PortSources): Port | undefined {
  const fallback = validPort(saidInScript(sources, sources.program.type === "bash" ? shellDefault : codeDefault) ?? "");
  return fallback === undefined ? undefined : (validPort(sources.callerPort ?? "") ?? fallback);
}

/** What the first line that fits says. */
function saidInScript({ scriptText }: PortSources, pattern: RegExp): string | undefined {
  for (const line of scriptText?.split("\n") ?? []) {
    if (/^\s*(#|\/\/|--|\*)/.test(line)) continue;
    const found = pattern.exec(line);
    const named = found?.[1] ?? found?.[2];
    if (named !== undefined) return named;
  }
  return undefined;
}

const shellAssignment = /^\s*(?:export\s+|declare\s+-x\s+)?PORT=["']?(\d+)["']?\s*(?:[;#&|]|$)/;
const shellDefault = /(?:PORT=["']?|["'\s])\$\{PORT:?[-=](\d{1,5})\}/;
const codeAssignment =
  /^\s*(?:export\s+)?(?:const\s+|let\s+|var\s+|my\s+\$|local\s+|\$)?PORT\s*(?::\s*\w+\s*)?=\s*["']?(\d{4,5})["']?\s*(?:[;,#]|\/\/|$)/;
const codeDefault =
  /(?:process\.env\.PORT|process\.env\[["']PORT["']\]|Number\(process\.env\.PORT\)|ENV\[["']PORT["']\])\s*\)?\s*(?:\|\||\?\?)\s*["']?(\d{4,5})|(?:environ\.get|getenv|ENV\.fetch)\(\s*["']PORT["']\s*,\s*["']?(\d{4,5})/;

/** `:8080`, `*:8080`, `localhost:8080`, `[::1]:8080`; a time of day (`12:30`) has no letter and no dot before its colon. */
const hostAndPort = /^(?:\*|(?=[^:]*[a-z.])[\w.-]+|\[[\da-f:.]*\]|):(\d{2,5})$/i;

/** A flag that says where to listen, `--listen=:8080`, `-b HOST:8080`; what others say may be where it connects to, `--db=localhost:5432`. */
const listening = /^--?(?:[\w.-]*listen[\w.-]*|addr|address|bind|host|http|b|l|S)(?:=|$)/;

/** Nobody connects to every address. */
const anyHost = /^(?:\*|0\.0\.0\.0|\[::\])?:/;

/** A flag whose value, if it has one, is the next word; not what is well known to have none. */
const loneFlag = /^--?(?!(?:cgi|dev|prod|production|verbose|quiet|silent|[qvu])$)[a-z][^=]*$/i;

/**
 * `--port 8080`, `-p 8080`, `host:8080`, `-m http.server 8000`, `app.js 3000`. A program's plain numbers (`sleep 3600`) are
 * not ports, nor is what another flag says (`--timeout 30000`).
 */
function saidByCommand(program: Program): Port | undefined {
  const { args } = program;
  const isOfFlag = (index: number): boolean => loneFlag.test(args[index - 1] ?? "");
  for (const [index, word] of args.entries()) {
    const joined = /^(?:--port=|-p=?)(\d{1,5})$/.exec(word)?.[1];
    const next = /^(?:--port|-p|-port)$/.test(word) ? args[index + 1] : undefined;
    const isElsewhere = isOfFlag(index) && !listening.test(args[index - 1] ?? "") && !anyHost.test(word);
    const hosted = isElsewhere ? undefined : hostAndPort.exec(word.replace(listening, ""))?.[1];
    const port = validPort(joined ?? next ?? hosted ?? "");
    if (port !== undefined) return port;
  }
  // Of a shell line only when it is one command for an interpreter: `sleep 3000 && …` names no port.
  const isCommandLine = program.shellLine !== undefined && program.type !== "bash";
  const takesBareNumber = program.script !== undefined || program.type === "python" || isCommandLine;
  if (!takesBareNumber || program.type === "command") return undefined;
  return validPort(args.find((word, index) => /^\d{4,5}$/.test(word) && !isOfFlag(index)) ?? "");
}
