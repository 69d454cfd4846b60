import { TsmError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { ParamType } from "./define.ts";
import { text } from "./types.ts";

/** What a key of the shell can do: its name as readline has it, where readline has one, and the keys that do it. */
export const keyActions = {
  accept: action("accept-line", "Run the line", "enter"),
  newline: action("insert-newline", "Let the line go on below", "alt-enter"),
  interrupt: action("interrupt", "Drop the line, end a command", "ctrl-c"),
  end: action("end-of-file", "Leave the shell; delete, when there is a line", "ctrl-d"),
  suspend: action("suspend", "To your own shell; fg comes back", "ctrl-z"),
  clear: action("clear-screen", "Clear the screen", "ctrl-l"),
  complete: action("complete", "Complete, or the next entry", "tab"),
  completeBack: action("menu-complete-backward", "The entry before", "shift-tab"),
  escape: action("abort", "Leave a menu or a search", "escape", "ctrl-g"),
  backspace: action("backward-delete-char", "Delete the character before the cursor", "backspace"),
  deleteForward: action("delete-char", "Delete the character at the cursor", "delete"),
  left: action("backward-char", "A character back", "left", "ctrl-b"),
  right: action("forward-char", "A character on, or take the proposal", "right", "ctrl-f"),
  wordLeft: action("backward-word", "A word back", "ctrl-left", "alt-left", "alt-b"),
  wordRight: action("forward-word", "A word on, or the proposal's next", "ctrl-right", "alt-right", "alt-f"),
  lineStart: action("beginning-of-line", "To the beginning of the line", "home", "ctrl-a"),
  lineEnd: action("end-of-line", "To the end of the line, or take the proposal", "end", "ctrl-e"),
  bufferStart: action("beginning-of-buffer", "To the beginning of all lines", "ctrl-home"),
  bufferEnd: action("end-of-buffer", "To the end of all lines", "ctrl-end"),
  up: action("up-line-or-history", "A line up, or what was typed before and begins so", "up"),
  down: action("down-line-or-history", "A line down, or back towards what was being typed", "down"),
  historyOlder: action("previous-history", "What was typed before and begins so", "ctrl-p"),
  historyNewer: action("next-history", "Back towards what was being typed", "ctrl-n"),
  historyOldest: action("beginning-of-history", "The oldest line that begins so", "alt-<"),
  historyNewest: action("end-of-history", "What was being typed", "alt->"),
  search: action("reverse-search-history", "Search all that was typed", "ctrl-r"),
  pageUp: action("page-up", "A page back in a menu", "pageup"),
  pageDown: action("page-down", "A page on in a menu", "pagedown"),
  killToEnd: action("kill-line", "Cut to the end of the line", "ctrl-k"),
  killToStart: action("unix-line-discard", "Cut to the beginning of the line", "ctrl-u"),
  killWordLeft: action("backward-kill-word", "Cut the word before the cursor", "alt-backspace"),
  killWordRight: action("kill-word", "Cut the word behind the cursor", "alt-d", "alt-delete"),
  killBlankWordLeft: action("unix-word-rubout", "Cut back to the last blank", "ctrl-w"),
  yank: action("yank", "Put back what was cut", "ctrl-y"),
  yankPop: action("yank-pop", "Instead of it, what was cut before", "alt-y"),
  lastWord: action("yank-last-arg", "The last word of the line before; again, of one older", "alt-."),
  transposeCharacters: action("transpose-chars", "Swap two characters", "ctrl-t"),
  transposeWords: action("transpose-words", "Swap two words", "alt-t"),
  upperWord: action("upcase-word", "The word in capitals", "alt-u"),
  lowerWord: action("downcase-word", "The word in small letters", "alt-l"),
  capitalWord: action("capitalize-word", "The word with one capital", "alt-c"),
  undo: action("undo", "Take back the last change", "ctrl-_"),
  redo: action("redo", "Make the last change again that was taken back", "alt-/"),
  ignore: action("ignore", "Nothing"),
} as const;

export type KeyAction = keyof typeof keyActions;

export interface ActionEntry {
  readonly name: string;
  readonly summary: string;
  readonly keys: readonly string[];
}

function action(name: string, summary: string, ...keys: readonly string[]): ActionEntry {
  return { name, summary, keys };
}

/** The action of this name. */
export function actionNamed(name: string): KeyAction | undefined {
  // The keys of the table are its own.
  return (Object.keys(keyActions) as KeyAction[]).find((each) => keyActions[each].name === name);
}

/** As it was first declared: the key and the name of what it does. */
export const defaultKeys: ReadonlyMap<string, string> = new Map(
  Object.values(keyActions).flatMap(({ name, keys }) => keys.map((key): [string, string] => [key, name])),
);

const named = [
  ..."enter tab escape backspace delete insert up down left right home end pageup pagedown".split(" "),
  ..."f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12".split(" "),
];

/** What a terminal sends for these is what it sends for another key. */
const sameAs: Readonly<Record<string, string>> = {
  "ctrl-h": "backspace",
  "ctrl-i": "tab",
  "ctrl-j": "enter",
  "ctrl-m": "enter",
  "ctrl-[": "escape",
  "ctrl-/": "ctrl-_",
  "ctrl-alt-c": "ctrl-c",
};

/** Without these nobody would find out of the shell, of a line or of a menu. */
const kept = ["enter", "ctrl-c", "ctrl-d", "escape"];

/** A key as people write it. @throws TsmError USAGE when there is none of that name. */
export const keyName: ParamType<string> = {
  label: "KEY",
  offers: {
    kind: "words",
    words: [...defaultKeys].filter(([key]) => !kept.includes(key)).map(([value, summary]) => ({ value, summary })),
  },
  parse(word) {
    const key = keyOf(word);
    if (key !== undefined) return key;
    const letter = [...word].length === 1;
    const near = nearest(word.toLowerCase(), [...defaultKeys.keys(), ...named]);
    throw new TsmError("USAGE", letter ? `'${word}' types itself` : `there is no key '${word}'`, {
      hint:
        near.length > 0 && !letter
          ? `Did you mean ${near.map((each) => `'${each}'`).join(" or ")}?`
          : "Keys are ctrl-t, alt-x, ctrl-alt-x, f5, shift-tab, pageup and the like",
    });
  },
};

/** The same, where only a key of the person's own makes sense. */
export const boundKey: ParamType<string> = { ...keyName, offers: { kind: "bound-keys" } };

function keyOf(word: string): string | undefined {
  const parts = /^((?:ctrl-|alt-|shift-)*)(.+)$/i.exec(word);
  const held = (parts?.[1] ?? "").toLowerCase();
  const [ctrl, alt, shift] = [held.includes("ctrl-"), held.includes("alt-"), held.includes("shift-")];
  const typed = parts?.[2] ?? "";
  const isName = named.includes(typed.toLowerCase());
  // Alt and a capital is a key of its own; Ctrl knows no capitals.
  const base = isName || ctrl ? typed.toLowerCase() : typed;
  const key = `${ctrl ? "ctrl-" : ""}${alt ? "alt-" : ""}${shift ? "shift-" : ""}${base}`;
  if (shift) return key === "shift-tab" ? key : undefined;
  if (isName) return key;
  if (ctrl && base === "space") return key;
  const canBe = ctrl ? /^[a-z_/[\]\\^]$/.test(base) : alt && /^[!-~]$/.test(base);
  return canBe ? (sameAs[key] ?? key) : undefined;
}

/** Does the key keep its meaning, whatever the settings say? */
export function isKept(key: string): boolean {
  return kept.includes(key);
}

/** @throws TsmError USAGE for a key that cannot be given another meaning */
export function mayBeBound(key: string): void {
  if (!isKept(key)) return;
  throw new TsmError("USAGE", `${key} keeps its meaning`, {
    hint: `${kept.join(", ")} and what a terminal sends as one of them run, drop and leave; any other key is yours`,
  });
}

/** What a key can be made to do: an action of the line, or a command that it runs. */
export const keyMeaning = text("ACTION|COMMAND", {
  kind: "words",
  words: Object.values(keyActions).map(({ name, summary }) => ({ value: name, summary })),
});
