import { TsmError } from "../core/errors.ts";
import type { AnyVerb, Resolving } from "./define.ts";
import type { Parsed } from "./parse.ts";

/** Words to the values that `run` declares. Everything resolves here, before anything is touched. */
export async function valuesOf(verb: AnyVerb, parsed: Parsed, resolving: Resolving): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = Object.fromEntries(parsed.flags);
  for (const [name, arg] of Object.entries(verb.args)) {
    if (arg.arity === "command") {
      values[name] = parsed.command;
      continue;
    }
    const words = parsed.args.get(name) ?? [];
    const found =
      arg.type.resolve === undefined
        ? words.map((word) => arg.type.parse(word))
        : await arg.type.resolve(words, resolving);
    const single = arg.arity === "one" || arg.arity === "optional";
    const chosen = single && found.length > 1 ? await oneOf(found, words[0] ?? "", verb, resolving) : found[0];
    if (arg.arity === "one" && found.length === 0)
      throw new TsmError("NOT_FOUND", "there is no process", { hint: "tsm start server.sh" });
    values[name] = single ? chosen : found;
  }
  return values;
}

/** What the words say by themselves: nothing is looked up, and what names a process is left out. */
export function unresolvedValuesOf(verb: AnyVerb, parsed: Parsed): Record<string, unknown> {
  const values: Record<string, unknown> = Object.fromEntries(parsed.flags);
  for (const [name, { arity, type }] of Object.entries(verb.args)) {
    if (type.resolve !== undefined) continue;
    const found = (parsed.args.get(name) ?? []).map((word) => type.parse(word));
    values[name] = arity === "command" ? parsed.command : arity === "any" || arity === "many" ? found : found[0];
  }
  return values;
}

/** Of several instances of one app, the one that is called as the app is; else the one that the person picks. */
async function oneOf(found: readonly unknown[], word: string, verb: AnyVerb, { interactive, ask }: Resolving) {
  const named = found.filter(isNamed);
  const called = named.find(({ name }) => name === word);
  if (called !== undefined) return called;
  const says = `'${word}' matches ${found.length} processes and ${verb.name} takes one`;
  if (interactive && ask !== undefined) {
    const choices = named.map((each) => ({ value: each, label: each.name }));
    const picked = await ask.pick(`${says}. Which one?`, choices);
    if (picked === undefined) throw new TsmError("CANCELLED", "nothing was chosen, nothing was done");
    return picked;
  }
  const names = named.slice(0, 5).map(({ name }) => name);
  const more = found.length > names.length ? ", …" : "";
  throw new TsmError("AMBIGUOUS", says, { hint: `Give an id or a full name: ${names.join(", ")}${more}` });
}

/** A flag that is a list of names; undefined where it was not given. */
export function namesFrom(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** The processes that the person named; undefined when none could be. */
export function namesOf(verb: AnyVerb, parsed: Parsed, values: Record<string, unknown>): string[] | undefined {
  const named = Object.entries(verb.args).filter(
    ([name, { type }]) => type.resolve !== undefined && (parsed.args.get(name) ?? []).length > 0,
  );
  if (named.length === 0) return undefined;
  const targets = named.flatMap(([name]) => [values[name]].flat());
  const names = targets.flatMap((value) => (isNamed(value) ? [value.name] : []));
  // Jobs alone: no process was meant.
  return targets.length > 0 && names.length === 0 ? undefined : names;
}

function isNamed(value: unknown): value is { readonly name: string } {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}
