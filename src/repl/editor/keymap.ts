/** A key as Node's decoder reports it. */
export interface Key {
  readonly sequence?: string | undefined;
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
  readonly shift?: boolean | undefined;
}

/** What a key can ask of the editor. */
export type Action =
  | "accept" | "newline" | "interrupt" | "end" | "suspend" | "clear" | "complete" | "completeBack" | "escape"
  | "backspace" | "deleteForward" | "left" | "right" | "wordLeft" | "wordRight" | "lineStart" | "lineEnd"
  | "bufferStart" | "bufferEnd" | "up" | "down" | "historyOlder" | "historyNewer" | "historyOldest" | "historyNewest"
  | "search" | "pageUp" | "pageDown" | "killToEnd" | "killToStart" | "killWordLeft" | "killWordRight"
  | "killBlankWordLeft" | "yank" | "yankPop" | "transposeCharacters" | "transposeWords" | "upperWord" | "lowerWord"
  | "capitalWord" | "undo" | "pasteStart" | "pasteEnd" | "ignore"; // biome-ignore format: a table

/** Emacs keys, as in bash and every readline program. */
export const emacs: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["return", "accept"],
  ["enter", "accept"],
  ["M-return", "newline"],
  ["M-enter", "newline"],
  ["C-c", "interrupt"],
  ["C-d", "end"],
  ["C-z", "suspend"],
  ["C-l", "clear"],
  ["tab", "complete"],
  ["S-tab", "completeBack"],
  ["escape", "escape"],
  ["C-g", "escape"],
  ["backspace", "backspace"],
  ["C-h", "backspace"],
  ["delete", "deleteForward"],
  ["left", "left"],
  ["C-b", "left"],
  ["right", "right"],
  ["C-f", "right"],
  ["C-left", "wordLeft"],
  ["M-left", "wordLeft"],
  ["M-b", "wordLeft"],
  ["C-right", "wordRight"],
  ["M-right", "wordRight"],
  ["M-f", "wordRight"],
  ["home", "lineStart"],
  ["C-a", "lineStart"],
  ["end", "lineEnd"],
  ["C-e", "lineEnd"],
  ["C-home", "bufferStart"],
  ["C-end", "bufferEnd"],
  ["up", "up"],
  ["down", "down"],
  ["C-p", "historyOlder"],
  ["C-n", "historyNewer"],
  ["M-<", "historyOldest"],
  ["M->", "historyNewest"],
  ["C-r", "search"],
  ["pageup", "pageUp"],
  ["pagedown", "pageDown"],
  ["C-k", "killToEnd"],
  ["C-u", "killToStart"],
  ["M-backspace", "killWordLeft"],
  ["M-d", "killWordRight"],
  ["M-delete", "killWordRight"],
  ["C-w", "killBlankWordLeft"],
  ["C-y", "yank"],
  ["M-y", "yankPop"],
  ["C-t", "transposeCharacters"],
  ["M-t", "transposeWords"],
  ["M-u", "upperWord"],
  ["M-l", "lowerWord"],
  ["M-c", "capitalWord"],
  ["C-_", "undo"],
  ["paste-start", "pasteStart"],
  ["paste-end", "pasteEnd"],
]);

/** One name for a key: `C-a`, `M-b`, `S-tab`, `up`; undefined for text. */
export function keyId(text: string | undefined, key: Key): string | undefined {
  const sequence = key.sequence ?? text ?? "";
  if (sequence === "\x1f") return "C-_"; // Ctrl-/ and Ctrl-_ are one byte, which the decoder does not name.
  // The decoder can give the name as the string "undefined".
  const name = key.name === "undefined" ? undefined : key.name;
  if (name === "escape") return name; // Reported as if Alt were held.
  if (key.meta === true) {
    // With Alt the character itself counts: the decoder has no name for `<`, and lower-cases the rest.
    if (sequence.length === 2 && sequence.charCodeAt(1) > 0x20 && sequence.charCodeAt(1) < 0x7f)
      return `M-${sequence[1]}`;
    if (name === undefined) return `M-${sequence.slice(1)}`;
    return `${key.ctrl === true ? "C-" : ""}M-${name}`;
  }
  if (key.ctrl === true) return `C-${name ?? sequence}`;
  if (name === undefined || isText(text)) return isText(text) ? undefined : `?${sequence}`;
  return key.shift === true && name === "tab" ? "S-tab" : name;
}

/** Is it something to put on the line? */
export function isText(text: string | undefined): text is string {
  return text !== undefined && text !== "" && !/\p{Cc}/u.test(text);
}
