import { TsmError } from "../core/errors.ts";
import type { ProcessRecord } from "../core/process.ts";
import type { ParamType, Resolving } from "./define.ts";
import type { ShellJob } from "./shell.ts";
import { process } from "./targets.ts";

/** A job of the shell by its number: `%1`, or `1`. */
export const job: ParamType<ShellJob> = {
  label: "JOB",
  offers: { kind: "jobs" },
  parse(): never {
    throw new Error("jobs are resolved, not parsed");
  },
  async resolve(words, { jobs }) {
    return words.map((word) => jobNamed(word, jobs));
  },
};

/** What `stop` ends: a process, or a job of the shell. */
export type Endable =
  | { readonly kind: "process"; readonly name: string; readonly record: ProcessRecord }
  | { readonly kind: "job"; readonly job: ShellJob };

const running = process("running");

/** Processes, and jobs as `%1`. A bare number is a process's id, or else a job's number. */
export const endable: ParamType<Endable> = {
  label: "PROCESS",
  offers: { kind: "processes", which: "running", jobs: true },
  parse(): never {
    throw new Error("targets are resolved, not parsed");
  },
  async resolve(words, resolving) {
    const meant: Endable[] = [];
    const others: string[] = [];
    for (const word of words) {
      const found = await jobMeant(word, resolving);
      if (found === undefined) others.push(word);
      else if (!meant.some((each) => each.kind === "job" && each.job === found))
        meant.push({ kind: "job", job: found });
    }
    const records = others.length === 0 ? [] : await running.resolve?.(others, resolving);
    for (const record of records ?? []) meant.push({ kind: "process", name: record.name, record });
    return meant;
  },
};

/** The job that a word means to `stop`; undefined when it means processes. */
async function jobMeant(word: string, resolving: Resolving): Promise<ShellJob | undefined> {
  const { jobs, inShell, engine } = resolving;
  if (/^%\d+$/.test(word)) {
    if (inShell) return jobNamed(word, jobs);
    throw new TsmError("NOT_FOUND", `${word} is a job, and jobs are of the shell that they were started in`, {
      hint: "tsm list shows the processes",
    });
  }
  const found = /^\d+$/.test(word) ? jobs.find(({ number }) => number === Number(word)) : undefined;
  const record = engine.records().find(({ tsm_id: id }) => id === found?.number);
  return found === undefined || record === undefined ? found : await chosen(found, record, resolving);
}

/** The number is that of both. */
async function chosen(found: ShellJob, record: ProcessRecord, resolving: Resolving): Promise<ShellJob | undefined> {
  const { number, command } = found;
  if (resolving.interactive && resolving.ask !== undefined) {
    const choices = [
      { value: "process", label: `${number}: ${record.name}, the process` },
      { value: "job", label: `%${number}: ${command}, the job` },
    ];
    const choice = await resolving.ask.pick(`${number} is a process and a job. Which one?`, choices);
    if (choice === undefined) throw new TsmError("CANCELLED", "nothing was chosen, nothing was done");
    return choice === "job" ? found : undefined;
  }
  throw new TsmError("AMBIGUOUS", `${number} is the process '${record.name}' and the job '${command}'`, {
    hint: `Give ${record.name} for the process, %${number} for the job`,
    candidates: [{ id: record.tsm_id, name: record.name }],
  });
}

function jobNamed(word: string, jobs: readonly ShellJob[]): ShellJob {
  const number = /^%?(\d+)$/.exec(word)?.[1];
  if (number === undefined) throw new TsmError("USAGE", `'${word}' is not a job`, { hint: "Jobs are named %1, %2, …" });
  const found = jobs.find((each) => each.number === Number(number));
  if (found !== undefined) return found;
  throw new TsmError("NOT_FOUND", `there is no job %${number}`, {
    hint: jobs.length === 0 ? "A & behind a command makes it one" : `There is ${jobs.map(nameOfJob).join(", ")}`,
  });
}

function nameOfJob({ number, command }: ShellJob): string {
  return `%${number} (${command})`;
}
