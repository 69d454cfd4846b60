import { isAbsolute, resolve } from "node:path";
import { processPaths } from "./home.ts";
import { readWords } from "./launch-words.ts";
import type { ProcessRecord } from "./process.ts";
import { scriptIndex } from "./program.ts";
import { endingOf } from "./script-endings.ts";
import type { World } from "./world.ts";

/** A command line as pm2 tells it: what is executed, by what, and the words before and behind it. */
export interface ScriptCommand {
  /** Absolute path of the script, or of the program itself. */
  readonly script: string;
  /** undefined: it is executed as it is. */
  readonly interpreter: string | undefined;
  readonly interpreterArgs: readonly string[];
  readonly args: readonly string[];
}

/** undefined when its launch files are gone. */
export function scriptOf(world: World, record: ProcessRecord): ScriptCommand | undefined {
  const [program, ...words] = readWords(world, processPaths(world.home, record.name).launch, "argv") ?? [];
  if (program === undefined) return undefined;
  const at = record.process_type === "command" ? -1 : scriptIndex(record.process_type, words);
  const script = words[at];
  return script === undefined
    ? { script: program, interpreter: undefined, interpreterArgs: [], args: words }
    : {
        script: resolve(record.cwd, script),
        interpreter: program,
        interpreterArgs: words.slice(0, at),
        args: words.slice(at + 1),
      };
}

/** Where the script lies that is run, when there is no doubt: node finds `app` as app.js, and bash x.sh in PATH too. */
export function plainScript({
  argv: [, ...words],
  type,
  cwd,
}: {
  readonly argv: readonly string[];
  readonly type: string;
  readonly cwd: string;
}): string | undefined {
  const at = type === "command" ? -1 : scriptIndex(type, words);
  const script = words[at];
  if (script === undefined || endingOf(script) === undefined) return undefined;
  return isAbsolute(script) || (at === 0 && type !== "bash") ? resolve(cwd, script) : undefined;
}

/** The processes that run the script that a word is the path of. */
export function recordsOfScript(
  world: World,
  word: string,
  records: readonly ProcessRecord[],
): readonly ProcessRecord[] {
  const path = resolve(world.cwd, word);
  return records.filter((record) => scriptOf(world, record)?.script === path);
}
