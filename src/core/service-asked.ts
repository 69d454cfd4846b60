import type { Files } from "../platform/platform.ts";
import type { WriteLaunchFile } from "./launch-stage.ts";
import { parsedJson } from "./parsed-json.ts";
import type { StartRequest } from "./plan.ts";

/** What a person said beside the service that was started: at a restart too it wins over what the file says by then. */
export interface AskedOfService {
  /** The folder in which it was said. */
  readonly from: string;
  readonly name: string | undefined;
  readonly port: number | undefined;
  readonly env: string | undefined;
  readonly cwd: string | undefined;
  readonly interpreter: string | undefined;
  readonly noExec: boolean;
  /** Which of these parts of its policy were flags. */
  readonly flags: readonly AskedFlag[];
}

const askedFlags = ["restart", "ready", "health", "maxMemory"] as const;
type AskedFlag = (typeof askedFlags)[number];

export function askedOf(from: string, asked: StartRequest): AskedOfService {
  const { name, port, env, cwd, interpreter, noExec, policy } = asked;
  const { oversight } = policy;
  const wasAsked = (flag: AskedFlag) => (flag === "restart" ? policy.restartAsked : oversight[flag] !== null);
  return { from, name, port, env, cwd, interpreter, noExec, flags: askedFlags.filter(wasAsked) };
}

/** Into the launch files. */
export function writeAsked(write: WriteLaunchFile, asked: AskedOfService): void {
  write("service-asked.json", `${JSON.stringify(asked, null, 2)}\n`);
}

/** @returns undefined when it is not there or makes no sense. */
export function readAsked(files: Files, folder: string): AskedOfService | undefined {
  const text = files.readText(`${folder}/service-asked.json`);
  const fields = new Map<string, unknown>(Object.entries(text === undefined ? {} : parsed(text)));
  const from = fields.get("from");
  if (typeof from !== "string") return undefined;
  const said = (key: string) => {
    const value = fields.get(key);
    return typeof value === "string" ? value : undefined;
  };
  const port = fields.get("port");
  const flags = fields.get("flags");
  return {
    from,
    name: said("name"),
    port: typeof port === "number" ? port : undefined,
    env: said("env"),
    cwd: said("cwd"),
    interpreter: said("interpreter"),
    noExec: fields.get("noExec") === true,
    flags: Array.isArray(flags) ? askedFlags.filter((flag) => flags.includes(flag)) : [],
  };
}

function parsed(text: string): object {
  const value = parsedJson(text);
  return typeof value === "object" && value !== null ? value : {};
}
