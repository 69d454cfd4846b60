import * as engine from "./engine.ts";
import type { Action } from "./keymap.ts";

/** What keys do to the line itself. */
export const edits: { readonly [A in Action]?: (buffer: engine.Buffer) => engine.Buffer } = {
  newline: (buffer) => engine.insert(buffer, "\n"),
  backspace: engine.backspace,
  deleteForward: engine.deleteForward,
  // On a line that has something.
  end: engine.deleteForward,
  left: engine.left,
  right: engine.right,
  wordLeft: engine.wordLeft,
  wordRight: engine.wordRight,
  lineStart: engine.lineStart,
  lineEnd: engine.lineEnd,
  bufferStart: engine.bufferStart,
  bufferEnd: engine.bufferEnd,
  killToEnd: engine.killToEnd,
  killToStart: engine.killToStart,
  killWordLeft: engine.killWordLeft,
  killWordRight: engine.killWordRight,
  killBlankWordLeft: engine.killBlankWordLeft,
  yank: engine.yank,
  yankPop: engine.yankPop,
  transposeCharacters: engine.transposeCharacters,
  transposeWords: engine.transposeWords,
  upperWord: (buffer) => engine.changeWord(buffer, (word) => word.toUpperCase()),
  lowerWord: (buffer) => engine.changeWord(buffer, (word) => word.toLowerCase()),
  capitalWord: (buffer) => engine.changeWord(buffer, capital),
  undo: engine.undo,
  redo: engine.redo,
};

function capital(word: string): string {
  return word.toLowerCase().replace(/\p{L}|\p{N}/u, (first) => first.toUpperCase());
}
