import { fullLook, type Look } from "../../view/look.ts";
import type { LineReader } from "../line-reader.ts";
import { type Completed, completed, withChoice } from "./completed.ts";
import type { CursorShape, EditorDeps, Input } from "./editing.ts";
import { edits } from "./edits.ts";
import * as engine from "./engine.ts";
import type { Ghost } from "./ghost.ts";
import type { Keyboard } from "./keyboard.ts";
import { type Action, emacs, isText, type Key, keyId } from "./keymap.ts";
import { pressVi, viAt } from "./keymap-vi.ts";
import { LastSearch } from "./last-search.ts";
import { LastWords } from "./last-words.ts";
import {
  type FramePlace,
  frameOf,
  type LineView,
  rowsBelow,
  turnedPrompt,
  withBehind,
  withGhost,
} from "./line-frame.ts";
import { type Menu, pageSize, walkIn } from "./menu.ts";
import { type Frame, Painter, type Span } from "./painter.ts";
import { paste, pastedBy } from "./paste.ts";
import { Recall } from "./recall.ts";
import { Returns } from "./returns.ts";
import { beginSearch, type Search, searchFor, searchNewer, searchOlder } from "./search.ts";
import { keyInSearch } from "./search-keys.ts";
import { onCharacter } from "./vi-run.ts";
import { cursorShape, isCommanding, type Pressed, type Vi, withoutSelection } from "./vi-state.ts";
import { selectionOf } from "./vi-visual.ts";

/** Where keys go. `busy`: a command runs, `completing`: Tab looks; both keep the keys for later. */
type Mode =
  | { readonly kind: "busy" }
  | { readonly kind: "edit" }
  | { readonly kind: "completing" }
  | { readonly kind: "paste"; text: string }
  | { readonly kind: "search"; readonly search: Search; readonly before: engine.Buffer }
  | { readonly kind: "menu"; readonly menu: Menu; readonly before: engine.Buffer };

interface Struck {
  readonly text: string | undefined;
  readonly key: Key;
}

/** Reads lines from keys: a person's line editor. What it shows goes through the painter and nowhere else. */
export class Editor implements LineReader {
  readonly #deps: EditorDeps;
  readonly #painter: Painter;
  readonly #look: Look;
  readonly #lastWords: LastWords;
  readonly #lastSearch = new LastSearch();
  readonly #returns = new Returns();
  #buffer = engine.empty;
  #mode: Mode = { kind: "busy" };
  #recall: Recall | undefined;
  #keyboard: Keyboard = { mode: "emacs", own: new Map() };
  /** undefined: emacs. */
  #vi: Vi | undefined;
  /** Was the key before an Escape that did nothing? */
  #escaped = false;
  #prompt: readonly Span[] = [];
  #note: string | undefined;
  #resolve: ((input: Input) => void) | undefined;
  #queue: Struck[] = [];
  #paintDue: NodeJS.Immediate | undefined;

  constructor(deps: EditorDeps) {
    this.#deps = deps;
    this.#painter = new Painter(deps.canvas);
    this.#look = deps.look ?? fullLook;
    this.#lastWords = new LastWords(deps.lastWordOf);
  }

  /** The next line, `begun` already on it. Keys struck before are taken first, in their order. */
  read(prompt: readonly Span[], note?: string, begun = ""): Promise<Input> {
    this.#prompt = prompt;
    this.#buffer = engine.replace(engine.fresh(this.#buffer), begun);
    this.#recall = undefined;
    this.#lastSearch.rewind(() => this.#deps.lines());
    this.#keyboard = this.#deps.keyboard();
    this.#vi = this.#keyboard.mode === "vi" ? viAt(this.#buffer, this.#vi) : undefined;
    this.#note = note;
    this.#mode = { kind: "edit" };
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#drain();
      if (this.#resolve === resolve) this.paintNow();
    });
  }

  /** What the prompt says has changed. */
  setPrompt(prompt: readonly Span[]): void {
    this.#prompt = prompt;
    this.paintSoon();
  }

  /** A key from the terminal. */
  strike(text: string | undefined, key: Key): void {
    const id = keyId(text, key);
    if (this.#returns.isSecondHalf(id)) return;
    if (!this.#isListening()) {
      if (id === "C-c") this.#interruptWork({ text, key });
      else if (id === "C-z" && this.#mode.kind === "busy") this.#stop();
      else this.#queue.push({ text, key });
      return;
    }
    this.#handle(text, id);
    this.paintSoon();
  }

  /** The terminal changed its size, or something disturbed the screen. */
  paintNow(): void {
    if (this.#paintDue !== undefined) clearImmediate(this.#paintDue);
    this.#paintDue = undefined;
    if (this.#resolve === undefined) return;
    // Before the frame is made for a width.
    this.#deps.canvas.lookAtSize?.();
    this.#deps.shapeCursor(this.#shape());
    this.#painter.paint(this.#liveFrame());
  }

  /** Paints where the cursor is, after something else had the screen. */
  repaint(): void {
    this.#painter.forget();
    this.paintNow();
  }

  /** Text, in whole lines, above the prompt or, while a command runs, where the cursor is. */
  print(text: string): void {
    this.#painter.printAbove(text);
  }

  /** Empties the screen. */
  clear(): void {
    this.#painter.clear();
    this.paintNow();
  }

  /** Ends the reading of a line, wherever it is; what was typed stays on the screen. */
  end(): void {
    if (this.#resolve === undefined) return;
    this.#painter.commit(this.#frame());
    this.#finish({ kind: "end" });
  }

  /** Leaves the prompt on the screen as it is, for whoever writes next. */
  #leaveScreen(): void {
    if (this.#resolve === undefined) return;
    this.#painter.commit(this.#frame());
    this.#deps.shapeCursor(undefined);
  }

  #isListening(): boolean {
    return this.#mode.kind !== "busy" && this.#mode.kind !== "completing";
  }

  #drain(): void {
    let taken = 0;
    while (taken < this.#queue.length && this.#isListening()) {
      const struck = this.#queue[taken++];
      if (struck !== undefined) this.#handle(struck.text, keyId(struck.text, struck.key));
    }
    this.#queue = this.#queue.slice(taken);
  }

  /** After all keys of one chunk, as a paste is one paint, and after a change of the size that is on its way. */
  paintSoon(): void {
    if (this.#paintDue !== undefined || this.#resolve === undefined) return;
    this.#paintDue = setImmediate(() => this.paintNow());
  }

  #finish(input: Input): void {
    if (this.#paintDue !== undefined) clearImmediate(this.#paintDue);
    this.#paintDue = undefined;
    this.#mode = { kind: "busy" };
    this.#deps.shapeCursor(undefined);
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(input);
  }

  #interruptWork(struck: Struck): void {
    this.#queue = [];
    if (this.#mode.kind === "busy") {
      // Between two lines it is for the next: twice at once leaves the shell like twice in a second.
      if (!this.#deps.interruptCommand()) this.#queue.push(struck);
      return;
    }
    this.#mode = { kind: "edit" };
    this.paintSoon();
  }

  #stop(): void {
    this.#leaveScreen();
    this.#deps.suspend().then(
      () => this.paintNow(),
      (error: unknown) => this.#deps.reportBug(error),
    );
  }

  #handle(text: string | undefined, id: string | undefined): void {
    try {
      const own = id === undefined ? undefined : this.#keyboard.own.get(id);
      const action = own?.kind === "action" ? own.action : id === undefined ? undefined : emacs.get(id);
      const escaped = this.#escaped;
      this.#escaped = id === "escape" && this.#mode.kind === "edit" && this.#vi === undefined;
      if (this.#mode.kind === "paste") this.#paste(this.#mode.text, text, id);
      else if (own?.kind === "line") this.#runBound(own.line);
      else if (own === undefined && this.#strikeVi(text, id)) this.#escaped = false;
      else if (escaped && text === ".") this.#act("lastWord");
      else if (id === undefined && isText(text)) this.#type(text);
      else if (action !== undefined) this.#act(action);
      if (this.#isCommanding() && this.#mode.kind === "edit") this.#buffer = onCharacter(this.#buffer);
    } catch (error) {
      this.#deps.reportBug(error);
    }
  }

  /** @returns whether vi has taken the key; what it leaves does what it does in emacs. */
  #strikeVi(text: string | undefined, id: string | undefined): boolean {
    const vi = this.#vi;
    if (vi === undefined || this.#mode.kind !== "edit") return false;
    // Escape and a key that came at once.
    const behind = /^(C-)?M-(.)$/u.exec(id ?? "");
    if (behind !== null) {
      this.#strikeVi(undefined, "escape");
      const [, control = "", letter = ""] = behind;
      if (control === "") this.#handle(letter, undefined);
      else this.#handle(undefined, control + letter);
      return true;
    }
    const pressed = pressVi(vi, this.#buffer, text, id);
    if (pressed !== undefined) this.#press(pressed);
    else this.#vi = withoutSelection(vi);
    return pressed !== undefined;
  }

  #press({ vi, buffer, action }: Pressed): void {
    this.#vi = vi;
    if (action === undefined) {
      // Moving about in a line of the history is no reason to begin anew there.
      const recall = buffer.text === this.#buffer.text ? this.#recall : undefined;
      this.#edit(() => buffer);
      this.#recall = recall;
      return;
    }
    for (let left = action.times; left > 0; left--) this.#acts[action.name]?.();
  }

  #paste(pasted: string, text: string | undefined, id: string | undefined): void {
    if (id !== "paste-end") {
      this.#mode = { kind: "paste", text: pasted + pastedBy(text, id) };
      return;
    }
    this.#mode = { kind: "edit" };
    // Behind the character, as `p` does it.
    if (this.#isCommanding()) this.#buffer = engine.moveTo(this.#buffer, engine.behindCursor(this.#buffer));
    this.#edit((buffer) => paste(buffer, pasted));
  }

  #type(text: string): void {
    const mode = this.#mode;
    if (mode.kind === "search") {
      this.#mode = { ...mode, search: searchFor(mode.search, mode.search.query + text) };
    } else if (mode.kind === "menu") {
      this.#edit((buffer) => engine.insert(buffer, text));
      if (/\s/.test(text)) this.#mode = { kind: "edit" };
      else this.#complete("narrow");
    } else this.#edit((buffer) => engine.insert(buffer, text));
  }

  #act(action: Action): void {
    if (this.#mode.kind === "search" && this.#actInSearch(this.#mode, action)) return;
    if (this.#mode.kind === "menu" && this.#actInMenu(this.#mode, action)) return;
    this.#mode = { kind: "edit" };
    this.#note = undefined;
    if (this.#takeGhost(action)) return;
    const edit = edits[action];
    if (edit !== undefined) {
      this.#edit(edit);
      return;
    }
    this.#acts[action]?.();
  }

  /** What else keys do while a line is edited; the rest means something in a menu or a search only. */
  readonly #acts: { readonly [A in Action]?: () => void } = {
    accept: () => this.#accept(),
    interrupt: () => this.#drop(),
    end: () => (this.#buffer.text === "" ? this.end() : this.#edit(engine.deleteForward)),
    suspend: () => this.#stop(),
    clear: () => this.#painter.clear(),
    complete: () => this.#complete("open"),
    completeBack: () => this.#complete("open"),
    up: () => this.#vertical(engine.lineUp, 1),
    down: () => this.#vertical(engine.lineDown, -1),
    historyOlder: () => this.#remember(1),
    historyNewer: () => this.#remember(-1),
    historyOldest: () => this.#remember(Number.POSITIVE_INFINITY),
    historyNewest: () => this.#remember(Number.NEGATIVE_INFINITY),
    search: () => {
      this.#mode = { kind: "search", search: beginSearch(this.#deps.lines()), before: this.#buffer };
    },
    searchOlder: () => this.#searchAgain(searchOlder),
    searchNewer: () => this.#searchAgain(searchNewer),
    lastWord: () => this.#putLastWord(),
    pasteStart: () => {
      this.#mode = { kind: "paste", text: "" };
    },
  };

  #edit(change: (buffer: engine.Buffer) => engine.Buffer): void {
    this.#note = undefined;
    this.#recall = undefined;
    this.#buffer = change(this.#buffer);
  }

  /** What a key takes of the proposal behind the line; false when it has its own meaning. */
  #takeGhost(action: Action): boolean {
    const ghost = this.#ghost();
    if (ghost?.kind !== "text") return false;
    const all = action === "right" || action === "lineEnd" || action === "bufferEnd";
    const taken = all ? ghost.text : action === "wordRight" ? /^\s*\S+/.exec(ghost.text)?.[0] : undefined;
    if (taken === undefined) return false;
    this.#edit((buffer) => engine.insert(buffer, taken));
    return true;
  }

  #ghost(): Ghost | undefined {
    const { text, cursor } = this.#buffer;
    if (this.#mode.kind !== "edit" || this.#recall !== undefined || cursor < text.length) return undefined;
    return this.#deps.typing()?.ghost(text);
  }

  #accept(): void {
    if (this.#deps.isUnfinished(this.#buffer.text)) {
      this.#edit((buffer) => engine.insert(engine.bufferEnd(buffer), "\n"));
      if (this.#vi !== undefined) this.#vi = viAt(this.#buffer, this.#vi);
      return;
    }
    const { text } = this.#buffer;
    this.#painter.commit(this.#frame());
    this.#finish({ kind: "line", text });
  }

  /** A key runs a line of its own; what is being typed comes back behind it. */
  #runBound(line: string): void {
    if (this.#mode.kind === "search" || this.#mode.kind === "menu") this.#buffer = this.#mode.before;
    this.#mode = { kind: "edit" };
    const begun = this.#buffer.text;
    this.#buffer = engine.replace(this.#buffer, line);
    this.#painter.commit(this.#frame());
    this.#finish({ kind: "bound", text: line, begun });
  }

  /** Ctrl-C: the line stays to be seen, with the mark that it was not run. */
  #drop(): void {
    const empty = this.#buffer.text === "";
    this.#buffer = engine.bufferEnd(this.#buffer);
    this.#painter.commit(withBehind(this.#frame(), { text: "^C", style: this.#deps.styles.faint }));
    this.#finish({ kind: "interrupt", empty });
  }

  #vertical(move: (buffer: engine.Buffer) => engine.Buffer | undefined, older: number): void {
    const within = move(this.#buffer);
    if (within === undefined) this.#remember(older);
    else this.#buffer = within;
  }

  /** Older (or newer) lines that begin with what stands left of the cursor when it starts. */
  #remember(by: number): void {
    this.#recall ??= this.#beginRecall();
    const entry = this.#recall.go(by);
    this.#buffer = entry === undefined ? this.#recall.typed : engine.replace(this.#buffer, entry);
  }

  #beginRecall(): Recall {
    const typed = this.#buffer;
    const begun = typed.text.slice(0, this.#isCommanding() ? engine.behindCursor(typed) : typed.cursor);
    return new Recall(typed, this.#deps.recent(), begun);
  }

  #putLastWord(): void {
    const after = this.#lastWords.put(this.#buffer, () => this.#deps.recent());
    if (after !== undefined) this.#edit(() => after);
  }

  #isCommanding(): boolean {
    return this.#vi !== undefined && isCommanding(this.#vi);
  }

  #shape(): CursorShape | undefined {
    if (this.#vi === undefined) return undefined;
    if (this.#mode.kind === "search" || this.#mode.kind === "menu") return "bar";
    return cursorShape(this.#vi);
  }

  /** True when the search itself took the key; otherwise what it found is on the line and the key does its work. */
  #actInSearch({ search, before }: Mode & { kind: "search" }, action: Action): boolean {
    const key = keyInSearch(search, action);
    if (key.kind === "other") return false;
    if (key.kind === "goesOn") {
      this.#mode = { kind: "search", search: key.search, before };
      return true;
    }
    this.#mode = { kind: "edit" };
    if (key.kind === "givenUp") {
      this.#buffer = before;
      return true;
    }
    if (search.found !== undefined) {
      this.#recall = undefined;
      this.#lastSearch.keep(search);
      this.#buffer = engine.replace(before, search.found.entry);
    }
    return key.done;
  }

  #searchAgain(next: (search: Search) => Search): void {
    const further = this.#lastSearch.goOn(next);
    if ("note" in further) this.#note = further.note;
    else this.#buffer = engine.replace(this.#buffer, further.entry);
  }

  #actInMenu(mode: Mode & { kind: "menu" }, action: Action): boolean {
    const { menu, before } = mode;
    const page = pageSize(rowsBelow(this.#frame(), this.#deps.canvas), menu.completion.choices.length);
    const moved = walkIn(menu, action, page);
    if (moved !== undefined) {
      this.#mode = { ...mode, menu: moved };
      return true;
    }
    switch (action) {
      case "accept":
        this.#choose(menu);
        return true;
      case "escape":
        this.#mode = { kind: "edit" };
        this.#buffer = before;
        return true;
      case "backspace":
        this.#edit(engine.backspace);
        this.#complete("narrow");
        return true;
      default:
        return false;
    }
  }

  #choose({ completion, index }: Menu): void {
    this.#mode = { kind: "edit" };
    const choice = completion.choices[index];
    if (choice === undefined) return;
    this.#recall = undefined;
    this.#buffer = withChoice(this.#buffer, completion, choice);
  }

  /** Looks for what can stand here. Keys wait for the answer, so that fast fingers get what slow ones get. */
  #complete(how: "open" | "narrow"): void {
    const before = this.#buffer;
    const completing: Mode = { kind: "completing" };
    this.#mode = completing;
    const answer = (done: Completed) => {
      // Interrupted, or the line has ended: the answer is to no question any more.
      if (this.#mode === completing) this.#completed(done, how, before);
    };
    this.#deps.complete(before.text, before.cursor).then(
      (completion) => answer(completed(before, how, completion)),
      (error: unknown) => {
        answer({ kind: "nothing" });
        this.#deps.reportBug(error);
      },
    );
  }

  #completed(done: Completed, how: "open" | "narrow", before: engine.Buffer): void {
    this.#mode = { kind: "edit" };
    if (done.kind === "nothing") {
      if (how === "open") this.#note = "nothing to complete here";
    } else {
      if (done.buffer !== before) this.#recall = undefined;
      this.#buffer = done.buffer;
      if (done.kind === "menu") this.#mode = { kind: "menu", menu: done.menu, before };
    }
    this.#drain();
    this.paintSoon();
  }

  /** As it is while it is edited: with a proposal behind it. */
  #liveFrame(): Frame {
    const frame = this.#frame(this.#isCommanding() ? turnedPrompt(this.#prompt) : this.#prompt);
    const ghost = this.#ghost();
    return ghost === undefined ? frame : withGhost(frame, ghost, this.#place());
  }

  #frame(prompt: readonly Span[] = this.#prompt): Frame {
    const mode = this.#mode;
    const view: LineView = {
      prompt,
      buffer: this.#buffer,
      search: mode.kind === "search" ? mode.search : undefined,
      menu: mode.kind === "menu" ? mode.menu : undefined,
      selected: this.#vi === undefined ? undefined : selectionOf(this.#vi, this.#buffer),
      note: this.#note,
      spans: (text) => this.#deps.typing()?.spans(text) ?? [{ text }],
    };
    return frameOf(view, this.#place());
  }

  #place(): FramePlace {
    const { canvas, styles } = this.#deps;
    return { canvas, styles, look: this.#look };
  }
}
