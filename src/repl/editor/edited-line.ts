import { type Completed, withChoice } from "./completed.ts";
import type { CursorShape, EditorDeps } from "./editing.ts";
import { edits } from "./edits.ts";
import * as engine from "./engine.ts";
import type { Ghost } from "./ghost.ts";
import type { Keyboard } from "./keyboard.ts";
import { type Action, emacs, isText } from "./keymap.ts";
import { pressVi, viAt } from "./keymap-vi.ts";
import { LastSearch } from "./last-search.ts";
import { LastWords } from "./last-words.ts";
import type { LineView } from "./line-frame.ts";
import { type Menu, pageSize, walkIn } from "./menu.ts";
import { paste, pastedBy } from "./paste.ts";
import { Recall } from "./recall.ts";
import { beginSearch, type Search, searchFor, searchNewer, searchOlder } from "./search.ts";
import { keyInSearch } from "./search-keys.ts";
import { onCharacter } from "./vi-run.ts";
import { cursorShape, isCommanding, type Pressed, type Vi, withoutSelection } from "./vi-state.ts";
import { selectionOf } from "./vi-visual.ts";

/** What a key has come to. All but `edited` is for whoever reads the line. */
export type LineEvent =
  | { readonly kind: "edited" }
  | { readonly kind: "accepted" }
  /** A key of the person's own runs what is on the line now; `begun` stood there before. */
  | { readonly kind: "bound"; readonly begun: string }
  | { readonly kind: "dropped"; readonly empty: boolean }
  | { readonly kind: "ended" }
  | { readonly kind: "suspended" }
  | { readonly kind: "cleared" }
  /** Tab wants to know what can stand here; `narrow`, for the menu that is open. */
  | { readonly kind: "asked"; readonly how: "open" | "narrow" };

const edited: LineEvent = { kind: "edited" };

/** What keys mean that leave the line as it is. */
const askedFor: { readonly [A in Action]?: LineEvent } = {
  suspend: { kind: "suspended" },
  clear: { kind: "cleared" },
  complete: { kind: "asked", how: "open" },
  completeBack: { kind: "asked", how: "open" },
};

/** What the line asks of the world. */
type LineDeps = Pick<EditorDeps, "recent" | "lines" | "typing" | "keyboard" | "isUnfinished" | "lastWordOf">;

/** Where keys go. */
type Mode =
  | { readonly kind: "edit" }
  | { readonly kind: "paste"; text: string }
  | { readonly kind: "search"; readonly search: Search; readonly before: engine.Buffer }
  | { readonly kind: "menu"; readonly menu: Menu; readonly before: engine.Buffer };

/** A line that keys change: what stands on it, and below it while it is searched for or completed. It paints nothing. */
export class EditedLine {
  readonly #deps: LineDeps;
  readonly #rowsBelow: () => number;
  readonly #lastWords: LastWords;
  readonly #lastSearch = new LastSearch();
  #buffer = engine.empty;
  #mode: Mode = { kind: "edit" };
  #recall: Recall | undefined;
  #keyboard: Keyboard = { mode: "emacs", own: new Map() };
  /** undefined: emacs. */
  #vi: Vi | undefined;
  /** Was the key before an Escape that did nothing? */
  #escaped = false;
  #note: string | undefined;

  /** @param rowsBelow how many rows a menu may take now */
  constructor(deps: LineDeps, rowsBelow: () => number) {
    this.#deps = deps;
    this.#rowsBelow = rowsBelow;
    this.#lastWords = new LastWords(deps.lastWordOf);
  }

  /** A new line, with what is already on it and what is said below it. */
  begin(begun: string, note: string | undefined): void {
    this.#buffer = engine.replace(engine.fresh(this.#buffer), begun);
    this.#recall = undefined;
    this.#lastSearch.rewind(() => this.#deps.lines());
    this.#keyboard = this.#deps.keyboard();
    this.#vi = this.#keyboard.mode === "vi" ? viAt(this.#buffer, this.#vi) : undefined;
    this.#note = note;
    this.#mode = { kind: "edit" };
  }

  get buffer(): engine.Buffer {
    return this.#buffer;
  }

  /** Are letters commands, as in vi? */
  get isCommanding(): boolean {
    return this.#vi !== undefined && isCommanding(this.#vi);
  }

  /** undefined: as the terminal has it by itself. */
  get cursorShape(): CursorShape | undefined {
    if (this.#vi === undefined) return undefined;
    return this.#mode.kind === "search" || this.#mode.kind === "menu" ? "bar" : cursorShape(this.#vi);
  }

  /** What is proposed behind it. */
  get ghost(): Ghost | undefined {
    const { text, cursor } = this.#buffer;
    if (this.#mode.kind !== "edit" || this.#recall !== undefined || cursor < text.length) return undefined;
    return this.#deps.typing()?.ghost(text);
  }

  /** What there is to be seen of it. */
  view(): Omit<LineView, "prompt"> {
    const mode = this.#mode;
    return {
      buffer: this.#buffer,
      search: mode.kind === "search" ? mode.search : undefined,
      menu: mode.kind === "menu" ? mode.menu : undefined,
      selected: this.#vi === undefined ? undefined : selectionOf(this.#vi, this.#buffer),
      note: this.#note,
      spans: (text) => this.#deps.typing()?.spans(text) ?? [{ text }],
    };
  }

  /** @param id the key's; undefined for one that types `text` */
  strike(text: string | undefined, id: string | undefined): LineEvent {
    const event = this.#strike(text, id);
    if (event.kind === "edited" && this.isCommanding && this.#mode.kind === "edit") {
      this.#buffer = onCharacter(this.#buffer);
    }
    return event;
  }

  /** What was asked for has been answered. */
  complete(done: Completed, how: "open" | "narrow"): void {
    if (done.kind === "nothing") {
      if (how === "open") this.#note = "nothing to complete here";
      return;
    }
    const before = this.#buffer;
    if (done.buffer !== before) this.#recall = undefined;
    this.#buffer = done.buffer;
    if (done.kind === "menu") this.#mode = { kind: "menu", menu: done.menu, before };
  }

  #strike(text: string | undefined, id: string | undefined): LineEvent {
    const own = id === undefined ? undefined : this.#keyboard.own.get(id);
    const action = own?.kind === "action" ? own.action : id === undefined ? undefined : emacs.get(id);
    const escaped = this.#escaped;
    this.#escaped = id === "escape" && this.#mode.kind === "edit" && this.#vi === undefined;
    if (this.#mode.kind === "paste") return this.#paste(this.#mode.text, text, id);
    if (own?.kind === "line") return this.#runBound(own.line);
    const taken = own === undefined ? this.#strikeVi(text, id) : undefined;
    if (taken !== undefined) {
      this.#escaped = false;
      return taken;
    }
    if (escaped && text === ".") return this.#act("lastWord");
    if (id === undefined && isText(text)) return this.#type(text);
    return action === undefined ? edited : this.#act(action);
  }

  /** @returns undefined for what vi leaves: it does what it does in emacs. */
  #strikeVi(text: string | undefined, id: string | undefined): LineEvent | undefined {
    const vi = this.#vi;
    if (vi === undefined || this.#mode.kind !== "edit") return undefined;
    // Escape and a key that came at once.
    const behind = /^(C-)?M-(.)$/u.exec(id ?? "");
    if (behind !== null) {
      this.#strikeVi(undefined, "escape");
      const [, control = "", letter = ""] = behind;
      return control === "" ? this.strike(letter, undefined) : this.strike(undefined, control + letter);
    }
    const pressed = pressVi(vi, this.#buffer, text, id);
    if (pressed === undefined) {
      this.#vi = withoutSelection(vi);
      return undefined;
    }
    this.#press(pressed);
    return edited;
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

  #paste(pasted: string, text: string | undefined, id: string | undefined): LineEvent {
    if (id !== "paste-end") {
      this.#mode = { kind: "paste", text: pasted + pastedBy(text, id) };
      return edited;
    }
    this.#mode = { kind: "edit" };
    // Behind the character, as `p` does it.
    if (this.isCommanding) this.#buffer = engine.moveTo(this.#buffer, engine.behindCursor(this.#buffer));
    this.#edit((buffer) => paste(buffer, pasted));
    return edited;
  }

  #type(text: string): LineEvent {
    const mode = this.#mode;
    if (mode.kind === "search") {
      this.#mode = { ...mode, search: searchFor(mode.search, mode.search.query + text) };
      return edited;
    }
    this.#edit((buffer) => engine.insert(buffer, text));
    this.#mode = { kind: "edit" };
    return mode.kind === "menu" && !/\s/.test(text) ? { kind: "asked", how: "narrow" } : edited;
  }

  #act(action: Action): LineEvent {
    if (this.#mode.kind === "search" && this.#actInSearch(this.#mode, action)) return edited;
    const inMenu = this.#mode.kind === "menu" ? this.#actInMenu(this.#mode, action) : undefined;
    if (inMenu !== undefined) return inMenu;
    const wasEditing = this.#mode.kind === "edit";
    this.#mode = { kind: "edit" };
    this.#note = undefined;
    if (action === "accept") return this.#accept();
    if (action === "interrupt") return this.#drop(wasEditing);
    if (action === "end" && this.#buffer.text === "") return { kind: "ended" };
    const event = askedFor[action];
    if (event !== undefined) return event;
    if (this.#takeGhost(action)) return edited;
    const edit = edits[action];
    if (edit !== undefined) this.#edit(edit);
    else this.#acts[action]?.();
    return edited;
  }

  /** What keys do with a line beside changing its text; the rest means something in a menu or a search only. */
  readonly #acts: { readonly [A in Action]?: () => void } = {
    up: () => this.#vertical(engine.lineUp, 1),
    down: () => this.#vertical(engine.lineDown, -1),
    historyOlder: () => this.#remember(1),
    historyNewer: () => this.#remember(-1),
    historyOldest: () => this.#remember(Number.POSITIVE_INFINITY),
    historyNewest: () => this.#remember(Number.NEGATIVE_INFINITY),
    search: () => {
      const before = this.#buffer;
      this.#mode = { kind: "search", search: beginSearch(this.#deps.lines(), before.text), before };
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
    const { ghost } = this;
    if (ghost?.kind !== "text") return false;
    const all = action === "right" || action === "lineEnd" || action === "bufferEnd";
    const taken = all ? ghost.text : action === "wordRight" ? /^\s*\S+/.exec(ghost.text)?.[0] : undefined;
    if (taken === undefined) return false;
    this.#edit((buffer) => engine.insert(buffer, taken));
    return true;
  }

  #accept(): LineEvent {
    if (!this.#deps.isUnfinished(this.#buffer.text)) return { kind: "accepted" };
    this.#edit((buffer) => engine.insert(engine.bufferEnd(buffer), "\n"));
    if (this.#vi !== undefined) this.#vi = viAt(this.#buffer, this.#vi);
    return edited;
  }

  #runBound(line: string): LineEvent {
    if (this.#mode.kind === "search" || this.#mode.kind === "menu") this.#buffer = this.#mode.before;
    this.#mode = { kind: "edit" };
    const begun = this.#buffer.text;
    this.#buffer = engine.replace(this.#buffer, line);
    return { kind: "bound", begun };
  }

  /** @param wasEditing else there was something on the screen to get rid of, which is no wish to leave the shell */
  #drop(wasEditing: boolean): LineEvent {
    const empty = wasEditing && this.#buffer.text === "";
    this.#buffer = engine.bufferEnd(this.#buffer);
    return { kind: "dropped", empty };
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
    const begun = typed.text.slice(0, this.isCommanding ? engine.behindCursor(typed) : typed.cursor);
    return new Recall(typed, this.#deps.recent(), begun);
  }

  #putLastWord(): void {
    const after = this.#lastWords.put(this.#buffer, () => this.#deps.recent());
    if (after !== undefined) this.#edit(() => after);
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

  /** @returns undefined for a key that closes the menu and does its work. */
  #actInMenu(mode: Mode & { kind: "menu" }, action: Action): LineEvent | undefined {
    const { completion, index } = mode.menu;
    const moved = walkIn(mode.menu, action, pageSize(this.#rowsBelow(), completion.choices.length));
    if (moved !== undefined) {
      this.#mode = { ...mode, menu: moved };
      return edited;
    }
    if (action !== "accept" && action !== "escape" && action !== "backspace") return undefined;
    this.#mode = { kind: "edit" };
    if (action === "escape") this.#buffer = mode.before;
    else if (action === "backspace") {
      this.#edit(engine.backspace);
      return { kind: "asked", how: "narrow" };
    } else {
      const choice = completion.choices[index];
      if (choice !== undefined) this.#edit((buffer) => withChoice(buffer, completion, choice));
    }
    return edited;
  }
}
