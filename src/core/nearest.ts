/** Words at most two slips away that have something in common with it, the nearest first; a short word allows one slip only. */
export function nearest(word: string, words: readonly string[]): string[] {
  const most = word.length <= 3 ? 1 : 2;
  const found = words
    // It takes a slip for each letter more: megabytes need not be compared to be told from a verb.
    .filter((each) => Math.abs(each.length - word.length) <= most)
    .map((each) => ({ each, distance: slips(word, each) }))
    .filter(({ each, distance }) => distance <= most && distance < Math.max(word.length, each.length));
  const best = Math.min(...found.map(({ distance }) => distance));
  return found
    .filter(({ distance }) => distance === best)
    .map(({ each }) => each)
    .slice(0, 3);
}

/** Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, changes and swaps of neighbours. */
export function slips(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    const above = rows[i - 1] ?? [];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
