import { complete, completeBash } from "../command/complete.ts";
import type { Candidate, Completing, Offered, OfferedService } from "../command/completing.ts";
import type { Registry } from "../command/registry.ts";
import type { ShellJob } from "../command/shell.ts";
import type { ProcessSummary } from "../core/process.ts";
import type { Meanings } from "../core/settings.ts";
import { bytes } from "../view/bytes.ts";
import { duration } from "../view/duration.ts";
import type { Choice, Completion } from "./editor/menu.ts";
import { filesIn, programsIn } from "./shell.ts";
import { typedForm, type WordAtCursor, wordsBefore } from "./words-before.ts";

/** What Tab may ask the world. */
export interface CompletionWorld {
  readonly registry: Registry;
  readonly aliases: Meanings;
  readonly keys: Meanings;
  /** As of the last look. */
  summaries(): readonly ProcessSummary[];
  /** Resolves when they were looked at again; undefined when that look was a moment ago. */
  fresh(): Promise<void> | undefined;
  /** The process as of the last look, now: a menu stays open while things happen. undefined when it is gone. */
  latest(process: ProcessSummary): ProcessSummary | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** The commands whose outputs are kept, the last first. */
  readonly outputs: readonly string[];
  readonly jobs: readonly ShellJob[];
  /** The runs of a process, by its exact name. */
  runs(name: string): readonly Offered[];
  services(): Promise<readonly OfferedService[]>;
}

/** What can stand at the cursor of a line of the shell. */
export async function completeLine(text: string, cursor: number, world: CompletionWorld): Promise<Completion> {
  const { kind, words, word } = wordsBefore(text, cursor);
  let asksProcesses = false;
  const summaries = () => {
    asksProcesses = true;
    return world.summaries();
  };
  const line = asked(words, word.text, { ...world, summaries });
  if (kind === "passthrough") return completion(completeBash(line), word, cursor);
  const found = await complete(line);
  const look = asksProcesses ? world.fresh() : undefined;
  if (look === undefined) return completion(found, word, cursor);
  await look;
  return completion(await complete(line), word, cursor);
}

function asked(words: readonly string[], current: string, world: CompletionWorld): Completing {
  return {
    words,
    current,
    registry: world.registry,
    aliases: world.aliases,
    keys: world.keys,
    scope: "shell",
    summaries: world.summaries,
    describe: (process) => describe(process, world.latest(process)),
    files: (folder) => filesIn(folder.replace(/^~(?=\/)/, world.env["HOME"] ?? "~")),
    programs: () => programsIn(world.env["PATH"]),
    outputs: () => world.outputs,
    jobs: () => world.jobs,
    runs: world.runs,
    services: world.services,
  };
}

/** `#0 online :3000 2h 5m 12.0 MB`. */
function describe(offered: ProcessSummary, latest: ProcessSummary | undefined): string {
  if (latest === undefined) return `#${offered.id} deleted`;
  const { id, status, port, uptimeMs, memory } = latest;
  return [
    `#${id}`,
    status,
    port === "none" ? "" : `:${port}`,
    uptimeMs === null ? "" : duration(uptimeMs),
    memory === null ? "" : bytes(memory),
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function completion(candidates: readonly Candidate[], word: WordAtCursor, cursor: number): Completion {
  const choices = candidates.map((candidate) => new CandidateChoice(candidate, word.open));
  const shared = commonStart(candidates.map(({ value }) => value));
  const adds = shared.length > word.text.length && shared.toLowerCase().startsWith(word.text.toLowerCase());
  return { from: word.from, to: cursor, choices, common: adds ? typedForm(shared, word.open, false) : undefined };
}

/** What is not shown is not asked for: of a thousand a page shows ten. */
class CandidateChoice implements Choice {
  readonly #candidate: Candidate;
  readonly #open: WordAtCursor["open"];

  constructor(candidate: Candidate, open: WordAtCursor["open"]) {
    this.#candidate = candidate;
    this.#open = open;
  }

  get label(): string {
    return this.#candidate.value;
  }

  get summary(): string {
    return this.#candidate.summary;
  }

  get insert(): string {
    return typedForm(this.#candidate.value, this.#open, this.#candidate.whole);
  }
}

function commonStart(values: readonly string[]): string {
  let shared = values[0] ?? "";
  for (const value of values) {
    let length = 0;
    while (length < shared.length && value[length] === shared[length]) length++;
    shared = shared.slice(0, length);
  }
  // Never half of a character.
  return /[\uD800-\uDBFF]$/.test(shared) ? shared.slice(0, -1) : shared;
}
