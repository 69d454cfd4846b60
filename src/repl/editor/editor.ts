import { fullLook, type Look } from "../../view/look.ts";
import type { LineReader } from "../line-reader.ts";
import { type Completed, completed } from "./completed.ts";
import { EditedLine, type LineEvent } from "./edited-line.ts";
import type { EditorDeps, Input } from "./editing.ts";
import { type Key, keyId } from "./keymap.ts";
import { type FramePlace, frameOf, rowsBelow, turnedPrompt, withBehind, withGhost } from "./line-frame.ts";
import { type Frame, Painter, type Span } from "./painter.ts";
import { Returns } from "./returns.ts";

/** Who has the keys. `busy`: a command runs, `completing`: Tab looks; both keep the keys for later. */
type State = { readonly kind: "busy" } | { readonly kind: "editing" } | { readonly kind: "completing" };

interface Struck {
  readonly text: string | undefined;
  readonly key: Key;
}

/** Reads lines from keys: a person's line editor. What it shows goes through the painter and nowhere else. */
export class Editor implements LineReader {
  readonly #deps: EditorDeps;
  readonly #painter: Painter;
  readonly #look: Look;
  readonly #line: EditedLine;
  readonly #returns = new Returns();
  #state: State = { kind: "busy" };
  #prompt: readonly Span[] = [];
  #resolve: ((input: Input) => void) | undefined;
  #queue: Struck[] = [];
  #paintDue: NodeJS.Immediate | undefined;

  constructor(deps: EditorDeps) {
    this.#deps = deps;
    this.#painter = new Painter(deps.canvas);
    this.#look = deps.look ?? fullLook;
    this.#line = new EditedLine(deps, () => rowsBelow(this.#frame(), deps.canvas));
  }

  /** The next line, `begun` already on it. Keys struck before are taken first, in their order. */
  read(prompt: readonly Span[], note?: string, begun = ""): Promise<Input> {
    this.#prompt = prompt;
    this.#line.begin(begun, note);
    this.#state = { kind: "editing" };
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
    if (this.#state.kind !== "editing") {
      if (id === "C-c") this.#interruptWork({ text, key });
      else if (id === "C-z" && this.#state.kind === "busy") this.#stop();
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
    this.#deps.shapeCursor(this.#line.cursorShape);
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

  #drain(): void {
    let taken = 0;
    while (taken < this.#queue.length && this.#state.kind === "editing") {
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
    this.#state = { kind: "busy" };
    this.#deps.shapeCursor(undefined);
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(input);
  }

  #interruptWork(struck: Struck): void {
    this.#queue = [];
    if (this.#state.kind === "busy") {
      // Between two lines it is for the next: twice at once leaves the shell like twice in a second.
      if (!this.#deps.interruptCommand()) this.#queue.push(struck);
      return;
    }
    this.#state = { kind: "editing" };
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
      this.#follow(this.#line.strike(text, id));
    } catch (error) {
      this.#deps.reportBug(error);
    }
  }

  #follow(event: LineEvent): void {
    switch (event.kind) {
      case "edited":
        return;
      case "accepted":
        this.#painter.commit(this.#frame());
        this.#finish({ kind: "line", text: this.#line.buffer.text });
        return;
      case "bound":
        this.#painter.commit(this.#frame());
        this.#finish({ kind: "bound", text: this.#line.buffer.text, begun: event.begun });
        return;
      case "dropped":
        // The line stays to be seen, with the mark that it was not run.
        this.#painter.commit(withBehind(this.#frame(), { text: "^C", style: this.#deps.styles.faint }));
        this.#finish({ kind: "interrupt", empty: event.empty });
        return;
      case "ended":
        this.end();
        return;
      case "suspended":
        this.#stop();
        return;
      case "cleared":
        this.#painter.clear();
        return;
      case "asked":
        this.#complete(event.how);
    }
  }

  /** Looks for what can stand here. Keys wait for the answer, so that fast fingers get what slow ones get. */
  #complete(how: "open" | "narrow"): void {
    const { buffer } = this.#line;
    const completing: State = { kind: "completing" };
    this.#state = completing;
    const answer = (done: Completed) => {
      // Interrupted, or the line has ended: the answer is to no question any more.
      if (this.#state !== completing) return;
      this.#state = { kind: "editing" };
      this.#line.complete(done, how);
      this.#drain();
      this.paintSoon();
    };
    this.#deps.complete(buffer.text, buffer.cursor).then(
      (completion) => answer(completed(buffer, how, completion)),
      (error: unknown) => {
        answer({ kind: "nothing" });
        this.#deps.reportBug(error);
      },
    );
  }

  /** As it is while it is edited: with a proposal behind it. */
  #liveFrame(): Frame {
    const frame = this.#frame(this.#line.isCommanding ? turnedPrompt(this.#prompt) : this.#prompt);
    const ghost = this.#state.kind === "editing" ? this.#line.ghost : undefined;
    return ghost === undefined ? frame : withGhost(frame, ghost, this.#place());
  }

  #frame(prompt: readonly Span[] = this.#prompt): Frame {
    return frameOf({ prompt, ...this.#line.view() }, this.#place());
  }

  #place(): FramePlace {
    const { canvas, styles } = this.#deps;
    return { canvas, styles, look: this.#look };
  }
}
