import { atRest } from "./at-rest.ts";
import { isObject } from "./is-object.ts";
import { isName } from "./names.ts";
import { type ProcessRecord, type RestartPolicy, restartPolicies } from "./process.ts";

/** What `save` keeps: which processes there are, and for each all that decides what will run. No pids. */
export interface Dump {
  /** ISO 8601. */
  readonly savedAt: string;
  readonly processes: readonly SavedProcess[];
}

export interface SavedProcess {
  readonly id: number;
  readonly name: string;
  /** What it is to be again. */
  readonly wanted: "online" | "stopped";
  /** For people: secrets masked. */
  readonly command: string;
  readonly port: number | "none";
  readonly cwd: string;
  readonly interpreter: string;
  readonly type: string;
  /** Absolute path, or "". */
  readonly envFile: string;
  readonly preHook: string;
  readonly restart: RestartPolicy;
  /** The launch files by name, as they are; words where they are words. */
  readonly launch: Readonly<Record<string, string | readonly string[]>>;
}

/** One process a line, and the names before them all: who wants only these reads no more. */
export function formatDump({ savedAt, processes }: Dump): string {
  const names = JSON.stringify(processes.map(({ name }) => name));
  const lines = processes.map((each) => `\n${JSON.stringify(each)}`).join(",");
  return `{"version":1,"savedAt":${JSON.stringify(savedAt)},"names":${names},\n"processes":[${lines}]}\n`;
}

/** @returns why, in words, when it is not a whole and valid one. */
export function parseDump(text: string): Dump | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: text.trim() === "" ? "it is empty" : "it is not whole JSON" };
  }
  if (!isObject(value) || value["version"] !== 1 || typeof value["savedAt"] !== "string")
    return { problem: "it is not a list of tsm's" };
  const { processes, names } = value;
  if (!Array.isArray(processes) || !Array.isArray(names) || names.length !== processes.length)
    return { problem: "its processes are not those that it names" };
  const saved: SavedProcess[] = [];
  for (const each of processes) {
    const found = parseSaved(each);
    if (typeof found === "string") return { problem: `its process ${saved.length + 1} has no valid ${found}` };
    if (saved.some(({ name }) => name === found.name)) return { problem: `it has '${found.name}' twice` };
    saved.push(found);
  }
  return { savedAt: value["savedAt"], processes: saved };
}

/** The name of the first field that makes no sense. */
function parseSaved(value: unknown): SavedProcess | string {
  if (!isObject(value)) return "form";
  const { id, name, wanted, port, restart } = value;
  const text = (key: string) => (typeof value[key] === "string" ? value[key] : undefined);
  const policy = restartPolicies.find((each) => each === restart);
  const launch = parseLaunch(value["launch"]);
  if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0) return "id";
  if (typeof name !== "string" || !isName(name)) return "name";
  if (wanted !== "online" && wanted !== "stopped") return "wanted";
  if (port !== "none" && !(typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536))
    return "port";
  if (policy === undefined) return "restart";
  if (launch === undefined) return "launch";
  const [command, cwd, interpreter] = [text("command"), text("cwd"), text("interpreter")];
  const [type, envFile, preHook] = [text("type"), text("envFile"), text("preHook")];
  if (command === undefined || cwd === undefined || interpreter === undefined) return "command, cwd or interpreter";
  if (type === undefined || envFile === undefined || preHook === undefined) return "type, envFile or preHook";
  return { id, name, wanted, command, port, cwd, interpreter, type, envFile, preHook, restart: policy, launch };
}

function parseLaunch(value: unknown): SavedProcess["launch"] | undefined {
  if (!isObject(value)) return undefined;
  const files = Object.entries(value).flatMap(([name, content]) => {
    const isContent = typeof content === "string" || isWords(content);
    return /^[a-z][a-z.-]*$/.test(name) && isContent ? [[name, content] as const] : [];
  });
  const isWhole = files.length === Object.keys(value).length && isWords(value["argv"]) && value["argv"].length > 0;
  return isWhole ? Object.fromEntries(files) : undefined;
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((word) => typeof word === "string" && !word.includes("\0"));
}

/** The record of one that is not there any more, as if it had been stopped. */
export function recordOfSaved(saved: SavedProcess, id: number, nowSeconds: number): ProcessRecord {
  return {
    tsm_id: id,
    name: saved.name,
    pid: 0,
    command: saved.command,
    port: saved.port,
    cwd: saved.cwd,
    interpreter: saved.interpreter,
    process_type: saved.type,
    env_file: saved.envFile,
    prehook: saved.preHook,
    ...atRest,
    restart_policy: saved.restart,
    created: nowSeconds,
  };
}
