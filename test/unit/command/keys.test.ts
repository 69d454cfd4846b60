import { emitKeypressEvents } from "node:readline";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { registry } from "../../../commands/index.ts";
import { actionNamed, defaultKeys, isKept, keyActions, keyName, mayBeBound } from "../../../src/command/keys.ts";
import { verbWords } from "../../../src/command/registry.ts";
import { keyboardOf } from "../../../src/repl/editor/keyboard.ts";
import { emacs, idsOf, type Key, keyId } from "../../../src/repl/editor/keymap.ts";
import { bytesOf } from "../../support/screen.ts";

test.for([
  ["ctrl-t", "ctrl-t"],
  ["Ctrl-T", "ctrl-t"],
  ["alt-x", "alt-x"],
  ["alt-X", "alt-X"],
  ["alt-.", "alt-."],
  ["alt-ctrl-x", "ctrl-alt-x"],
  ["F5", "f5"],
  ["alt-enter", "alt-enter"],
  ["ctrl-left", "ctrl-left"],
  ["shift-tab", "shift-tab"],
  ["ctrl-space", "ctrl-space"],
  ["ctrl-/", "ctrl-_"],
  ["ctrl-i", "tab"],
  ["ctrl-m", "enter"],
  ["ctrl-h", "backspace"],
])("%s is the key %s", ([typed = "", key]) => {
  expect(keyName.parse(typed)).toBe(key);
});

test.for(["a", "é", "", "ctrl-", "ctrl-1", "crtl-t", "f13", "shift-a", "alt-é", "ctrl-alt", "toString", "__proto__"])(
  "“%s” is no key",
  (typed) => {
    expect(() => keyName.parse(typed)).toThrow(/there is no key|types itself/);
  },
);

test("no two actions have one name, and no two one key", () => {
  const names = Object.values(keyActions).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const keys = Object.values(keyActions).flatMap((each) => [...each.keys]);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(keyName.parse(key)).toBe(key);
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(actionNamed("toString")).toBeUndefined();
});

test("an action that is called like a verb can still be told from it: the verb has a / before it", () => {
  const both = Object.values(keyActions).filter(({ name }) => verbWords(registry).includes(name));
  expect(both.map(({ name }) => name).filter((name) => name !== "undo")).toEqual([]);
});

/** What the decoder makes of the bytes of a key. */
function decoded(bytes: string): Promise<string | undefined> {
  const input = new Readable({ read: () => undefined });
  emitKeypressEvents(input);
  const id = new Promise<string | undefined>((resolve) => {
    input.on("keypress", (text: string | undefined, key: Key) => resolve(keyId(text, key)));
  });
  input.push(bytes);
  return id;
}

const typed =
  "enter tab shift-tab backspace delete up pageup home ctrl-left ctrl-t ctrl-_ ctrl-a alt-b alt-. alt-< alt-X alt-enter alt-backspace";

test.for(typed.split(" "))("a terminal's bytes for %s are that key", async (key) => {
  expect(idsOf(key)).toContain(await decoded(bytesOf(key)));
});

test.for([
  ["ctrl-space", "\x00"],
  ["ctrl-\\", "\x1c"],
  ["ctrl-]", "\x1d"],
  ["ctrl-^", "\x1e"],
  ["ctrl-alt-x", "\x1b\x18"],
  ["f5", "\x1b[15~"],
  ["insert", "\x1b[2~"],
  ["alt-left", "\x1b[1;3D"],
  ["ctrl-home", "\x1b[1;5H"],
  ["alt-delete", "\x1b[3;3~"],
])("and so are those for %s", async ([key = "", bytes = ""]) => {
  expect(idsOf(keyName.parse(key))).toContain(await decoded(bytes));
});

test.for(["\x1b\x03", "\x1b\x1b\x03", "\x1b[\x03", "\x1bO\x03", "\x1b[1;\x03"])(
  "Ctrl-C at once behind Escape or half a key (%j) is Ctrl-C all the same",
  async (bytes) => {
    expect(await decoded(bytes)).toBe("C-c");
    expect(() => mayBeBound(keyName.parse("ctrl-alt-c"))).toThrow("ctrl-c keeps its meaning");
  },
);

test("every key of the table does what it says", () => {
  for (const [key, name] of defaultKeys) for (const id of idsOf(key)) expect(emacs.get(id)).toBe(actionNamed(name));
});

test("a person's keys are actions, or lines that they run; those that are kept stay what they are", () => {
  const { mode, own } = keyboardOf(
    "vi",
    new Map([
      ["ctrl-t", "transpose-words"],
      ["alt-enter", "ignore"],
      ["f5", "list crashed"],
      ["enter", "ignore"],
      ["ctrl-c", "list"],
    ]),
  );
  expect(mode).toBe("vi");
  expect(Object.fromEntries(own)).toEqual({
    "C-t": { kind: "action", action: "transposeWords" },
    "M-enter": { kind: "action", action: "ignore" },
    "M-return": { kind: "action", action: "ignore" },
    f5: { kind: "line", line: "list crashed" },
  });
  expect(["enter", "ctrl-c", "ctrl-d", "escape"].every(isKept)).toBe(true);
});
