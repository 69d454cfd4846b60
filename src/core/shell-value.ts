/** What a variable of a shell holds: text, or the words of an array. */
export type ShellValue = string | readonly string[];

/** Thrown where only bash could go on. Its message says what stands there. */
export class OnlyBash extends Error {}

/**
 * The value of a variable that stands behind a `$`; undefined when nobody has set it.
 * @param spare there is something to take in its place.
 * @throws OnlyBash where bash makes it up itself.
 */
export type Look = (name: string, spare: boolean) => string | undefined;

type Place = "value" | "export" | "array";

/** What a word without quotes has there that bash takes for more. */
const notPlain: Readonly<Record<Place, RegExp>> = {
  value: /[`|&<>()]/,
  export: /[`|&<>(){]/,
  array: /[`|&<>()*?[{]/,
};

/** Reads values as bash would, and runs nothing. `index` is where it stands. */
export class ShellText {
  index = 0;
  readonly text: string;
  readonly #look: Look;

  constructor(text: string, look: Look) {
    this.text = text;
    this.#look = look;
  }

  get char(): string {
    return this.text.charAt(this.index);
  }

  get isOver(): boolean {
    return this.index >= this.text.length;
  }

  /** Blanks, and newlines that a backslash takes back. */
  skipBlanks(): void {
    while (true) {
      if (this.char === " " || this.char === "\t") this.index += 1;
      else if (this.text.startsWith("\\\n", this.index)) this.index += 2;
      else return;
    }
  }

  /** To the newline, which stays. */
  skipLine(): void {
    const end = this.text.indexOf("\n", this.index);
    this.index = end === -1 ? this.text.length : end;
  }

  /** What matches right here, and steps over it. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern.source, `${pattern.flags.replace("y", "")}y`);
    sticky.lastIndex = this.index;
    const found = sticky.exec(this.text);
    if (found === null) return undefined;
    this.index += found[0].length;
    return found;
  }

  /** What stands behind `NAME=`; behind `export NAME=` bash makes several of `{a,b}`. */
  value(place: "value" | "export"): ShellValue {
    return this.char === "(" ? this.#array() : (this.#word(place) ?? "");
  }

  #array(): string[] {
    this.index += 1;
    const words: string[] = [];
    while (true) {
      this.skipBlanks();
      if (this.isOver) throw new OnlyBash("the ( is never closed");
      if (this.char === "\n") this.index += 1;
      else if (this.char === "#") this.skipLine();
      else if (this.char === ")") break;
      else if (this.char === ";") throw new OnlyBash(";");
      else {
        const word = this.#word("array");
        if (word !== undefined) words.push(word);
      }
    }
    this.index += 1;
    return words;
  }

  /** One word. undefined: only variables without a value, and no quotes: then an array has no word there. */
  #word(place: Place): string | undefined {
    const begin = this.index;
    let word = "";
    let stands = false;
    for (; !this.isOver && !/[ \t\n;]/.test(this.char) && !(place === "array" && this.char === ")"); ) {
      const { char } = this;
      if (char === "$" && !/['"]/.test(this.text.charAt(this.index + 1))) {
        const text = this.#variable();
        // Outside of quotes bash parts the words of an array again, and looks for files.
        if (place === "array" && /[\s*?[\\]/.test(text)) throw new OnlyBash("a variable that bash would part");
        word += text;
        stands ||= text !== "";
        continue;
      }
      stands = true;
      if (char === "'") word += this.#singleQuoted();
      else if (char === '"') word += this.#doubleQuoted();
      else if (char === "$") word += this.#ansiQuoted();
      else if (char === "~" && mayBeHome(word, place)) word += this.#home(begin);
      else if (char === "\\") word += this.#escaped();
      else if (notPlain[place].test(char)) throw new OnlyBash(char);
      else {
        word += char;
        this.index += 1;
      }
    }
    return stands ? word : undefined;
  }

  #singleQuoted(): string {
    const end = this.text.indexOf("'", this.index + 1);
    if (end === -1) throw new OnlyBash("the quote is never closed");
    const inside = this.text.slice(this.index + 1, end);
    this.index = end + 1;
    return inside;
  }

  #doubleQuoted(): string {
    this.index += 1;
    let inside = "";
    while (this.char !== '"') {
      if (this.isOver) throw new OnlyBash("the quote is never closed");
      if (this.char === "`") throw new OnlyBash("`");
      if (this.char === "$") inside += this.#variable();
      else if (this.text.startsWith("\\\n", this.index)) this.index += 2;
      else {
        if (this.char === "\\" && /["\\$`]/.test(this.text.charAt(this.index + 1))) this.index += 1;
        inside += this.char;
        this.index += 1;
      }
    }
    this.index += 1;
    return inside;
  }

  /** `$'a\tb'`; `$"…"` is translated, by bash alone. */
  #ansiQuoted(): string {
    if (this.take(/\$'/) === undefined) throw new OnlyBash('$"');
    let inside = "";
    while (this.char !== "'") {
      if (this.isOver) throw new OnlyBash("the quote is never closed");
      if (this.char !== "\\") {
        inside += this.char;
        this.index += 1;
        continue;
      }
      const [, letter = ""] = this.take(/\\(.)/s) ?? [];
      const meant = ansiEscapes[letter];
      if (meant === undefined) throw new OnlyBash(`\\${letter}`);
      inside += meant;
    }
    this.index += 1;
    return inside;
  }

  #escaped(): string {
    const next = this.text.charAt(this.index + 1);
    this.index += 2;
    // One that ends the file stands for itself.
    return next === "" ? "\\" : next === "\n" ? "" : next;
  }

  /** `~` is the home where a path could begin; `~name` is another's. */
  #home(begin: number): string {
    if (this.index !== begin || !/^~(?:[/ \t\n;)]|$)/.test(this.text.slice(this.index, this.index + 2)))
      throw new OnlyBash("~");
    this.index += 1;
    return this.#look("HOME", false) ?? "";
  }

  #variable(): string {
    const found = this.take(/\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?)-(?!~)([^}{\\$`"'\n]*))?\})/);
    if (found !== undefined) {
      const [, bare, braced = "", colon, spare] = found;
      if (bare !== undefined && this.#isContinued()) throw new OnlyBash(`$${bare}`);
      const value = this.#look(bare ?? braced, spare !== undefined);
      // With the colon what is empty counts as not set.
      return (colon === ":" ? value || spare : (value ?? spare)) ?? "";
    }
    // A $ before none of these is one.
    if (/[\w({[@*#?$!-]/.test(this.text.charAt(this.index + 1))) throw new OnlyBash("$");
    this.index += 1;
    if (this.#isContinued()) throw new OnlyBash("$");
    return "$";
  }

  /** Does the next line go on with the very name that ends this one? */
  #isContinued(): boolean {
    return this.text.startsWith("\\\n", this.index);
  }
}

const ansiEscapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "?": "?",
};

/** Where bash puts the home in place of a `~`, or might. */
function mayBeHome(before: string, place: Place): boolean {
  return before === "" || (place !== "array" ? before.endsWith(":") : /[:=]$/.test(before));
}
