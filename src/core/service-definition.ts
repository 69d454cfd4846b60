import { join, resolve } from "node:path";
import { bytesIn } from "./amounts.ts";
import { TsmError } from "./errors.ts";
import { wrongWith } from "./names.ts";
import { validPort } from "./port-choice.ts";
import { type Probe, parseProbe } from "./probe.ts";
import { type RestartPolicy, restartPolicies } from "./process.ts";
import { plainWords, quoteLine } from "./quote.ts";
import type { ShellValue } from "./shell-value.ts";

/** What a `.tsm` file may say of a service, in the order in which TSM writes it. */
export const serviceKeys = [
  "TSM_NAME",
  "TSM_DESCRIPTION",
  "TSM_COMMAND",
  "TSM_ARGS",
  "TSM_CWD",
  "TSM_ENV",
  "TSM_ENV_FILE",
  "TSM_PORT",
  "TSM_PRE_COMMAND",
  "TSM_DEPENDS",
  "TSM_READY",
  "TSM_HEALTH",
  "TSM_RESTART",
  "TSM_MAX_MEMORY",
  "TSM_AUTOSTART",
] as const;

export type ServiceKey = (typeof serviceKeys)[number];

/** A service as its file describes it. undefined: it says nothing of that. */
export interface ServiceDefinition {
  /** What its process is called, before the port. */
  readonly processName: string;
  readonly description: string;
  /** As behind `tsm start`: exact words, or one shell string. */
  readonly command: readonly string[];
  /** "": where it is started from. */
  readonly cwd: string;
  /** A short name or a path; "none". */
  readonly env: string | undefined;
  readonly port: number | undefined;
  /** Run by bash in the folder and environment of the process, right before it. */
  readonly before: string | undefined;
  /** What has to be up before it: ORG/NAME, or NAME. */
  readonly depends: readonly string[];
  readonly ready: Probe | undefined;
  readonly health: Probe | undefined;
  readonly restart: RestartPolicy | undefined;
  readonly maxMemory: number | undefined;
  /** Is it started with all that is enabled? */
  readonly autostart: boolean;
  /** What it says and nobody can follow: it cannot be started like that. */
  readonly faults: readonly string[];
  /** TSM_ names that mean nothing: a slip, or another program's. */
  readonly unknown: readonly string[];
}

/** @param name what it is called when it does not say. */
export function definitionFrom(values: ReadonlyMap<string, ShellValue>, name: string): ServiceDefinition {
  const faults: string[] = [];
  const text = (key: ServiceKey): string | undefined => {
    const value = values.get(key);
    const meant = typeof value === "object" ? value[0] : value;
    return meant?.trim() ? meant : undefined;
  };
  const read = <T>(key: ServiceKey, what: string, parse: (word: string) => T | undefined): T | undefined => {
    const word = text(key)?.trim();
    if (word === undefined) return undefined;
    try {
      const value = parse(word);
      if (value !== undefined) return value;
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
    }
    faults.push(`${key} is '${word}', which is ${what}`);
    return undefined;
  };
  const command = commandFrom(values);
  if (command.length === 0 || command[0] === "") faults.push("there is no TSM_COMMAND");
  const said = text("TSM_NAME");
  const wrong = said === undefined ? undefined : wrongWith(said);
  if (wrong !== undefined) faults.push(`TSM_NAME is '${said}', which ${wrong}`);
  const known: readonly string[] = serviceKeys;
  return {
    processName: said ?? name,
    description: text("TSM_DESCRIPTION") ?? "",
    command,
    cwd: text("TSM_CWD") ?? "",
    env: envIn(text("TSM_ENV_FILE"), text("TSM_ENV"), values.has("TSM_ENV_FILE")),
    port: read("TSM_PORT", "not a port", (word) => (/^(?:auto|none)$/.test(word) ? 0 : validPort(word))) || undefined,
    before: text("TSM_PRE_COMMAND"),
    depends: wordsOf(values.get("TSM_DEPENDS")),
    ready: read("TSM_READY", `not a probe (${probeForms})`, parseProbe),
    health: read("TSM_HEALTH", `not a probe that can be asked again and again (${askedForms})`, (word) => {
      const probe = parseProbe(word);
      return probe.kind === "log" ? undefined : probe;
    }),
    restart: read("TSM_RESTART", `none of ${restartPolicies.join(", ")}`, (word) =>
      restartPolicies.find((each) => each === word),
    ),
    maxMemory: read("TSM_MAX_MEMORY", "not a size", bytesIn),
    autostart: !/^(?:false|no|off|0)$/i.test(text("TSM_AUTOSTART")?.trim() ?? ""),
    faults,
    unknown: [...values.keys()].filter((key) => key.startsWith("TSM_") && !known.includes(key)),
  };
}

const askedForms = "port, http://localhost:3000/health, cmd:'pg_isready -q'";
const probeForms = `${askedForms}, log:/listening/i, ipc`;

/** TSM_COMMAND and the older TSM_ARGS behind it. Text is as a shell would read it, an array is exact. */
function commandFrom(values: ReadonlyMap<string, ShellValue>): string[] {
  const command = values.get("TSM_COMMAND") ?? "";
  const args = values.get("TSM_ARGS") ?? [];
  const words = typeof command === "string" ? [command.trim()] : [...command];
  if (typeof args === "object") return [...words, ...args];
  const plain = plainWords(args);
  if (plain !== undefined) return [...words, ...plain];
  const line = typeof command === "string" ? command.trim() : quoteLine(command);
  return [`${line} ${args.trim()}`];
}

/** TSM_ENV_FILE is a path, also where it looks like a short name. Said and empty it was no env file, before there was TSM_ENV. */
function envIn(file: string | undefined, env: string | undefined, isOlder: boolean): string | undefined {
  if (file === undefined) return env ?? (isOlder ? "none" : undefined);
  return file.includes("/") || file.includes(".") ? file : `./${file}`;
}

/** Of an array each is a word, as a name may have blanks in it. */
function wordsOf(value: ShellValue = ""): string[] {
  const words = typeof value === "object" ? value.flatMap((each) => each.split(",")) : value.split(/[\s,]+/);
  return [...new Set(words.map((word) => word.trim()).filter((word) => word !== ""))];
}

/** The env file that it asks for: `local` where it says none; `none` is none. */
export function envFileOf({ env = "local" }: Pick<ServiceDefinition, "env">, cwd: string): string | undefined {
  if (env === "none") return undefined;
  return env.includes("/") || env.includes(".") ? resolve(cwd, env) : join(cwd, "env", `${env}.env`);
}
