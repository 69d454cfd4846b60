import type { Screen } from "../view/screen.ts";
import type { AnyVerb } from "./define.ts";
import { verbLines, wrap } from "./help.ts";
import { flagName, usageOf } from "./parse.ts";
import type { VerbEntry } from "./registry.ts";

/** A verb whose page has the words, and the lines of the page that have one. */
export interface FoundVerb {
  readonly entry: VerbEntry;
  readonly verb: AnyVerb;
  readonly lines: readonly string[];
}

/** The verbs whose page has all the words somewhere, whatever their case; those with one in their name first. */
export function searchHelp(
  verbs: readonly { readonly entry: VerbEntry; readonly verb: AnyVerb }[],
  words: readonly string[],
): FoundVerb[] {
  const wanted = words.map((word) => word.toLowerCase());
  const has = (text: string) => wanted.some((word) => text.toLowerCase().includes(word));
  return verbs
    .map(({ entry, verb }) => {
      const heading = [verb.name, ...entry.aliases, verb.summary, usageOf(verb)];
      const body = linesOf(verb);
      const page = [...heading, ...body].join("\n").toLowerCase();
      return { entry, verb, found: wanted.every((word) => page.includes(word)), lines: body.filter(has) };
    })
    .filter(({ found }) => found)
    .sort((a, b) => Number(has(b.verb.name)) - Number(has(a.verb.name)))
    .map(({ entry, verb, lines }) => ({ entry, verb, lines }));
}

/** Each verb with its summary, and below it what was found. */
export function* searchPage(found: readonly FoundVerb[], { columns, paint }: Screen): Iterable<string> {
  const width = Math.min(columns ?? 100, 100);
  for (const { entry, verb, lines } of found) {
    yield* verbLines([verb.name, ...entry.aliases].join(", "), verb.summary, width, paint.strong);
    for (const line of lines) for (const part of wrap(line, width, "      ")) yield paint.faint(part);
  }
}

function linesOf(verb: AnyVerb): string[] {
  const args = Object.values(verb.args).map((arg) => `${arg.type.label}  ${arg.summary}`);
  const flags = Object.entries(verb.flags).map(([key, { summary }]) => `${flagName(key)}  ${summary}`);
  return [...(verb.details ?? []), ...args, ...flags, ...verb.examples.map((example) => `tsm ${example}`)];
}
