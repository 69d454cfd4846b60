/** What begins so; when nothing does, what contains it; failing that, what has its letters in their order. */
export function matching<T>(offered: readonly T[], current: string, nameOf: (item: T) => string): T[] {
  const begun = offered.filter((item) => startsWith(nameOf(item), current));
  if (begun.length > 0) return begun;
  const containing = offered.filter((item) => includes(nameOf(item), current));
  return containing.length > 0 ? containing : scattered(offered, current, nameOf);
}

/** Where the letters stand without their accents too, as where a process is looked for. The closest together first. */
function scattered<T>(offered: readonly T[], current: string, nameOf: (item: T) => string): T[] {
  if (current.length < 2) return [];
  const spread = (item: T): number => spreadOf(bare(current), bare(nameOf(item)));
  return offered
    .map((item) => ({ item, spread: spread(item) }))
    .filter((each) => each.spread < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.spread - b.spread)
    .map(({ item }) => item);
}

/** How far apart the letters stand in the text, from its beginning; infinite when they do not. */
function spreadOf(letters: string, text: string): number {
  let at = -1;
  for (const letter of letters) {
    at = text.indexOf(letter, at + 1);
    if (at === -1) return Number.POSITIVE_INFINITY;
  }
  return at;
}

/** In small letters, and without accents. */
function bare(text: string): string {
  const small = text.toLowerCase();
  // What is ASCII, which is nearly all there is, has none and pays for no `\p`.
  return isAscii(small) ? small : small.normalize("NFD").replaceAll(/\p{M}/gu, "");
}

export function startsWith(text: string, begun: string): boolean {
  return composed(text, begun).startsWith(composed(begun, begun));
}

function includes(text: string, part: string): boolean {
  return composed(text, part).includes(composed(part, part));
}

/** In small letters; an accent is a part of its letter if the typed text has any, however either was written. */
function composed(text: string, typed: string): string {
  const small = text.toLowerCase();
  return isAscii(typed) ? small : small.normalize();
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
