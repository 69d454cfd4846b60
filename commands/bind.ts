import { defineCommand, optional, toggle } from "../src/command/define.ts";
import { wrap } from "../src/command/help.ts";
import { actionNamed, defaultKeys, keyActions, keyMeaning, keyName, mayBeBound } from "../src/command/keys.ts";
import { meantBy } from "../src/command/meant.ts";
import { findVerb, type Registry, verbWords } from "../src/command/registry.ts";
import { TsmError } from "../src/core/errors.ts";
import { nearest } from "../src/core/nearest.ts";
import type { Meanings } from "../src/core/settings.ts";
import { describedLines } from "../src/view/described.ts";

export default defineCommand({
  name: "bind",
  summary: "Show what the shell's keys do, or give one another meaning",
  details: [
    "A key does an action of the line, or runs a command and gives back what was being typed. Several words are one command in quotes; one that is called like an action is typed with / before it.",
    "enter, ctrl-c, ctrl-d and escape keep their meaning. With editingMode vi the keys are those of inserting; without Ctrl or Alt the command mode has its own.",
  ],
  effect: "changes",
  args: {
    key: optional(keyName, "The key: ctrl-t, alt-x, f5, …"),
    meaning: optional(keyMeaning, "What it is to do"),
  },
  flags: { reset: toggle("Give the key back what it did at first") },
  examples: ["bind", "bind ctrl-t", "bind ctrl-t transpose-words", "bind ctrl-g 'list crashed'", "bind ctrl-t --reset"],
  onlyLooks: ({ meaning, reset }) => meaning === undefined && !reset,
  async run({ key, meaning, reset }, { engine, registry }): Promise<Answer> {
    const { keys, aliases } = engine.settings();
    if (reset) {
      if (key === undefined || meaning !== undefined) {
        throw new TsmError("USAGE", "--reset takes a key and nothing more", { hint: "tsm bind ctrl-t --reset" });
      }
      await engine.changeMeaning("keys", key, undefined);
      return { changed: true, keys: [entryOf(key, new Map())] };
    }
    if (key === undefined) {
      const all = [...new Set([...defaultKeys.keys(), ...keys.keys()])];
      return { changed: false, keys: all.map((each) => entryOf(each, keys)) };
    }
    if (meaning === undefined) return { changed: false, keys: [entryOf(key, keys)] };
    mayBeBound(key);
    sureOf(meaning, registry, aliases);
    await engine.changeMeaning("keys", key, meaning);
    return { changed: true, keys: [entryOf(key, new Map([[key, meaning]]))] };
  },
  json: ({ keys }) => keys,
  *render({ changed, keys }, screen) {
    const what = ({ does, runs }: Bound) => does ?? (runs === null ? "ignore" : `'${runs}'`);
    if (!changed) {
      const rows = keys.map((bound) => ({
        cells: [bound.key, what(bound), bound.from],
        summary: summaryOf(bound.does),
      }));
      yield* describedLines(rows, screen, wrap);
      return;
    }
    for (const bound of keys)
      yield `tsm: ${bound.key} is ${bound.from === "you" ? `now ${what(bound)}` : `${what(bound)} again`}`;
  },
});

interface Bound {
  readonly key: string;
  /** The name of the action; null: it runs a command, or nothing. */
  readonly does: string | null;
  readonly runs: string | null;
  readonly from: "tsm" | "you";
}

interface Answer {
  readonly changed: boolean;
  readonly keys: readonly Bound[];
}

function entryOf(key: string, own: Meanings): Bound {
  const mine = own.get(key);
  const meaning = mine ?? defaultKeys.get(key) ?? keyActions.ignore.name;
  const isAction = actionNamed(meaning) !== undefined;
  return {
    key,
    does: isAction ? meaning : null,
    runs: isAction ? null : meaning,
    from: mine === undefined ? "tsm" : "you",
  };
}

function summaryOf(does: string | null): string {
  const action = does === null ? undefined : actionNamed(does);
  return action === undefined ? "" : keyActions[action].summary;
}

/** @throws TsmError USAGE when it is neither an action nor begins like a command. */
function sureOf(meaning: string, registry: Registry, aliases: Meanings): void {
  if (actionNamed(meaning) !== undefined || /^\s*!./.test(meaning)) return;
  const words = meaning.trim().split(/\s+/);
  const { word = "", name = "" } = meantBy(words, registry, aliases);
  if (findVerb(registry, name) !== undefined) return;
  const actions = Object.values(keyActions).map((each) => each.name);
  const near = nearest(word, words.length > 1 ? verbWords(registry) : [...actions, ...verbWords(registry)]);
  throw new TsmError("USAGE", `'${word}' is neither an action nor a command`, {
    hint:
      near.length > 0 ? `Did you mean ${near.map((each) => `'${each}'`).join(" or ")}?` : "tsm bind shows the actions",
  });
}
