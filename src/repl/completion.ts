import { type Candidate, type Completing, complete, completeBash } from "../command/complete.ts";
import type { Registry } from "../command/registry.ts";
import type { ProcessSummary } from "../core/process.ts";
import { bytes } from "../view/bytes.ts";
import type { Choice, Completion } from "./editor/menu.ts";
import { bashWords, parse, type Quote, quoteWord, type Statement, type Word } from "./parse.ts";
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
  const bash = ended ? undefined : bashPart(statement);
  if (bash !== undefined) {
    const [words, word] = wordsAt(bashWords(typed.slice(bash)), typed, bash);
    return completion(completeBash(asked(words, word.text, world)), word, cursor);
  }
  const file = ended ? undefined : fileAt(statement, typed.length);
  if (file !== undefined) return completion(completeBash(asked([">"], file.text, world)), file, cursor);
  const from = ended ? cursor : (statement?.from ?? cursor);
  const [words, word] = wordsAt(commandWords(typed.slice(from)), typed, from);
  return completion(await complete(asked(words, word.text, world)), word, cursor);
}

/** The word at the cursor: its meaning, where it begins, and the quote it stands in. */
interface WordAtCursor {
  readonly text: string;
  readonly from: number;
  readonly open: Quote | undefined;
}

/** The file behind `>` whose name ends at the cursor. */
function fileAt(statement: Statement, cursor: number): Word | undefined {
  if (statement.kind !== "command" || statement.output?.kind !== "file") return undefined;
  return statement.output.path.to === cursor ? statement.output.path : undefined;
}

/** Where the line that bash reads begins: behind `!` or `|`. */
function bashPart(statement: Statement): number | undefined {
  if (statement.kind === "passthrough") return statement.from + 1;
  if (statement.output?.kind === "pipe") return statement.output.from;
  return undefined;
}

function commandWords(typed: string): readonly Word[] {
  const statement = parse(typed).statements.at(-1);
  return statement?.kind === "command" ? statement.words : [];
}

function wordsAt(words: readonly Word[], typed: string, from: number): [readonly string[], WordAtCursor] {
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
