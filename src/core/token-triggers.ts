import { isErrno } from "./errors.ts";
import { plainWords } from "./quote.ts";
import { type Token, tokenName } from "./token.ts";
import type { World } from "./world.ts";

/** What is run when an event fits: `PATTERN|COMMAND|DESCRIPTION|ENABLED`. */
export interface Trigger {
  readonly line: number;
  /** In the event's name, TETRA:CATEGORY:EVENT; * is anything. */
  readonly pattern: string;
  readonly argv: readonly string[];
  readonly description: string;
}

export interface Triggers {
  readonly triggers: readonly Trigger[];
  readonly problems: readonly string[];
}

/** The file is data: what only a shell could read of it is told and not run. */
export function triggersIn(text: string): Triggers {
  const triggers: Trigger[] = [];
  const problems: string[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [pattern = "", command = "", description = "", enabled = "true"] = line.split("|").map((part) => part.trim());
    if (/^(?:false|no|off|0|disabled)$/i.test(enabled)) continue;
    const argv = /\{(?:TOKEN|DATA|TIMESTAMP)\}/.test(command) ? undefined : plainWords(command);
    if (pattern === "" || argv === undefined || argv.length === 0)
      problems.push(
        `triggers.conf, line ${index + 1}: ${pattern === "" ? "there is no pattern" : "the command must be a program and plain words; the event is on its input, never in them"}`,
      );
    else triggers.push({ line: index + 1, pattern, argv, description });
  }
  return { triggers, problems };
}

export function readTriggers({ platform: { files }, home }: World): Triggers {
  const text = files.readText(`${home.root}/config/triggers.conf`);
  return text === undefined ? { triggers: [], problems: [] } : triggersIn(text);
}

/** Does the event set it off? A pattern without * may stand anywhere in the name. */
export function isSetOff({ pattern }: Trigger, token: Token): boolean {
  const name = `TETRA:${tokenName(token)}`;
  if (!pattern.includes("*")) return name.includes(pattern);
  const parts = pattern.split("*").map((part) => part.replace(/[^\w]/g, "\\$&"));
  return new RegExp(`^(?:TETRA:)?${parts.join("[^]*")}$`).test(name);
}

/** Runs the program with the event as a line of JSON on its input. @returns why it could not, in words */
export async function runTrigger(
  world: World,
  trigger: Trigger,
  name: string,
  token: Token,
): Promise<string | undefined> {
  const [file = "", ...args] = trigger.argv;
  const env = { ...world.env, TSM_NAME: name };
  const fed = world.platform.spawner.spawnFed({ file, args, env, cwd: world.cwd });
  const { time, category, event, data } = token;
  fed.write(`${JSON.stringify({ name, time, category, event, data })}\n`);
  try {
    await fed.end();
    return undefined;
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES")) return `triggers.conf, line ${trigger.line}: ${file} cannot be run`;
    throw error;
  }
}
