import { isErrno } from "./errors.ts";
import { plainWords } from "./quote.ts";
import { type Token, tokenName } from "./token.ts";
import { namedPatterns } from "./token-patterns.ts";
import type { World } from "./world.ts";

/** What is run when an event fits: `PATTERN|COMMAND|DESCRIPTION|ENABLED`. */
export interface Trigger {
  readonly line: number;
  /** One of `namedPatterns`, or in the event's name, TETRA:CATEGORY:EVENT; * is anything. */
  readonly pattern: string;
  /** As the line has it. */
  readonly command: string;
  /** {TOKEN}, {DATA} and {TIMESTAMP} in them stand for those of the event. */
  readonly argv: readonly string[];
  readonly description: string;
  readonly enabled: boolean;
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
    const parts = line.split("|").map((part) => part.trim());
    const [pattern = "", command = "", description = "", enabled = "true"] = parts;
    const argv = commandWords(command);
    const problem =
      pattern === ""
        ? "there is no pattern"
        : typeof argv === "string"
          ? argv
          : argv.some((_word, at) => isCode(argv, at))
            ? "the text of an event must not be run as code; the program finds it on its input and in TSM_DATA"
            : parts.length > 4 || !(isOn.test(enabled) || isOff.test(enabled))
              ? "it is PATTERN|COMMAND|DESCRIPTION|true or false; a command has no pipe"
              : undefined;
    if (problem !== undefined) problems.push(`triggers.conf, line ${index + 1}: ${problem}`);
    else if (typeof argv !== "string")
      triggers.push({
        line: index + 1,
        pattern,
        command,
        argv,
        description,
        enabled: !isOff.test(enabled),
      });
  }
  return { triggers, problems };
}

const isOn = /^(?:true|yes|on|1|enabled|)$/i;
const isOff = /^(?:false|no|off|0|disabled)$/i;

const placeholders = ["{TOKEN}", "{DATA}", "{TIMESTAMP}"] as const;

/** The words of a command, or what is wrong with it. Braces mean something to a shell: those of a placeholder do not. */
function commandWords(command: string): readonly string[] | string {
  const marked = placeholders.reduce((text, name, at) => text.replaceAll(name, marks.charAt(at)), command);
  const words = /[\uE000-\uE002]/.test(command) ? undefined : plainWords(marked);
  if (words === undefined || words.length === 0)
    return "the command must be a program and plain words; the event is on its input";
  return words.map((word) => word.replace(/[\uE000-\uE002]/g, (mark) => placeholders[marks.indexOf(mark)] ?? mark));
}

const marks = "\uE000\uE001\uE002";

/** Would a program run the event's text in this word? It is the program itself, an option's code, or a shell's line. */
function isCode(argv: readonly string[], at: number): boolean {
  const word = argv[at] ?? "";
  if (!placeholders.some((name) => word.includes(name))) return false;
  const before = argv[at - 1] ?? "";
  return (
    at === 0 ||
    /^-[A-Za-z]*[ceEprR]$|^--(?:eval|command|exec|execute|print|run)$/.test(before) ||
    /^(?:-[ceE]|--(?:eval|command|exec|execute|print|run)=)/.test(word) ||
    argv.slice(0, at).some((each) => readsWordsAsCode.test(each))
  );
}

const readsWordsAsCode =
  /(?:^|\/)(?:eval|ssh|su|runuser|xargs|watch|parallel|find|[gm]?awk|sed|tmux|screen|script|at|batch|osascript|env)$/;

export function readTriggers({ platform: { files }, home }: World): Triggers {
  try {
    return triggersIn(files.readText(`${home.root}/config/triggers.conf`) ?? "");
  } catch (error) {
    if (!isErrno(error, "EACCES", "EISDIR")) throw error;
    return { triggers: [], problems: ["config/triggers.conf cannot be read"] };
  }
}

/** Does the event set it off? A pattern without * may stand anywhere in the name. */
export function isSetOff({ pattern, enabled }: Trigger, token: Token): boolean {
  if (!enabled) return false;
  if (namedPatterns.some(({ name, fits }) => name === pattern && fits(token))) return true;
  const name = `TETRA:${tokenName(token)}`;
  if (!pattern.includes("*")) return name.includes(pattern);
  const parts = pattern.split("*").map((part) => part.replace(/[^\w]/g, "\\$&"));
  return new RegExp(`^(?:TETRA:)?${parts.join("[^]*")}$`).test(name);
}

/** How long a program may take: those of later events wait for it. */
const runMs = 10_000;
/** In a word or a variable; what is longer stands on the input alone. */
const longestData = 32_768;

/**
 * Runs the program with the event as a line of JSON on its input, and in its words only where the line says so, each in
 * one word whatever it holds. @returns why it has not done its work, in words
 */
export async function runTrigger(
  world: World,
  trigger: Trigger,
  name: string,
  token: Token,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { platform, cwd } = world;
  const { time, category, event, data } = token;
  const json = JSON.stringify(data);
  const facts = {
    TOKEN: `TETRA:${tokenName(token)}`.replaceAll("\0", "").slice(0, longestData),
    DATA: json.length > longestData ? "" : json,
    TIMESTAMP: time === null ? "" : new Date(time).toISOString(),
  };
  if (facts.DATA === "" && trigger.argv.some((word) => word.includes("{DATA}")))
    return "its data is too long for a word of a command";
  const [file = "", ...args] = trigger.argv.map((word) =>
    word.replace(/\{(TOKEN|DATA|TIMESTAMP)\}/g, (_all, fact: keyof typeof facts) => facts[fact]),
  );
  const { TOKEN: TSM_TOKEN, DATA: TSM_DATA, TIMESTAMP: TSM_TIMESTAMP } = facts;
  const env = { ...world.env, TSM_NAME: name, TSM_TOKEN, TSM_DATA, TSM_TIMESTAMP };
  const input = `${JSON.stringify({ name, time, category, event, data })}\n`;
  try {
    const { code } = await platform.spawner.capture({ file, args, env, cwd, input }, runMs, signal);
    if (code !== null) return code === 0 ? undefined : `it ended with ${code}`;
    return signal.aborted
      ? "it was ended with the monitor"
      : `it was ended, as after ${runMs / 1000} s or 1 MB of output`;
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "ENOTDIR", "E2BIG", "ENOEXEC")) return `${file} cannot be run`;
    throw error;
  }
}
