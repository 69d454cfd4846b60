import { randomBytes } from "node:crypto";
import { isErrno } from "./errors.ts";
import type { GitHead } from "./git-head.ts";
import { processPaths } from "./home.ts";
import { writeEvent } from "./journal.ts";
import type { LaunchSpec } from "./launch.ts";
import type { ProcessRecord } from "./process.ts";
import { changesBetween, type RunChange } from "./run-changes.ts";
import { noteOf, parseNote, type RunNote } from "./run-note.ts";
import type { World } from "./world.ts";

/** A note is of its run and of all that follow, up to the next one: what is started again as it was needs none. */
const mostNotes = 100;
const mostTold = 20;

/** What a run is started with, and how the one before was. */
export interface Noted {
  readonly git: GitHead | null;
  /** null: none, or nobody knows. */
  readonly headBefore: string | null;
  /** None where nothing is known of the run before. */
  readonly changes: readonly RunChange[];
}

/**
 * Notes what a run is about to be started with, when that is another than before.
 * @returns undefined when there is nothing new.
 */
export function noteRun(world: World, spec: LaunchSpec, run: number): Noted | undefined {
  const { files } = world.platform;
  const { runs: folder } = processPaths(world.home, spec.name);
  try {
    const noted = numbersIn(world, folder);
    const note = noteOf(files, spec, keyOf(world, folder, noted));
    const text = `${JSON.stringify(note)}\n`;
    const earlier = noted.filter((each) => each < run);
    // A start that failed may have left one that never came true.
    for (const late of noted.slice(earlier.length)) files.remove(`${folder}/${late}.json`);
    const last = earlier.at(-1);
    const textBefore = last === undefined ? undefined : files.readText(`${folder}/${last}.json`);
    if (textBefore === text) return undefined;
    files.writeWhole(`${folder}/${run}.json`, text);
    for (const old of earlier.slice(0, -(mostNotes - 1))) files.remove(`${folder}/${old}.json`);
    const before = textBefore === undefined ? undefined : parseNote(textBefore);
    const changes = before === undefined ? [] : changesBetween(before, note);
    return { git: note.git, headBefore: before?.git?.head ?? null, changes };
  } catch (error) {
    // What is lost here is history: the process starts without it.
    if (!isErrno(error, "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EISDIR", "ENOTDIR", "EEXIST")) throw error;
    return undefined;
  }
}

/** Puts on record that a process is started from another commit, or otherwise, than the time before. */
export function tellChanges(
  world: World,
  { tsm_id: id, name }: ProcessRecord,
  run: number,
  { git, headBefore: before, changes }: Noted,
): void {
  if (git !== null && git.head !== before) {
    const { head, branch } = git;
    writeEvent(world, { event: "source", id, name, run, head, ...(branch === undefined ? {} : { branch }), before });
  }
  const words = changes.filter(isTold).map(wordFor);
  if (words.length === 0) return;
  const more = words.length > mostTold ? [`${words.length - mostTold} more`] : [];
  writeEvent(world, { event: "config", id, name, run, changes: [...words.slice(0, mostTold), ...more] });
}

/** What a note says of a run; undefined where there is none, or one that is damaged. */
export function noteFor(world: World, name: string, run: number): RunNote | undefined {
  const { runs: folder } = processPaths(world.home, name);
  const number = readable(() => numbersIn(world, folder))?.findLast((each) => each <= run);
  return number === undefined ? undefined : noteIn(world, folder, number);
}

function noteIn({ platform: { files } }: World, folder: string, number: number): RunNote | undefined {
  const text = readable(() => files.readText(`${folder}/${number}.json`));
  return text === undefined ? undefined : parseNote(text);
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "EISDIR", "ENOTDIR", "ELOOP", "EIO")) return undefined;
    throw error;
  }
}

/** Asked with a run, tells from which commit it was started; null: none, or nobody knows. Each note is read once. */
export function headsOf(world: World, name: string): (run: number) => string | null {
  const { runs: folder } = processPaths(world.home, name);
  const noted = readable(() => numbersIn(world, folder)) ?? [];
  const heads = noted.map((number) => ({ number, head: noteIn(world, folder, number)?.git?.head ?? null }));
  return (run) => heads.findLast(({ number }) => number <= run)?.head ?? null;
}

/** In their order. */
function numbersIn({ platform: { files } }: World, folder: string): number[] {
  return files
    .listFiles(folder)
    .flatMap((entry) => /^([1-9]\d{0,8})\.json$/.exec(entry)?.slice(1).map(Number) ?? [])
    .sort((a, b) => a - b);
}

/** Of the marks of this process. Those of another key say nothing: its notes go with it. */
function keyOf({ platform: { files } }: World, folder: string, noted: readonly number[]): string {
  const path = `${folder}/key`;
  const known = files.readText(path)?.trim();
  if (known !== undefined && /^[0-9a-f]{32}$/.test(known)) return known;
  const key = randomBytes(16).toString("hex");
  files.makeFolder(folder);
  for (const each of noted) files.remove(`${folder}/${each}.json`);
  files.writeWhole(path, `${key}\n`);
  return key;
}

/** What a terminal makes of its own, and means nothing for what is started there. */
const ofTerminal =
  /^(?:SHLVL|TERM|TERM_\w+|COLORTERM|COLUMNS|LINES|SSH_\w+|WINDOWID|TMUX|TMUX_PANE|STY|XDG_SESSION_ID|DISPLAY|WAYLAND_DISPLAY)$/;

function isTold({ of, name }: RunChange): boolean {
  return of !== "git HEAD" && !(of === "variable" && ofTerminal.test(name));
}

/** `command`, `+DEBUG`, `restart`. */
function wordFor({ of, name, from, to }: RunChange): string {
  if (of === "command" || of === "folder" || of === "git HEAD") return of;
  return of === "variable" ? `${from === null ? "+" : to === null ? "-" : "~"}${name}` : name;
}
