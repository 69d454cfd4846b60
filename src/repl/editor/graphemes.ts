import { displayWidth } from "../../view/width.ts";

/** The offset after the grapheme at `at`: what a person sees as one character is one step. */
export function nextBoundary(text: string, at: number): number {
  if (at >= text.length) return text.length;
  if (isPlain(text, at) && (at + 1 >= text.length || isPlain(text, at + 1))) return at + 1;
  const end = runEnd(text, at);
  const [first] = segmenter().segment(text.slice(at, end));
  return at + (first?.segment.length ?? 1);
}

/** The offset where the grapheme before `at` begins. */
export function previousBoundary(text: string, at: number): number {
  if (at <= 0) return 0;
  if (isPlain(text, at - 1)) return at - 1;
  // Back to where the characters are surely their own graphemes: the run is segmented from there.
  let from = at - 1;
  while (from > 0 && !isPlain(text, from)) from--;
  let last = from;
  for (const { index } of segmenter().segment(text.slice(from, at))) last = from + index;
  return last;
}

/** Each grapheme of a text with its width on a terminal. */
export function* graphemeCells(
  text: string,
): Generator<{ readonly text: string; readonly from: number; readonly width: number }> {
  let at = 0;
  while (at < text.length) {
    if (isPlain(text, at) && (at + 1 >= text.length || isPlain(text, at + 1))) {
      yield { text: text[at] ?? "", from: at, width: 1 };
      at++;
      continue;
    }
    const end = runEnd(text, at);
    for (const { segment, index } of segmenter().segment(text.slice(at, end))) {
      yield { text: segment, from: at + index, width: displayWidth(segment) };
    }
    at = end;
  }
}

/** Past the next characters that only the segmenter can judge. */
function runEnd(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && !(isPlain(text, end) && isPlain(text, end - 1))) end++;
  return end;
}

/**
 * One column wide, and part of a longer grapheme only when what follows is not plain: ASCII, Latin letters, newline,
 * and the marks of our own prompt and proposals, so that the first of them load no machinery.
 */
function isPlain(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x7f) return code >= 0x20 || code === 0x0a;
  return (code > 0xa0 && code < 0x300 && code !== 0xad) || promptMarks.includes(code);
}

const promptMarks: readonly number[] = Array.from("●✗›‹…→", (mark) => mark.charCodeAt(0));

// Made when the first character outside ASCII arrives: making one costs as much as a whole prompt.
let made: Intl.Segmenter | undefined;
function segmenter(): Intl.Segmenter {
  made ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return made;
}
