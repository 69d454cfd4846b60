import { collectErrors, type ErrorGroup } from "./error-groups.ts";
import { isErrno, TsmError } from "./errors.ts";
import { runSpans } from "./log-runs.ts";
import type { ProcessRecord } from "./process.ts";
import { quoteWord } from "./quote.ts";
import { changesBetween, type RunChange } from "./run-changes.ts";
import { type RunRow, runHistory } from "./run-history.ts";
import type { RunNote } from "./run-note.ts";
import { noteFor } from "./run-notes.ts";
import type { World } from "./world.ts";

/** How one run of a process differs from another. */
export interface RunDiff {
  readonly name: string;
  readonly id: number;
  readonly from: RunRow;
  readonly to: RunRow;
  /** What they were started with; null: of one of them that is not known. */
  readonly changes: readonly RunChange[] | null;
  /** null: it is the same commit, or git could not tell. */
  readonly commits: Commits | null;
  /** Errors and warnings that only one of them has written, or the later one much more often. */
  readonly logs: readonly LogChange[];
  readonly notes: readonly string[];
}

/** What lies between two commits. */
export interface Commits {
  /** That only the later has, and only the earlier. */
  readonly added: number;
  readonly removed: number;
  /** The newest of those added, each with its short hash. */
  readonly subjects: readonly string[];
  /** Shows all of them. */
  readonly command: string;
}

export interface LogChange {
  readonly change: "new" | "gone" | "more";
  readonly level: ErrorGroup["level"];
  readonly fingerprint: string;
  readonly message: string;
  /** How often each run wrote it. */
  readonly from: number;
  readonly to: number;
}

/** A run as a person names it. */
export type RunWord = number | "last";

/** @param words none: the last two; one: that and the last. @throws TsmError NOT_FOUND, USAGE */
export async function diffRuns(
  world: World,
  record: ProcessRecord,
  words: readonly RunWord[],
  signal: AbortSignal,
): Promise<RunDiff> {
  const { name, tsm_id: id } = record;
  const [from, to] = chosen(name, runHistory(world, record), words);
  const [noteBefore, noteAfter] = [noteFor(world, name, from.run), noteFor(world, name, to.run)];
  const isKnown = noteBefore !== undefined && noteAfter !== undefined;
  const changes = isKnown ? changesBetween(noteBefore, noteAfter) : null;
  const [commits, logs] = await Promise.all([
    isKnown ? commitsBetween(world, noteBefore, noteAfter, signal) : null,
    logChanges(world, record, from, to, signal),
  ]);
  return { name, id, from, to, changes, commits, ...logs };
}

function chosen(name: string, rows: readonly RunRow[], words: readonly RunWord[]): [from: RunRow, to: RunRow] {
  const last = rows.at(-1);
  if (last === undefined)
    throw new TsmError("NOT_FOUND", `'${name}' has no run that is on record`, {
      hint: `tsm start ${quoteWord(name)} begins one`,
    });
  const [first = rows.at(-2)?.run, second = "last"] = words;
  if (first === undefined)
    throw new TsmError("NOT_FOUND", `'${name}' has no run but ${last.run}: there is nothing to compare it with`, {
      hint: `After tsm restart ${quoteWord(name)} there are two`,
    });
  const found = [first, second].map((word) => {
    const row = word === "last" ? last : rows.find(({ run }) => run === word);
    if (row !== undefined) return row;
    throw new TsmError("NOT_FOUND", `'${name}' has no run ${word}`, { hint: runSpans(rows.map(({ run }) => run)) });
  });
  const [from = last, to = last] = found;
  if (from === to)
    throw new TsmError("USAGE", `both are run ${to.run} of '${name}'`, { hint: runSpans(rows.map(({ run }) => run)) });
  return [from, to];
}

const gitMs = 2000;
const mostSubjects = 5;

/** Asks git, in the folder of the later run: it may not be there, or know these commits no more. */
async function commitsBetween(
  { platform: { spawner }, env }: World,
  from: RunNote,
  to: RunNote,
  signal: AbortSignal,
): Promise<Commits | null> {
  const [before, after] = [from.git?.head, to.git?.head];
  if (before === undefined || after === undefined || before === after) return null;
  const git = async (...args: string[]): Promise<string | undefined> => {
    const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...own } = env;
    const quiet = { GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1" };
    try {
      const request = { file: "git", args, env: { ...own, ...quiet }, cwd: to.cwd };
      const { code, stdout } = await spawner.capture(request, gitMs, signal);
      return code === 0 ? stdout : undefined;
    } catch (error) {
      if (isErrno(error, "ENOENT", "EACCES", "ENOTDIR")) return undefined;
      throw error;
    }
  };
  const counts = await git("rev-list", "--count", "--left-right", `${before}...${after}`);
  const [, removed, added] = /^(\d+)\t(\d+)/.exec(counts ?? "") ?? [];
  if (removed === undefined || added === undefined) return null;
  // Not `git log`: the person's settings may have it check signatures or run a pager.
  const listed = await git("rev-list", `--max-count=${mostSubjects}`, "--format=%h %s", `${before}..${after}`);
  return {
    added: Number(added),
    removed: Number(removed),
    subjects: (listed ?? "").split("\n").filter((line) => line !== "" && !/^commit [0-9a-f]{40,64}$/.test(line)),
    command: `git log --oneline ${before.slice(0, 10)}..${after.slice(0, 10)}`,
  };
}

async function logChanges(
  world: World,
  record: ProcessRecord,
  from: RunRow,
  to: RunRow,
  signal: AbortSignal,
): Promise<Pick<RunDiff, "logs" | "notes">> {
  const read = async ({ run }: RunRow) =>
    await collectErrors(
      world,
      { records: [record], since: undefined, onlyNew: false, run, withWarnings: true },
      signal,
    );
  const before = await read(from);
  const after = await read(to);
  const now = world.platform.clock.nowMs() / 1000;
  const times = minutesOf(to, now) / minutesOf(from, now);
  const counts = new Map(before.groups.map(({ fingerprint, count }) => [fingerprint, count]));
  const still = new Set(after.groups.map(({ fingerprint }) => fingerprint));
  const notes = [...new Set([...before.notes, ...after.notes])];
  if (before.ungrouped + after.ungrouped > 0)
    notes.push("there are too many different errors: some of them were not compared");
  return {
    notes,
    logs: [
      ...after.groups.flatMap((group) => {
        const earlier = counts.get(group.fingerprint) ?? 0;
        if (earlier === 0) return [changeOf("new", group, 0, group.count)];
        const isMore = group.count >= leastMore && group.count / earlier >= muchMore * Math.max(1, times);
        return isMore ? [changeOf("more", group, earlier, group.count)] : [];
      }),
      ...before.groups
        .filter(({ fingerprint }) => !still.has(fingerprint))
        .map((group) => changeOf("gone", group, group.count, 0)),
    ],
  };
}

/** Much more often: so many times as often for as long a time, and so many at least. */
const muchMore = 3;
const leastMore = 5;

function changeOf(
  change: LogChange["change"],
  { level, fingerprint, message }: ErrorGroup,
  from: number,
  to: number,
): LogChange {
  return { change, level, fingerprint, message, from, to };
}

/** How long a run was, or has been: below a minute that says nothing of how often something comes. */
function minutesOf({ start, end, duration }: RunRow, now: number): number {
  const seconds = duration ?? (start === null ? 0 : (end ?? now) - start);
  return Math.max(1, seconds / 60);
}
