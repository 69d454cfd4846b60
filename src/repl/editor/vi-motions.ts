import { endOfLine, startOfLine } from "./engine.ts";
import { nextBoundary, previousBoundary } from "./graphemes.ts";

/** Where a motion of vi leads from a place in a text; undefined: nowhere. */
export interface Motion {
  /** For an operator: up to the target, up to and with it, or the whole lines between. */
  readonly reach: "exclusive" | "inclusive" | "lines";
  go(text: string, at: number, count: number): number | undefined;
}

/** Motions that take no further key. */
export const motions: ReadonlyMap<string, Motion> = new Map<string, Motion>([
  ["h", steps((text, at) => (at > startOfLine(text, at) ? previousBoundary(text, at) : undefined))],
  ["l", steps((text, at) => (at < endOfLine(text, at) ? nextBoundary(text, at) : undefined))],
  ["0", { reach: "exclusive", go: (text, at) => startOfLine(text, at) }],
  ["^", { reach: "exclusive", go: (text, at) => firstOfLine(text, at) }],
  ["$", { reach: "exclusive", go: (text, at, count) => endOfLine(text, linesOn(text, at, count - 1)) }],
  ["w", steps((text, at) => wordOn(text, at, classOf))],
  ["W", steps((text, at) => wordOn(text, at, isSolid))],
  ["b", steps((text, at) => wordBack(text, at, classOf))],
  ["B", steps((text, at) => wordBack(text, at, isSolid))],
  ["e", steps((text, at) => endOn(text, at, classOf), "inclusive")],
  ["E", steps((text, at) => endOn(text, at, isSolid), "inclusive")],
  ["j", { reach: "lines", go: (text, at, count) => unlessSame(linesOn(text, at, count), startOfLine(text, at)) }],
  ["k", { reach: "lines", go: (text, at, count) => unlessSame(linesBack(text, at, count), startOfLine(text, at)) }],
  ["%", { reach: "inclusive", go: (text, at) => matching(text, at) }],
  ["gg", { reach: "lines", go: () => 0 }],
  ["G", { reach: "lines", go: (text) => startOfLine(text, text.length) }],
]);

/** The character that `f`, `F`, `t` or `T` looks for in its line. */
export interface Find {
  readonly key: string;
  readonly character: string;
}

/** @param again by `;`: what `t` stands before already is not found once more */
export function find({ key, character }: Find, again: boolean): Motion {
  const on = key === "f" || key === "t";
  const before = key === "t" || key === "T";
  return {
    reach: on ? "inclusive" : "exclusive",
    go(text, at, count) {
      let place = again && before ? stepIn(text, at, on) : at;
      for (let left = count; left > 0; left--) {
        do place = stepIn(text, place, on);
        while (place !== undefined && !text.startsWith(character, place));
        if (place === undefined) return undefined;
      }
      if (place === undefined || !before) return place;
      return on ? previousBoundary(text, place) : nextBoundary(text, place);
    },
  };
}

/** The same the other way round: `,`. */
export function reversed({ key, character }: Find): Find {
  return { key: key === key.toLowerCase() ? key.toUpperCase() : key.toLowerCase(), character };
}

/** To the end of the word that is there, also when that is one character: what `cw` changes. */
export function endOfWords(text: string, at: number, count: number, big: boolean): number {
  const kind = big ? isSolid : classOf;
  let end = runEnd(text, at, kind);
  for (let left = count - 1; left > 0 && end < text.length; left--) {
    const last = endOn(text, previousBoundary(text, end), kind);
    if (last === undefined) break;
    end = nextBoundary(text, last);
  }
  return end;
}

/** What `iw`, `aw`, `i"` and the like mean around a place: so many words, or so many brackets further out. */
export function textObject(
  text: string,
  at: number,
  { around, key, count }: { readonly around: boolean; readonly key: string; readonly count: number },
): [number, number] | undefined {
  if (key === "w" || key === "W")
    return wordsAround(text, at, { around, count, kind: key === "W" ? isSolid : classOf });
  const pair = pairs.find((each) => each.includes(key)) ?? (key === "b" ? "()" : key === "B" ? "{}" : undefined);
  if (pair !== undefined) return between(text, at, { around, count, pair });
  if (!/^["'`]$/.test(key)) return undefined;
  const [start, end] = [startOfLine(text, at), endOfLine(text, at)];
  for (let from = text.indexOf(key, start); from !== -1 && from < end; ) {
    const to = text.indexOf(key, from + 1);
    if (to === -1 || to >= end) return undefined;
    if (at <= to) return around || count > 1 ? [from, to + 1] : [from + 1, to];
    from = text.indexOf(key, to + 1);
  }
  return undefined;
}

/** The first character of the line that is no blank, else its end. */
export function firstOfLine(text: string, at: number): number {
  const start = startOfLine(text, at);
  const blanks = /^[^\S\n]*/.exec(text.slice(start, endOfLine(text, at)))?.[0].length ?? 0;
  return start + blanks;
}

/** The beginning of the line so many further down, the last at most. */
export function linesOn(text: string, at: number, count: number): number {
  let start = startOfLine(text, at);
  for (let left = count; left > 0; left--) {
    const end = endOfLine(text, start);
    if (end === text.length) break;
    start = end + 1;
  }
  return start;
}

export function isBlankAt(text: string, at: number): boolean {
  return classOf(text, at) === 0;
}

const pairs = ["()", "[]", "{}"];

/** The bracket that belongs to the first one at the place or behind it in its line. */
function matching(text: string, at: number): number | undefined {
  const end = endOfLine(text, at);
  for (let place = at; place < end; place++) {
    const pair = pairs.find((each) => each.includes(text[place] ?? " "));
    if (pair !== undefined) return partner(text, place, pair, text[place] === pair[0] ? 1 : -1);
  }
  return undefined;
}

/** Where the bracket's other half is, on its side; `open` are those that stand around it already. */
function partner(text: string, at: number, pair: string, step: 1 | -1, open = 0): number | undefined {
  const [own, other] = step === 1 ? [pair[0], pair[1]] : [pair[1], pair[0]];
  let depth = open;
  for (let place = at; place >= 0 && place < text.length; place += step) {
    if (text[place] === own) depth++;
    if (text[place] === other && --depth === 0) return place;
  }
  return undefined;
}

function between(
  text: string,
  at: number,
  { around, count, pair }: { readonly around: boolean; readonly count: number; readonly pair: string },
): [number, number] | undefined {
  let from =
    text[at] === pair[0]
      ? at
      : partner(text, text[at] === pair[1] ? at : at - 1, pair, -1, text[at] === pair[1] ? 0 : 1);
  for (let left = count - 1; left > 0 && from !== undefined; left--) from = partner(text, from - 1, pair, -1, 1);
  const to = from === undefined ? undefined : partner(text, from, pair, 1);
  if (from === undefined || to === undefined) return undefined;
  return around ? [from, to + 1] : [from + 1, to];
}

function linesBack(text: string, at: number, count: number): number {
  let start = startOfLine(text, at);
  for (let left = count; left > 0 && start > 0; left--) start = startOfLine(text, start - 1);
  return start;
}

function unlessSame(to: number, from: number): number | undefined {
  return to === from ? undefined : to;
}

/** As often as the count says, as far as it goes. */
function steps(step: (text: string, at: number) => number | undefined, reach: Motion["reach"] = "exclusive"): Motion {
  return {
    reach,
    go(text, from, count) {
      let at: number | undefined;
      for (let left = count; left > 0; left--) {
        const next = step(text, at ?? from);
        if (next === undefined) break;
        at = next;
      }
      return at;
    },
  };
}

function stepIn(text: string, at: number | undefined, on: boolean): number | undefined {
  if (at === undefined) return undefined;
  if (!on) return at > startOfLine(text, at) ? previousBoundary(text, at) : undefined;
  const next = nextBoundary(text, at);
  return next < endOfLine(text, at) ? next : undefined;
}

/** Letters, digits and _ are one kind of characters, blanks another, all others a third. */
type Kind = (text: string, at: number) => number;

const classOf: Kind = (text, at) => {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0x20);
  if (/\s/.test(character)) return 0;
  return /[\p{L}\p{N}\p{M}_]/u.test(character) ? 1 : 2;
};

const isSolid: Kind = (text, at) => Math.min(1, classOf(text, at));

function wordOn(text: string, from: number, kind: Kind): number | undefined {
  if (from >= text.length) return undefined;
  let at = kind(text, from) === 0 ? from : runEnd(text, from, kind);
  while (at < text.length && kind(text, at) === 0) at = nextBoundary(text, at);
  return at;
}

function wordBack(text: string, from: number, kind: Kind): number | undefined {
  if (from <= 0) return undefined;
  let at = previousBoundary(text, from);
  while (at > 0 && kind(text, at) === 0) at = previousBoundary(text, at);
  return runStart(text, at, kind);
}

function endOn(text: string, from: number, kind: Kind): number | undefined {
  let at = nextBoundary(text, from);
  while (at < text.length && kind(text, at) === 0) at = nextBoundary(text, at);
  return at >= text.length ? undefined : previousBoundary(text, runEnd(text, at, kind));
}

/** The offset after the characters of one kind. */
function runEnd(text: string, from: number, kind: Kind): number {
  const wanted = kind(text, from);
  let at = from;
  while (at < text.length && kind(text, at) === wanted) at = nextBoundary(text, at);
  return at;
}

function runStart(text: string, from: number, kind: Kind): number {
  const wanted = kind(text, from);
  let at = from;
  while (at > 0 && kind(text, previousBoundary(text, at)) === wanted) at = previousBoundary(text, at);
  return at;
}

/** Around each word are the blanks behind it, else those before the first; in a row of words blanks count like one. */
function wordsAround(
  text: string,
  at: number,
  { around, count, kind }: { readonly around: boolean; readonly count: number; readonly kind: Kind },
): [number, number] | undefined {
  const end = endOfLine(text, at);
  const inLine: Kind = (all, place) => (all[place] === "\n" ? -1 : kind(all, place));
  const isBlank = (place: number): boolean => inLine(text, place) === 0;
  if (at >= end) return undefined;
  const from = runStart(text, at, inLine);
  let to = from;
  for (let left = count; left > 0; left--) {
    if (to === end) return undefined;
    to = runEnd(text, to, inLine);
    if (around && to < end && (isBlank(from) || isBlank(to))) to = runEnd(text, to, inLine);
  }
  const before = previousBoundary(text, from);
  const takesBefore = around && from > 0 && isBlank(before) && !isBlank(previousBoundary(text, to));
  return [takesBefore ? runStart(text, before, inLine) : from, to];
}
