import { type Candidate, type Completing, complete, completeBash } from "../command/complete.ts";
import type { Registry } from "../command/registry.ts";
import type { ProcessSummary } from "../core/process.ts";
import { bytes } from "../view/bytes.ts";
import type { Choice, Completion } from "./editor/menu.ts";
import { parse, type Quote, quoteWord } from "./parse.ts";
import { filesIn, programsIn } from "./shell.ts";

/** What Tab may ask the world. */
export interface CompletionWorld {
  readonly registry: Registry;
  summaries(): readonly ProcessSummary[];
  readonly env: NodeJS.ProcessEnv;
  /** The commands whose outputs are kept, the last first. */
  readonly outputs: readonly string[];
}

/** What can stand at the cursor of a line of the shell. */
export async function completeLine(text: string, cursor: number, world: CompletionWorld): Promise<Completion> {
  const typed = text.slice(0, cursor);
  const statement = parse(typed).statements.at(-1);
  const ended = statement === undefined || /[;\n]\s*$/.test(typed.slice(statement.to));
  if (statement?.kind === "passthrough" && !ended) {
    const [words, word] = wordsAt(typed, statement.from + 1);
    return completion(completeBash(asked(words, word.text, world)), word, cursor);
  }
  const [words, word] = wordsAt(typed, ended ? cursor : (statement?.from ?? cursor));
  return completion(await complete(asked(words, word.text, world)), word, cursor);
}

/** The word at the cursor: its meaning, where it begins, and the quote it stands in. */
interface WordAtCursor {
  readonly text: string;
  readonly from: number;
  readonly open: Quote | undefined;
}

function wordsAt(typed: string, from: number): [readonly string[], WordAtCursor] {
  // Read as words only: what stands behind `!` has separators that are bash's own.
  const statement = parse(typed.slice(from)).statements.at(-1);
  const words = statement?.kind === "command" ? statement.words : [];
  const last = words.at(-1);
  if (last === undefined || from + last.to < typed.length) {
    return [words.map(({ text }) => text), { text: "", from: typed.length, open: undefined }];
  }
  return [words.slice(0, -1).map(({ text }) => text), { text: last.text, from: from + last.from, open: last.open }];
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
  };
}

function describe({ id, status, port, memory }: ProcessSummary): string {
  return [`#${id}`, status, port === "none" ? "" : `:${port}`, memory === null ? "" : bytes(memory)]
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

/** As it has to stand on the line. A word that goes on leaves its quote open. */
function typedForm(value: string, open: Quote | undefined, whole: boolean): string {
  const quoted = quoteWord(value, open);
  if (whole) return `${quoted} `;
  return quoted !== value ? quoted.slice(0, -1) : quoted;
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
