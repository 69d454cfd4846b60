import { completeLoaded } from "../command/complete.ts";
import type { Candidate } from "../command/completing.ts";
import type { AnyVerb } from "../command/define.ts";
import { loadLetters, type SummaryMatch } from "../command/match-summary.ts";
import { type Meant, meantBy } from "../command/meant.ts";
import { findVerb, type Registry, type VerbEntry } from "../command/registry.ts";
import type { ShellJob } from "../command/shell.ts";
import { wrongColumn } from "../command/where.ts";
import type { Unrecorded } from "../core/lost-record.ts";
import type { ProcessSummary } from "../core/process.ts";
import type { Meanings } from "../core/settings.ts";
import { clip } from "../view/width.ts";
import { betweenKeys } from "./between-keys.ts";
import type { TypingAid } from "./editor/editing.ts";
import { type Ghost, type GhostSight, ghostFor, isStillTrue } from "./editor/ghost.ts";
import { highlight } from "./editor/highlight.ts";
import type { Span } from "./editor/painter.ts";
import type { Styles } from "./editor/styles.ts";
import { helpAsked } from "./help-asked.ts";
import { runAgain } from "./run-again.ts";
import { pathExists } from "./shell.ts";
import { type AreOneApp, Snapshot } from "./snapshot.ts";

/** What the help for a line that is being typed stands on. */
export interface TypingDeps {
  readonly registry: Registry;
  /** Others, maybe, at the next line. */
  readonly styles: Styles;
  /** Is the line painted in colours? */
  readonly colour: boolean;
  readonly userHome: string | undefined;
  /** The person's own names for commands; no disk. */
  aliases(): Meanings;
  /** What `!!` would run again. */
  lastLine(): string | undefined;
  /** A look at the processes: it reads the disk, between the keys. */
  look(): Promise<readonly ProcessSummary[]>;
  /** Are those that have these letters all the instances of one app? Asked of the disk once per word and look. */
  readonly areOneApp: AreOneApp;
  /** Those beside these of which no record tells. Asked of the disk once per look. */
  unrecorded(summaries: readonly ProcessSummary[]): readonly Unrecorded[];
  /** The names that `$_`, `$1` and so on stand for. */
  standsFor(word: string): readonly string[];
  /** What runs behind the prompt. */
  jobs(): readonly ShellJob[];
  /** The newest line of the history that begins so and is wanted; no disk. */
  newest(begun: string, isWanted: (line: string) => boolean): string | undefined;
  /** Something was learnt that changes what is shown. */
  changed(): void;
  reportBug(error: unknown): void;
}

/**
 * While somebody types the processes are looked at again when the last look is this old, or a hundred times as old as it
 * took: so long after a key that its paint comes first.
 */
const staleMs = 1000;
const afterKeyMs = 25;
/** Tab waits for a look when the last one is so much older than that: it was typed after a rest, and at once. */
const tooStaleMs = 1000;

/** Styles and proposals for a line that is being typed, from what is in memory. */
export class Typing implements TypingAid, GhostSight {
  readonly #deps: TypingDeps;
  readonly #snapshot: Snapshot;
  readonly #verbs = new Map<VerbEntry, AnyVerb>();
  readonly #paths = new Map<string, boolean>();
  readonly #stillTrue = new Map<string, boolean>();
  #painted: { readonly text: string; readonly spans: readonly Span[] } | undefined;
  #proposed: { readonly text: string; readonly ghost: Ghost | undefined } | undefined;
  #found: { readonly begun: string; readonly line: string | undefined } | undefined;
  #lookDue: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  /** How long the last look took. */
  #tookMs = 0;

  constructor(deps: TypingDeps) {
    this.#deps = deps;
    this.#snapshot = new Snapshot(deps);
    this.#load().then(
      () => this.#learnt(),
      (error: unknown) => deps.reportBug(error),
    );
  }

  /** A new line begins: the processes as the prompt shows them. */
  begin(summaries: readonly ProcessSummary[]): void {
    this.#snapshot.take(summaries, Date.now());
    this.#snapshot.forgetMatches();
    this.#paths.clear();
    this.#forget();
  }

  /** The processes as of the last look. */
  get summaries(): readonly ProcessSummary[] {
    return this.#snapshot.summaries;
  }

  /** The same process as of the last look; undefined when it is gone. */
  latest({ id, name }: ProcessSummary): ProcessSummary | undefined {
    return this.#snapshot.summaries.find((each) => each.id === id && each.name === name);
  }

  /** Resolves when the processes have been looked at again; undefined when they were a moment ago. */
  fresh(): Promise<void> | undefined {
    if (!this.#isStale(tooStaleMs)) return undefined;
    this.#looking ??= this.#look();
    return this.#looking;
  }

  spans(text: string): readonly Span[] {
    if (text !== "") this.#lookSoon();
    if (!this.#deps.colour) return [{ text }];
    if (this.#painted?.text !== text) this.#painted = { text, spans: this.#highlighted(text) };
    return this.#painted.spans;
  }

  ghost(text: string): Ghost | undefined {
    if (this.#proposed?.text !== text) {
      const again = runAgain(text);
      const asks = helpAsked(text, this.#deps.registry, this.#deps.aliases()) !== undefined;
      this.#proposed = {
        text,
        ghost: again === undefined ? (asks ? undefined : ghostFor(text, this)) : this.#againGhost(again.added),
      };
    }
    return this.#proposed.ghost;
  }

  /** What would be run, before it is. */
  #againGhost(added: string): Ghost | undefined {
    const line = this.#deps.lastLine();
    return line === undefined || line.includes("\n") ? undefined : { kind: "note", text: ` → ${line}${added}` };
  }

  isVerb(word: string): boolean {
    const { name = "" } = this.meant([word]);
    return findVerb(this.#deps.registry, name) !== undefined;
  }

  meant(words: readonly string[]): Meant {
    return meantBy(words, this.#deps.registry, this.#deps.aliases());
  }

  verb(word: string): AnyVerb | undefined {
    const entry = findVerb(this.#deps.registry, word);
    return entry === undefined ? undefined : this.#verbs.get(entry);
  }

  match(word: string): SummaryMatch {
    return this.#snapshot.match(word);
  }

  exists(word: string): boolean {
    return this.#snapshot.exists(word);
  }

  wrongColumn(conditions: string): number | undefined {
    return wrongColumn(conditions);
  }

  placed(word: string): readonly ProcessSummary[] {
    const names = this.#deps.standsFor(word);
    return this.#snapshot.summaries.filter(({ name }) => names.includes(name));
  }

  isJob(number: number): boolean {
    return this.#deps.jobs().some((job) => job.number === number);
  }

  pathExists(path: string): boolean {
    let exists = this.#paths.get(path);
    if (exists === undefined) {
      const { userHome } = this.#deps;
      exists = pathExists(userHome === undefined ? path : path.replace(/^~(?=\/|$)/, userHome));
      this.#paths.set(path, exists);
    }
    return exists;
  }

  remembered(begun: string): string | undefined {
    const last = this.#found;
    // What went on from fewer letters goes on from more, or nothing does.
    if (last !== undefined && begun.startsWith(last.begun)) {
      if (last.line === undefined) return undefined;
      if (last.line.startsWith(begun) && last.line.length > begun.length) return last.line;
    }
    const line = this.#deps.newest(begun, (entry) => this.#isStillTrue(entry));
    this.#found = { begun, line };
    return line;
  }

  candidates(words: readonly string[], current: string): readonly Candidate[] {
    const line = {
      words,
      current,
      registry: this.#deps.registry,
      aliases: this.#deps.aliases(),
      scope: "shell",
      most: 2,
      summaries: () => this.#snapshot.summaries,
      describe: () => "",
      files: () => [],
      programs: () => [],
      outputs: () => [],
      jobs: this.#deps.jobs,
      runs: () => [],
    } as const;
    return completeLoaded(line, (entry) => this.#verbs.get(entry));
  }

  #highlighted(text: string): readonly Span[] {
    const { registry, styles } = this.#deps;
    const asked = helpAsked(text, registry, this.#deps.aliases());
    if (asked === undefined) return highlight(text, this, styles);
    return [...highlight(asked.line, this, styles), { text: "?", style: styles.accent }];
  }

  #isStillTrue(entry: string): boolean {
    let still = this.#stillTrue.get(entry);
    if (still === undefined) {
      still = isStillTrue(entry, this);
      this.#stillTrue.set(entry, still);
    }
    return still;
  }

  async #load(): Promise<void> {
    // One after the other: a key that comes meanwhile has its turn.
    for (const entry of this.#deps.registry) this.#verbs.set(entry, await entry.load());
    this.#snapshot.searchLetters(await loadLetters());
    await this.#rehearse();
  }

  /**
   * So that no key waits for what is made at its first use, 20 ms for characters such as `…` alone; and letter by letter, as what
   * V8 runs for the first times takes it several times as long.
   */
  async #rehearse(): Promise<void> {
    const { name = "x" } = this.#snapshot.summaries[0] ?? {};
    const lines = [`restart ${name} --settle 5`, `logs ${name} --lines`, "!a; list 'b' # c", `stop ${name}`];
    for await (const text of betweenKeys(lines.flatMap(beginnings))) {
      highlight(text, this, this.#deps.styles);
      clip(ghostFor(text, this)?.text ?? "…", 1);
    }
  }

  #lookSoon(): void {
    if (this.#lookDue !== undefined || !this.#isStale(0)) return;
    this.#lookDue = setTimeout(() => {
      this.#lookDue = undefined;
      this.#looking ??= this.#look();
    }, afterKeyMs).unref();
  }

  #isStale(moreMs: number): boolean {
    return this.#snapshot.isOlderThan(Math.max(staleMs, 100 * this.#tookMs) + moreMs, Date.now());
  }

  async #look(): Promise<void> {
    try {
      const begun = performance.now();
      const summaries = await this.#deps.look();
      this.#tookMs = performance.now() - begun;
      if (this.#snapshot.take(summaries, Date.now())) this.#learnt();
    } catch (error) {
      this.#deps.reportBug(error);
    } finally {
      this.#looking = undefined;
    }
  }

  #learnt(): void {
    this.#forget();
    this.#deps.changed();
  }

  #forget(): void {
    this.#painted = undefined;
    this.#proposed = undefined;
    this.#found = undefined;
    this.#stillTrue.clear();
  }
}

/** `l`, `lo`, `log`, `logs`. */
function beginnings(line: string): string[] {
  return Array.from(line, (_, index) => line.slice(0, index + 1));
}
