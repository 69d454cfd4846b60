import { TsmError } from "../core/errors.ts";
import type { ProcessRecord } from "../core/process.ts";
import { quoteLine } from "../core/quote.ts";
import type { RunWord } from "../core/run-diff.ts";
import type { ParamType, Resolving } from "./define.ts";
import { process } from "./targets.ts";

/** Runs of one process. */
export interface ComparedRuns {
  readonly name: string;
  readonly record: ProcessRecord;
  /** None: the last two. */
  readonly runs: readonly RunWord[];
}

/** What `diff` takes: a process and up to two of its runs, in any order; two runs alone where one process has them. */
export const comparedRuns: ParamType<ComparedRuns> = {
  label: "PROCESS|RUN",
  offers: { kind: "process-runs" },
  // Which words are runs depends on the others.
  parse(): never {
    throw new Error("runs are resolved, not parsed");
  },
  async resolve(words, resolving) {
    const { named, runs } = told(words);
    if (named.length > 1 || runs.length > 2)
      throw new TsmError("USAGE", `diff compares two runs of one process, and '${words.join(" ")}' is more`, { hint });
    const found = named.length === 0 ? unnamed(runs, resolving) : ((await process().resolve?.(named, resolving)) ?? []);
    const [record] = found;
    if (record === undefined || found.length > 1)
      throw new TsmError("AMBIGUOUS", `'${named[0]}' is ${found.length} processes, and diff is about one`, {
        hint,
        candidates: found.map(({ tsm_id: id, name }) => ({ id, name })),
      });
    return [{ name: record.name, record, runs }];
  },
};

const hint = "tsm diff NAME, tsm diff NAME 16 17; tsm history NAME shows the runs";

/** A number is a run; but one that stands alone, or before two others, is the id of a process. */
function told(words: readonly string[]): { readonly named: readonly string[]; readonly runs: readonly RunWord[] } {
  const named = words.filter((word) => !isRun(word));
  const runs = words.filter(isRun);
  if (named.length === 0 && (runs.length === 3 || (runs.length === 1 && runs[0] !== "last")))
    return { named: runs.slice(0, 1), runs: runs.slice(1).map(runOf) };
  return { named, runs: runs.map(runOf) };
}

function isRun(word: string): boolean {
  return word === "last" || /^\d{1,9}$/.test(word);
}

function runOf(word: string): RunWord {
  return word === "last" ? word : Number(word);
}

/** The one process that has these runs. */
function unnamed(runs: readonly RunWord[], { engine }: Resolving): readonly ProcessRecord[] {
  const having = engine.records().filter(({ name }) => {
    const known = new Set<RunWord>(engine.runs(name).map(({ run }) => run));
    return known.size > 0 && runs.every((run) => run === "last" || known.has(run));
  });
  const [only] = having;
  if (only !== undefined && having.length === 1) return [only];
  const which = runs.length === 0 ? "runs" : runs.length === 1 ? `run ${runs[0]}` : `runs ${runs.join(" and ")}`;
  if (only === undefined) throw new TsmError("NOT_FOUND", `no process has ${which}`, { hint });
  const names = having.slice(0, 5).map(({ name }) => name);
  throw new TsmError("USAGE", `${having.length} processes have ${which}: which one?`, {
    hint: names.map((name) => `tsm diff ${quoteLine([name, ...runs.map(String)])}`).join(", "),
    candidates: having.map(({ tsm_id: id, name }) => ({ id, name })),
  });
}
