import { displayWidth } from "../view/width.ts";
import type { EditorDeps, Input } from "./editor/editing.ts";
import { edits } from "./editor/edits.ts";
import * as engine from "./editor/engine.ts";
import type { Keyboard } from "./editor/keyboard.ts";
import { type Action, emacs, isText, type Key, keyId } from "./editor/keymap.ts";
import type { Completion } from "./editor/menu.ts";
import type { Span } from "./editor/painter.ts";
import { Recall } from "./editor/recall.ts";
import { Returns } from "./editor/returns.ts";
import type { LineReader } from "./line-reader.ts";
import { back, stepsBetween } from "./line-steps.ts";
import { numberedChoices } from "./numbered-choices.ts";

/** Stands before each further line of a text of several. */
const continuation = "> ";

interface Struck {
  readonly text: string | undefined;
  readonly key: Key;
}

/**
 * Reads lines where nothing can be painted: for a dumb terminal and for a screen reader. All it ever writes is characters
 * and steps back over them. What takes the place of the line is written anew below it.
 */
export class PlainReader implements LineReader {
  readonly #deps: EditorDeps;
  readonly #echoes: boolean;
  #buffer = engine.empty;
  #prompt = "";
  /** What lines of its own a key runs; what else keys do is the same for all here. */
  #keyboard: Keyboard = { mode: "emacs", own: new Map() };
  #resolve: ((input: Input) => void) | undefined;
  /** Tab looks: keys wait, so that fast fingers get what slow ones get. */
  #isCompleting = false;
  #isAsking = false;
  #queue: Struck[] = [];
  #recall: Recall | undefined;
  /** What was listed for the line as it stands there, whose numbers can be taken. */
  #listed: { readonly line: string; readonly completion: Completion } | undefined;
  #turn = 0;
  readonly #returns = new Returns();

  /** @param echoes false where the terminal shows by itself what is typed, as a buffer of Emacs does. */
  constructor(deps: EditorDeps, echoes: boolean) {
    this.#deps = deps;
    this.#echoes = echoes;
  }

  get #line(): string {
    return this.#buffer.text;
  }

  set #line(text: string) {
    this.#buffer = engine.replace(this.#buffer, text);
  }

  read(prompt: readonly Span[], note?: string, begun = ""): Promise<Input> {
    this.setPrompt(prompt);
    this.#keyboard = this.#deps.keyboard();
    if (note !== undefined) this.#write(`${note}\n`);
    this.#begin(begun);
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#drain();
    });
  }

  setPrompt(prompt: readonly Span[]): void {
    // A prompt that stands there stays: the next one says what is new.
    if (!this.#isAsking) this.#prompt = prompt.map(({ text }) => text).join("");
  }

  strike(text: string | undefined, key: Key): void {
    const id = keyId(text, key);
    if (this.#returns.isSecondHalf(id)) return;
    if (this.#resolve !== undefined && !this.#isCompleting) {
      this.#handle(text, id);
      return;
    }
    if (id === "C-c" && this.#isCompleting) {
      this.#turn++;
      this.#isCompleting = false;
      this.#drop();
    } else if (id === "C-c") {
      this.#queue = [];
      if (!this.#deps.interruptCommand()) this.#queue.push({ text, key });
    } else if (id === "C-z" && this.#resolve === undefined) this.#suspend();
    else this.#queue.push({ text, key });
  }

  paintNow(): void {
    // Nothing is painted.
  }

  paintSoon(): void {
    // Nor here.
  }

  repaint(): void {
    if (this.#resolve !== undefined) this.#showAgain("");
  }

  print(text: string): void {
    if (this.#resolve === undefined) this.#write(text);
    else this.#showAgain(text);
  }

  clear(): void {
    // What was said stays said.
  }

  end(): void {
    if (this.#resolve === undefined) return;
    this.#write("\n");
    this.#finish({ kind: "end" });
  }

  /** Keys that were struck before it was asked are commands to come. */
  async ask(question: string): Promise<string | undefined> {
    const ahead = this.#queue;
    const prompt = this.#prompt;
    this.#queue = [];
    this.#prompt = question;
    this.#isAsking = true;
    this.#begin("");
    const input = await new Promise<Input>((resolve) => {
      this.#resolve = resolve;
    });
    this.#isAsking = false;
    this.#prompt = prompt;
    this.#queue = [...ahead, ...this.#queue];
    return input.kind === "line" ? input.text : undefined;
  }

  #begin(begun: string): void {
    this.#buffer = engine.replace(engine.fresh(this.#buffer), begun);
    this.#recall = undefined;
    this.#listed = undefined;
    this.#write(this.#shown());
  }

  /** The prompt and the last line of what is typed. */
  #shown(): string {
    const lines = this.#line.split("\n");
    return (lines.length === 1 ? this.#prompt : continuation) + (lines.at(-1) ?? "");
  }

  #showAgain(text: string): void {
    const behind = this.#echoes ? back(this.#line.slice(this.#buffer.cursor)) : "";
    this.#write(`\n${text}${this.#shown()}${behind}`);
  }

  #drain(): void {
    let taken = 0;
    while (taken < this.#queue.length && this.#resolve !== undefined && !this.#isCompleting) {
      const struck = this.#queue[taken++];
      if (struck !== undefined) this.#handle(struck.text, keyId(struck.text, struck.key));
    }
    this.#queue = this.#queue.slice(taken);
  }

  #handle(text: string | undefined, id: string | undefined): void {
    const own = id === undefined ? undefined : this.#keyboard.own.get(id);
    if (own?.kind === "line" && !this.#isAsking) this.#runBound(own.line);
    else if (id !== undefined && this.#keys[id] !== undefined) this.#keys[id]?.();
    else if (id !== undefined) this.#edit(emacs.get(id));
    else if (isText(text)) this.#change((buffer) => engine.insert(buffer, text));
  }

  readonly #keys: Readonly<Record<string, () => void>> = {
    return: () => this.#accept(),
    enter: () => this.#accept(),
    "C-h": () => this.#edit("backspace"),
    "C-u": () => (this.#isAtEnd() ? this.#replace("") : this.#edit("killToStart")),
    "C-l": () => this.#showAgain(""),
    "C-c": () => this.#drop(),
    "C-d": () => (this.#line === "" ? this.end() : this.#edit("deleteForward")),
    "C-z": () => this.#suspend(),
    "C-r": () => this.#showAgain("history WORDS finds what was typed before\n"),
    tab: () => this.#complete(),
    up: () => this.#remember(1),
    "C-p": () => this.#remember(1),
    down: () => this.#remember(-1),
    "C-n": () => this.#remember(-1),
  };

  #edit(action: Action | undefined): void {
    const edit = action === undefined || !inLine.has(action) ? undefined : edits[action];
    if (edit !== undefined) this.#change(edit);
  }

  #isAtEnd(): boolean {
    return this.#buffer.cursor === this.#line.length;
  }

  /** Of a text of several lines only the last is there to be changed. */
  #change(edit: (buffer: engine.Buffer) => engine.Buffer): void {
    const before = this.#buffer;
    const after = edit(before);
    const start = before.text.lastIndexOf("\n") + 1;
    if (after.cursor < start || after.text.slice(0, start) !== before.text.slice(0, start)) return;
    const atEnds = this.#isAtEnd() && after.cursor === after.text.length;
    // A step back does not lead to the row above.
    const fits = atEnds || (this.#echoes && this.#fits(before.text) && this.#fits(after.text));
    if (after.text === before.text && !fits) return;
    if (after.text !== before.text) this.#recall = undefined;
    this.#buffer = after;
    if (!fits) this.#replace(after.text);
    else if (this.#echoes) this.#write(stepsBetween(before, after));
  }

  #fits(text: string): boolean {
    const lines = text.split("\n");
    const shown = (lines.length === 1 ? this.#prompt : continuation) + (lines.at(-1) ?? "");
    return displayWidth(shown) < this.#deps.canvas.columns;
  }

  #replace(line: string): void {
    this.#line = line;
    this.#showAgain("");
  }

  #accept(): void {
    if (this.#echoes) this.#write("\n");
    if (!this.#isAsking && this.#deps.isUnfinished(this.#line)) {
      this.#line = `${this.#line}\n`;
      this.#write(continuation);
      return;
    }
    this.#finish({ kind: "line", text: this.#line });
  }

  /** A key runs a line of its own; what is being typed comes back behind it. */
  #runBound(line: string): void {
    const begun = this.#line;
    this.#replace(line);
    this.#write("\n");
    this.#finish({ kind: "bound", text: line, begun });
  }

  #drop(): void {
    this.#write("^C\n");
    this.#finish({ kind: "interrupt", empty: this.#line === "" });
  }

  #finish(input: Input): void {
    this.#turn++;
    this.#isCompleting = false;
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(input);
  }

  #suspend(): void {
    this.#write("\n");
    this.#deps.suspend().then(
      () => this.repaint(),
      (error: unknown) => this.#deps.reportBug(error),
    );
  }

  /** Older (or newer) lines that begin with what was typed. */
  #remember(by: number): void {
    if (this.#isAsking) return;
    this.#recall ??= new Recall(engine.bufferEnd(this.#buffer), this.#deps.recent());
    const line = this.#recall.go(by) ?? this.#recall.typed.text;
    if (line !== this.#line) this.#replace(line);
  }

  #complete(): void {
    if (this.#isAsking) return;
    this.#change(engine.bufferEnd);
    if (this.#takeNumber()) return;
    const turn = ++this.#turn;
    const line = this.#line;
    this.#isCompleting = true;
    this.#deps.complete(line, line.length).then(
      (completion) => this.#completed(turn, completion),
      (error: unknown) => {
        this.#completed(turn, undefined);
        this.#deps.reportBug(error);
      },
    );
  }

  #completed(turn: number, completion: Completion | undefined): void {
    if (turn !== this.#turn) return;
    this.#isCompleting = false;
    const [only, second] = completion?.choices ?? [];
    if (completion === undefined || only === undefined) this.#showAgain("nothing to complete here\n");
    else if (second === undefined) this.#put(only.insert, completion);
    else {
      if (completion.common !== undefined)
        this.#line = this.#line.slice(0, completion.from) + completion.common + this.#line.slice(completion.to);
      this.#listed = { line: this.#line, completion: { ...completion, to: this.#line.length } };
      this.#showAgain(numberedChoices(completion));
    }
    this.#drain();
  }

  /** The number of a choice behind the line that was listed for, and Tab. */
  #takeNumber(): boolean {
    const listed = this.#listed;
    if (listed === undefined || !this.#line.startsWith(listed.line)) return false;
    const number = this.#line.slice(listed.line.length);
    const choice = /^\d+$/.test(number) ? listed.completion.choices[Number(number) - 1] : undefined;
    if (choice === undefined) return false;
    this.#put(choice.insert, { from: listed.completion.from, to: this.#line.length });
    return true;
  }

  #put(insert: string, { from, to }: Pick<Completion, "from" | "to">): void {
    this.#recall = undefined;
    this.#listed = undefined;
    const line = this.#line.slice(0, from) + insert + this.#line.slice(to);
    const goesOn = this.#echoes && line.startsWith(this.#line);
    if (goesOn) this.#write(line.slice(this.#line.length));
    this.#line = line;
    if (!goesOn) this.#showAgain("");
  }

  #write(text: string): void {
    this.#deps.canvas.write(text);
  }
}

/** What is done within a line. */
const inLine = new Set<Action>([
  "backspace",
  "deleteForward",
  "left",
  "right",
  "wordLeft",
  "wordRight",
  "lineStart",
  "lineEnd",
  "killToEnd",
  "killToStart",
  "killWordLeft",
  "killWordRight",
  "killBlankWordLeft",
  "yank",
  "transposeCharacters",
  "undo",
  "redo",
]);
