import {
  type Candidate,
  type Completing,
  complete,
  completeBash,
  type Offered,
  type OfferedService,
} from "../command/complete.ts";
import type { Registry } from "../command/registry.ts";
import type { ProcessSummary } from "../core/process.ts";
import { bytes } from "../view/bytes.ts";
import { duration } from "../view/duration.ts";
import type { Choice, Completion } from "./editor/menu.ts";
import { filesIn, programsIn } from "./shell.ts";
import { typedForm, type WordAtCursor, wordsBefore } from "./words-before.ts";

/** What Tab may ask the world. */
export interface CompletionWorld {
  readonly registry: Registry;
  summaries(): readonly ProcessSummary[];
  readonly env: NodeJS.ProcessEnv;
  /** The commands whose outputs are kept, the last first. */
  readonly outputs: readonly string[];
  /** The runs of a process, by its exact name. */
  runs(name: string): readonly Offered[];
  services(): Promise<readonly OfferedService[]>;
}

/** What can stand at the cursor of a line of the shell. */
export async function completeLine(text: string, cursor: number, world: CompletionWorld): Promise<Completion> {
  const { kind, words, word } = wordsBefore(text, cursor);
  const line = asked(words, word.text, world);
  return completion(kind === "passthrough" ? completeBash(line) : await complete(line), word, cursor);
}

function asked(words: readonly string[], current: string, world: CompletionWorld): Completing {
  return {
    words,
    current,
    registry: world.registry,
    scope: "shell",
    summaries: world.summaries,
    describe,
    files: (folder) => filesIn(folder.replace(/^~(?=\/)/, world.env["HOME"] ?? "~")),
    programs: () => programsIn(world.env["PATH"]),
    outputs: () => world.outputs,
    runs: world.runs,
    services: world.services,
  };
}

/** `#0 online :3000 2h 5m 12.0 MB`. */
function describe({ id, status, port, uptimeMs, memory }: ProcessSummary): string {
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
  const choices = candidates.map(
    (candidate): Choice => ({
      label: candidate.value,
      summary: candidate.summary,
      insert: typedForm(candidate.value, word.open, candidate.whole),
    }),
  );
  const shared = commonStart(candidates.map(({ value }) => value));
  const adds = shared.length > word.text.length && shared.toLowerCase().startsWith(word.text.toLowerCase());
  return { from: word.from, to: cursor, choices, common: adds ? typedForm(shared, word.open, false) : undefined };
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
