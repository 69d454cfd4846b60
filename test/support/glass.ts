import xterm from "@xterm/headless";

/** A terminal in memory, for a painter or an editor to paint on. */
export class Glass {
  readonly terminal: xterm.Terminal;
  readonly reflows: boolean;
  #pending = "";

  /**
   * `knowsEmoji`: as terminals of today, where an emoji of any number of code points takes two cells. Without `reflows`
   * it cuts rows off when it gets narrower, and wraps none anew.
   */
  constructor(columns: number, rows: number, { knowsEmoji = false, reflows = true } = {}) {
    this.reflows = reflows;
    this.terminal = new xterm.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      reflowCursorLine: true,
      windowsMode: !reflows,
      scrollback: 5000,
    });
    if (!knowsEmoji) return;
    this.terminal.unicode.register(emojiWidths);
    this.terminal.unicode.activeVersion = emojiWidths.version;
  }

  get columns(): number {
    return this.terminal.cols;
  }

  get rows(): number {
    return this.terminal.rows;
  }

  write(text: string): void {
    // The kernel puts a carriage return before each newline.
    this.#pending += text.replaceAll(/\r?\n/g, "\r\n");
  }

  /** Puts on the screen what was written. */
  async flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = "";
    await new Promise<void>((resolve) => this.terminal.write(text, resolve));
  }

  async shown(): Promise<{ rows: string[]; cursor: { row: number; column: number } }> {
    await this.flush();
    const { active } = this.terminal.buffer;
    const rows = Array.from({ length: this.rows }, (_value, y) => this.#row(active.baseY + y));
    while (rows.at(-1) === "") rows.pop();
    return { rows, cursor: { row: active.cursorY, column: active.cursorX } };
  }

  /**
   * All there is since the beginning: the lines above a region whose cursor is on its nth row, each as long as it was
   * printed, and the rows of that region.
   */
  async around(cursorRow: number): Promise<{ above: string[]; rows: string[]; column: number }> {
    await this.flush();
    const { active } = this.terminal.buffer;
    const top = active.baseY + active.cursorY - cursorRow;
    const above: string[] = [];
    for (let y = 0; y < top; y++) {
      const line = active.getLine(y);
      const text = line?.translateToString(active.getLine(y + 1)?.isWrapped !== true) ?? "";
      if (line?.isWrapped === true) above.push((above.pop() ?? "") + text);
      else above.push(text);
    }
    const rows: string[] = [];
    for (let y = top; y < active.length; y++) rows.push(this.#row(y));
    while (rows.at(-1) === "") rows.pop();
    return { above: above.map((line) => line.trimEnd()), rows, column: active.cursorX };
  }

  /** Makes the window wider or narrower, as terminals do that leave the cursor on its character. */
  async resize(columns: number): Promise<void> {
    await this.flush();
    const place = this.#place();
    this.terminal.resize(columns, this.rows);
    if (!this.reflows) return;
    // This one moves the cursor down with what wraps behind it.
    const { row, column } = this.#find(place);
    this.write(`\x1b[${row - this.terminal.buffer.active.baseY + 1};${column + 1}H`);
    await this.flush();
  }

  /** Which character of which line the cursor is on, of lines as long as they were printed. */
  #place(): { line: number; nth: number } {
    const { active } = this.terminal.buffer;
    const cursor = active.baseY + active.cursorY;
    let line = -1;
    let nth = 0;
    for (let y = 0; y <= cursor; y++) {
      if (active.getLine(y)?.isWrapped !== true) {
        line++;
        nth = 0;
      }
      const last = y === cursor ? active.cursorX : this.#charactersIn(y);
      nth += y === cursor ? this.#charactersIn(y, last) : last;
    }
    return { line, nth };
  }

  #find({ line, nth }: { line: number; nth: number }): { row: number; column: number } {
    const { active } = this.terminal.buffer;
    let left = nth;
    for (let y = 0, at = -1; y < active.length; y++) {
      if (active.getLine(y)?.isWrapped !== true) at++;
      if (at !== line) continue;
      const here = this.#charactersIn(y);
      const goesOn = active.getLine(y + 1)?.isWrapped === true;
      if (left >= here && goesOn) {
        left -= here;
        continue;
      }
      let column = 0;
      while (column < this.columns && this.#charactersIn(y, column) < left) column++;
      // Not the second half of a wide one.
      while (active.getLine(y)?.getCell(column)?.getWidth() === 0) column++;
      return { row: y, column: Math.min(column, this.columns - 1) };
    }
    throw new Error("the line of the cursor is gone");
  }

  /** How many characters begin in the first columns of a row. A cell left free by a wide one that did not fit has none. */
  #charactersIn(y: number, columns = this.columns): number {
    const line = this.terminal.buffer.active.getLine(y);
    const goesOn = this.terminal.buffer.active.getLine(y + 1)?.isWrapped === true;
    let count = 0;
    for (let x = 0; x < columns; x++) {
      const cell = line?.getCell(x);
      const isFree = goesOn && x === this.columns - 1 && cell?.getChars() === "";
      if (cell !== undefined && cell.getWidth() > 0 && !isFree) count++;
    }
    return count;
  }

  async written(): Promise<number> {
    const { length } = this.#pending;
    await this.flush();
    return length;
  }

  #row(y: number): string {
    return (this.terminal.buffer.active.getLine(y)?.translateToString(true) ?? "").trimEnd();
  }
}

/* What xterm.js keeps of a character for the next one: bit 0 it joins, bits 1 and 2 its width, above those a state. */
const afterJoiner = 1;
const halfFlag = 2;

const emojiWidths: xterm.IUnicodeVersionProvider = {
  version: "emoji",
  wcwidth: (codepoint) => widthOf(String.fromCodePoint(codepoint)),
  charProperties(codepoint, preceding) {
    const character = String.fromCodePoint(codepoint);
    const [before, state] = [(preceding >> 1) & 3, preceding >> 3];
    const isFlag = /^\p{Regional_Indicator}$/u.test(character);
    const goesOn = widthOf(character) === 0 || /^\p{EMod}$/u.test(character) || state === afterJoiner;
    const joins = before > 0 && (goesOn || (isFlag && state === halfFlag));
    const width = joins ? before : widthOf(character);
    const next = codepoint === 0x200d ? afterJoiner : isFlag && !joins ? halfFlag : 0;
    return (next << 3) | (width << 1) | (joins ? 1 : 0);
  },
};

function widthOf(character: string): 0 | 1 | 2 {
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return 0;
  return /^[\p{Emoji_Presentation}\p{Script=Han}]$/u.test(character) ? 2 : 1;
}

/** A generator of numbers that gives the same ones for the same seed. */
export function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return Math.floor((state / 4294967296) * below);
  };
}
