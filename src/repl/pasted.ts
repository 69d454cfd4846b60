/** Nobody types so much ahead. */
const mostTypedAhead = 1000;
export const pasteBegins = "\x1b[200~";
export const pasteEnds = "\x1b[201~";

/** Is the end of a paste still to come? */
export function isPasteGoingOn(keys: Buffer): boolean {
  return isLikePaste(keys) && !keys.includes(pasteEnds);
}

/** Do these keys go on with a paste, or are they more than anybody types? */
function isLikePaste(keys: Buffer): boolean {
  const ends = keys.indexOf(pasteEnds);
  const begins = keys.indexOf(pasteBegins);
  return begins === -1 ? ends !== -1 || keys.length > mostTypedAhead : ends !== -1 && begins > ends;
}

/** The keys with the mark of a paste before them, and behind them if it is missing, when they are like one. */
export function asPasted(keys: Buffer): Buffer {
  if (!isLikePaste(keys)) return keys;
  const end = keys.includes(pasteEnds) ? "" : pasteEnds;
  return Buffer.concat([Buffer.from(pasteBegins), keys, Buffer.from(end)]);
}
