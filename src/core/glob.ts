/** Says of a text whether it fits. */
export interface Pattern {
  test(text: string): boolean;
}

type Step = "any" | ((letter: string) => boolean);

/**
 * As bash reads it: `*` is any letters, `?` any one, `[a-z]` one of these, `[!x]` one that is none of these. Letter by letter,
 * and no expression: that would take minutes for `*a*a*a*a*b`. undefined when the word has none of them.
 */
export function globOf(query: string): Pattern | undefined {
  if (!/[*?[]/.test(query)) return undefined;
  const steps: Step[] = [];
  const letters = [...query];
  let isGlob = false;
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at] ?? "";
    const set = letter === "[" ? setAt(letters, at) : undefined;
    isGlob ||= letter === "*" || letter === "?" || set !== undefined;
    if (letter === "*") steps.push("any");
    else if (letter === "?") steps.push(() => true);
    else steps.push(set?.holds ?? ((each) => each === letter));
    at = set?.end ?? at;
  }
  return isGlob ? { test: (text) => fits([...text], steps) } : undefined;
}

/** Where it does not go on, the last `*` takes one letter more; what an earlier one took need never change. */
function fits(letters: readonly string[], steps: readonly Step[]): boolean {
  let [step, at] = [0, 0];
  let star: { readonly step: number; at: number } | undefined;
  while (at < letters.length) {
    const wanted = steps[step];
    if (wanted === "any") {
      star = { step, at };
      step += 1;
    } else if (wanted?.(letters[at] ?? "")) {
      step += 1;
      at += 1;
    } else {
      if (star === undefined) return false;
      star.at += 1;
      [step, at] = [star.step + 1, star.at];
    }
  }
  return steps.slice(step).every((left) => left === "any");
}

/** Of a `[` that nothing closes a letter is meant. */
function setAt(
  letters: readonly string[],
  start: number,
): { holds: (letter: string) => boolean; end: number } | undefined {
  const isNot = letters[start + 1] === "!" || letters[start + 1] === "^";
  const first = start + (isNot ? 2 : 1);
  const parts: ((letter: string) => boolean)[] = [];
  for (let at = first; at < letters.length; at += 1) {
    const letter = letters[at] ?? "";
    if (letter === "]" && at > first) {
      return { holds: (each) => parts.some((holds) => holds(each)) !== isNot, end: at };
    }
    const [named = "", name = ""] = /^\[:([a-z]+):\]/.exec(letters.slice(at, at + longestClass).join("")) ?? [];
    const kind = classes.get(name);
    const to = letters[at + 2];
    if (kind !== undefined) {
      parts.push((each) => kind.test(each));
      at += named.length - 1;
    } else if (letters[at + 1] === "-" && to !== undefined && to !== "]") {
      parts.push((each) => pointOf(letter) <= pointOf(each) && pointOf(each) <= pointOf(to));
      at += 2;
    } else parts.push((each) => each === letter);
  }
  return undefined;
}

const longestClass = "[:alpha:]".length;

const classes: ReadonlyMap<string, RegExp> = new Map([
  ["alnum", /[\p{L}\p{N}]/u],
  ["alpha", /\p{L}/u],
  ["digit", /\d/],
  ["lower", /\p{Ll}/u],
  ["upper", /\p{Lu}/u],
]);

function pointOf(letter: string): number {
  return letter.codePointAt(0) ?? 0;
}

/**
 * The words that one with braces stands for, as bash writes them out: `{api,web}-1` is `api-1` and `web-1`, `api-{1..3}`
 * three. The word alone when it has no such braces, or when it would be more than a thousand.
 */
export function writtenOut(word: string): readonly string[] {
  if (!word.includes("{") || word.length > longest) return [word];
  const words = written(word);
  return words.length > most ? [word] : words.filter((each) => each !== "");
}

const longest = 1000;
const most = 1000;

/** More than `most` when it is too many. */
function written(word: string): readonly string[] {
  const braces = firstBraces(word);
  if (braces === undefined) return [word];
  const heads = braces.choices.flatMap(written);
  const tails = written(braces.after);
  if (heads.length * tails.length > most) return Array<string>(most + 1).fill(word);
  return heads.flatMap((head) => tails.map((tail) => braces.before + head + tail));
}

interface Braces {
  readonly before: string;
  readonly choices: readonly string[];
  readonly after: string;
}

function firstBraces(word: string): Braces | undefined {
  for (let open = word.indexOf("{"); open !== -1; open = word.indexOf("{", open + 1)) {
    const found = word[open - 1] === "$" ? undefined : bracesAt(word, open);
    if (found !== undefined) return found;
  }
  return undefined;
}

function bracesAt(word: string, open: number): Braces | undefined {
  const choices: string[] = [];
  let [depth, from] = [0, open + 1];
  for (let at = open + 1; at < word.length; at += 1) {
    const letter = word[at];
    if (letter === "{") depth += 1;
    else if (letter === "," && depth === 0) {
      choices.push(word.slice(from, at));
      from = at + 1;
    } else if (letter === "}") {
      depth -= 1;
      if (depth >= 0) continue;
      const last = word.slice(from, at);
      const all = choices.length > 0 ? [...choices, last] : sequence(last);
      return all && { before: word.slice(0, open), choices: all, after: word.slice(at + 1) };
    }
  }
  return undefined;
}

/** `1..3`, `08..10` and `c..a`. */
function sequence(text: string): readonly string[] | undefined {
  const [, from = "", to = ""] = /^(\d{1,9})\.\.(\d{1,9})$/.exec(text) ?? /^([a-z])\.\.([a-z])$/i.exec(text) ?? [];
  if (from === "") return undefined;
  const isNumber = /\d/.test(from);
  const [first, last] = isNumber ? [Number(from), Number(to)] : [pointOf(from), pointOf(to)];
  const width = /^0\d|^\d+ 0\d/.test(`${from} ${to}`) ? Math.max(from.length, to.length) : 0;
  const length = Math.min(Math.abs(last - first), most) + 1;
  return Array.from({ length }, (_each, index) => {
    const at = first + (first <= last ? index : -index);
    return isNumber ? String(at).padStart(width, "0") : String.fromCodePoint(at);
  });
}
