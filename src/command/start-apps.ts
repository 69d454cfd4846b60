import type { AppsPlan } from "../core/apps.ts";
import type { BesideFile } from "../core/beside-file.ts";
import { isEcosystemWord } from "../core/ecosystem-word.ts";
import { TsmError } from "../core/errors.ts";
import type { StartRequest } from "../core/plan.ts";
import { quoteWord } from "../core/quote.ts";
import { type AppsDone, appsDone } from "./apps-done.ts";
import type { Context, Rehearsing } from "./define.ts";

/** A file of apps, as `start` was asked for it. */
export interface FileMeant {
  /** undefined: the one in this folder. */
  readonly word: string | undefined;
}

export interface FileFlags {
  readonly only: readonly string[] | undefined;
  readonly env: string | undefined;
  readonly settleMs: number;
  readonly instances?: number | "max" | undefined;
  readonly namespace?: string | undefined;
  readonly watch?: readonly string[] | undefined;
  readonly ignoreWatch?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly group?: string | undefined;
  /** Flags that were given and say nothing of such a file. */
  readonly given: readonly string[];
}

/** Is it a file of apps that is to be started, or the one that there should be in this folder? */
export function fileMeant(request: StartRequest, { shell }: Pick<Context, "shell">): FileMeant | undefined {
  const { words, beforeDashes, interpreter } = request;
  const [word, ...more] = words;
  if (word === undefined) return beforeDashes === undefined ? { word } : undefined;
  if (beforeDashes !== undefined || interpreter !== undefined || !isEcosystemWord(word)) return undefined;
  const [next] = more;
  if (next !== undefined) {
    throw new TsmError("USAGE", `${word} is a file of apps, and '${next}' does not go with it`, {
      hint: next.startsWith("-")
        ? `tsm apply ${quoteWord(word)} --dry-run shows what would be done; tsm help start has the flags`
        : `tsm start ${quoteWord(word)} --only ${quoteWord(next)}`,
    });
  }
  if (word === "-" && shell !== undefined)
    throw new TsmError("USAGE", "in the shell nothing is written to standard input", { hint: "Name the file" });
  return { word };
}

/** The flags that a file of apps takes from whoever starts it. */
export const takenBeside: readonly string[] = ["instances", "namespace", "watch", "ignoreWatch", "user", "group"];

export async function startFile(file: FileMeant, flags: FileFlags, context: Context): Promise<AppsDone> {
  const { engine, signal } = context;
  const apps = await engine.apps();
  const plan = await planOf(file, flags, context);
  return appsDone(plan, await apps.run(plan, { rolling: false, deed: undefined }, signal));
}

async function planOf({ word }: FileMeant, flags: FileFlags, { engine, signal }: Context): Promise<AppsPlan> {
  const { only, env, settleMs, given } = flags;
  const beside = besideOf(flags);
  if (given.length > 0) {
    throw new TsmError(
      "USAGE",
      `${given.join(", ")} ${given.length === 1 ? "says" : "say"} nothing of a file of apps`,
      {
        hint: word === undefined ? "Name what is to be started" : "Write it into the file, for the app that it is for",
      },
    );
  }
  return await (await engine.apps()).plan({ word, only, env, settleMs, mode: "start", beside }, signal);
}

function besideOf({ instances, user, group, namespace, watch, ignoreWatch }: FileFlags): BesideFile {
  return {
    over: {
      ...(instances === undefined ? {} : { instances }),
      ...(user === undefined ? {} : { uid: user }),
      ...(group === undefined ? {} : { gid: group }),
    },
    under: {
      ...(namespace === undefined ? {} : { namespace }),
      ...(watch === undefined ? {} : { watch }),
      ...(ignoreWatch === undefined ? {} : { ignore_watch: ignoreWatch }),
    },
  };
}

/** What starting it would do, in words that follow "would ". */
export async function rehearseFile(file: FileMeant, flags: FileFlags, rehearsing: Rehearsing): Promise<string> {
  const { steps } = await planOf(file, flags, rehearsing);
  const told = steps.flatMap(({ name, does, id, spec }) =>
    spec === undefined
      ? []
      : [
          does === "restart"
            ? `restart '${name}' (#${id})`
            : `${does === "record" ? "record" : "start"} '${name}' (#${rehearsing.wouldStart(name, spec.port)})`,
        ],
  );
  return told.length === 0 ? "start nothing" : told.join(", ");
}

/** The same several times. */
export async function startInstances(
  request: StartRequest,
  asked: number | "max",
  { engine, signal }: Context,
): Promise<AppsDone> {
  const apps = await engine.apps();
  const options = { rolling: false, deed: undefined };
  return await apps.withInstances(request, asked, async (plan) =>
    appsDone(plan, await apps.run(plan, options, signal)),
  );
}
