import { defaultNamespace, type ProcessSummary } from "../core/process.ts";
import { type Candidate, type Line, type Offered, whole } from "./completing.ts";
import { matching } from "./matching.ts";

/** Of these, those that are meant by what is typed so far. */
export function processes(
  line: Line,
  current: string,
  which: "all" | "running" | "stopped",
  taken: readonly string[],
): Candidate[] {
  const isLeft = (process: ProcessSummary) =>
    (which === "all" || (which === "stopped") === isOver(process)) &&
    (taken.length === 0 || !(taken.includes(process.name) || taken.includes(String(process.id))));
  const lower = current.toLowerCase();
  const mayBeId = /^\d*$/.test(current);
  const all = line.summaries();
  const begun: ProcessSummary[] = [];
  for (const process of all) {
    if (begun.length === line.most) break;
    const begins = process.name.toLowerCase().startsWith(lower) || (mayBeId && String(process.id).startsWith(current));
    if (begins && isLeft(process)) begun.push(process);
  }
  const found = begun.length > 0 ? begun : matching(all.filter(isLeft), current, ({ name }) => name);
  return found.map((process) => new ProcessCandidate(process, line));
}

/** The word that was begun of several in braces: `{api,w` becomes `{api,web`. The brace stays open, for more. */
export function processesInBraces(
  line: Line,
  current: string,
  which: "all" | "running" | "stopped",
  taken: readonly string[],
): Candidate[] {
  const [, before = "", inside] = /^([^{}]*)\{([^{}]*)$/.exec(current) ?? [];
  if (inside === undefined) return [];
  const written = inside.split(",");
  const begun = written.pop() ?? "";
  const head = current.slice(0, current.length - begun.length);
  return processes(line, before + begun, which, [...taken, ...written.map((word) => before + word)])
    .filter(({ value }) => value.startsWith(before) && !/[{},]/.test(value))
    .map(({ value, summary }) => ({ value: head + value.slice(before.length), summary, whole: false }));
}

/** What several processes are called together, where no process is called so itself. */
export function namespaces(line: Line, which: "all" | "running" | "stopped"): Offered[] {
  const counts = new Map<string, number>();
  const all = line.summaries();
  for (const process of all) {
    if (process.namespace === defaultNamespace || (which !== "all" && (which === "stopped") !== isOver(process)))
      continue;
    counts.set(process.namespace, (counts.get(process.namespace) ?? 0) + 1);
  }
  for (const { name } of all) counts.delete(name);
  return [...counts].map(([value, count]) => ({
    value,
    summary: `namespace, ${count === 1 ? "1 process" : `${count} processes`}`,
  }));
}

/** What is said about it is worked out for those that are shown. A class: a thousand getters of their own are 0.6 MB a key. */
class ProcessCandidate implements Candidate {
  readonly value: string;
  readonly whole = true;
  readonly #process: ProcessSummary;
  readonly #line: Line;

  constructor(process: ProcessSummary, line: Line) {
    this.value = process.name;
    this.#process = process;
    this.#line = line;
  }

  get summary(): string {
    return this.#line.describe(this.#process);
  }
}

/** As `%1`, which `1` begins too. */
export function jobs(line: Line, current: string, taken: readonly string[]): Candidate[] {
  return line
    .jobs()
    .map(({ number, command }) => whole(`%${number}`, command))
    .filter(({ value }) => value.startsWith(current.replace(/^(?=\d)/, "%")) && !taken.includes(value));
}

/** The last first: it is what one wants most. */
export function runs(line: Line): Offered[] {
  const named = namedIn(line);
  const known = named === undefined ? [] : line.runs(named.name).toReversed();
  return [{ value: "last", summary: known[0] === undefined ? "The last run" : `Run ${known[0].value}` }, ...known];
}

export function namedIn(line: Line): ProcessSummary | undefined {
  return line.summaries().find(({ id, name }) => line.words.some((word) => word === name || word === String(id)));
}

function isOver({ status }: ProcessSummary): boolean {
  return status === "stopped" || status === "crashed";
}
