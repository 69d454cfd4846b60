import { asPasted, isPasteGoingOn } from "./pasted.ts";

/** What stood in the terminal's buffer has come when nothing comes for so long; a person must not wait longer. */
const quietMs = 30;
/** The same for a paste whose end is still to come. */
export const restMs = 500;

/**
 * Gathers what was typed while somebody else had the keys, until nothing more comes of it. The rest of a paste whose
 * beginning somebody has read is a paste still.
 * @param isPasting the beginning of a paste has come before.
 * @param done is called once, with all that came.
 * @returns ends the gathering at once.
 */
export function gatherKeys(stdin: NodeJS.ReadableStream, isPasting: boolean, done: (keys: Buffer) => void): () => void {
  let found: Buffer = Buffer.alloc(0);
  let isOver = false;
  const gather = (chunk: Buffer): void => {
    found = Buffer.concat([found, chunk]);
    clearTimeout(quiet);
    quiet = setTimeout(calm, isPasting || isPasteGoingOn(found) ? restMs : quietMs);
  };
  const deliver = (): void => {
    isOver = true;
    clearTimeout(quiet);
    stdin.off("data", gather);
    done(asPasted(found));
  };
  // A look at the terminal lies between the two: on a busy machine the time may be over before the first.
  const calm = (): void => {
    const had = found.length;
    setImmediate(() => {
      if (!isOver && found.length === had) deliver();
    });
  };
  let quiet = setTimeout(calm, isPasting ? restMs : quietMs);
  stdin.on("data", gather);
  return deliver;
}
