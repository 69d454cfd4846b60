import {
  aliasesOf,
  type Candidate,
  type Completing,
  type Known,
  type Line,
  type Offered,
  type OfferedService,
  offeredValue,
  whole,
} from "./completing.ts";
import type { AnyVerb, Arg, Offers } from "./define.ts";
import { files, programsAndFiles } from "./files-offered.ts";
import { matching, startsWith } from "./matching.ts";
import { meantBy } from "./meant.ts";
import { mayOnlyLook, outermost } from "./nested.ts";
import { offersOf } from "./offers.ts";
import { flagName } from "./parse.ts";
import { flagNamed, type Place, placeIn } from "./place.ts";
import { namespaces, processesInBraces } from "./processes-offered.ts";
import { findVerb, isVerbName, type Told, toldOf, type VerbEntry } from "./registry.ts";

/** What can stand at the cursor of a TSM command, best first: the verb's own declaration decides. */
export async function complete(line: Completing): Promise<Candidate[]> {
  const { name } = meantBy(line.words, line.registry, aliasesOf(line));
  const entry = name === undefined ? undefined : findVerb(line.registry, name);
  if (name !== undefined && entry === undefined) return [];
  const verb = await entry?.load();
  if (verb === undefined) {
    const told = await toldOf(line.registry);
    return verbs(
      line,
      (each) => told.get(each),
      () => true,
    );
  }
  // The only offer that needs other verbs loaded: which of them only look.
  const offered = verbsOffered(verb);
  const wanted = line.registry.filter(({ told }) => offered?.inside !== undefined || (offered && told === undefined));
  const loaded = new Map(await Promise.all(wanted.map(async (each) => [each, await each.load()] as const)));
  const services = offersServices(verb) ? await line.services() : [];
  return completeLoaded(line, (each) => (each === entry ? verb : loaded.get(each)), services);
}

/** The same at once, from the declarations that are loaded. */
export function completeLoaded(
  line: Line,
  verbOf: (entry: VerbEntry) => AnyVerb | undefined,
  services: readonly OfferedService[] = [],
): Candidate[] {
  const { name, given } = meantBy(line.words, line.registry, aliasesOf(line));
  const told = (each: VerbEntry) => each.told ?? verbOf(each);
  if (name === undefined) return verbs(line, told, () => true);
  const entry = findVerb(line.registry, name);
  const verb = entry === undefined ? undefined : verbOf(entry);
  if (verb === undefined) return [];
  const place = placeIn(verb, given);
  const offers = place.arg?.type.offers;
  if (place.openFlag === undefined && offers?.kind === "verbs" && place.taken.length === 0)
    return verbs(line, told, (each) => isOffered(each, offers.inside, verbOf(each)));
  return argumentsOf(verb, place, { ...line, known: services });
}

function offersServices(verb: AnyVerb): boolean {
  return Object.values(verb.args).some(
    ({ type: { offers } }) =>
      ["services", "savable", "programs", "stacks"].includes(offers.kind) ||
      (offers.kind === "processes" && offers.services),
  );
}

function verbsOffered(verb: AnyVerb): Extract<Offers, { kind: "verbs" }> | undefined {
  return Object.values(verb.args)
    .map(({ type }) => type.offers)
    .find((offers) => offers.kind === "verbs");
}

/** What can stand at the cursor of a line for bash: programs first, then files. */
export function completeBash(line: Completing): Candidate[] {
  const begins =
    line.words.length === 0 || ["|", "&", "&&", "||", ";", "sudo", "exec"].includes(line.words.at(-1) ?? "");
  return begins ? programsAndFiles(line, line.current) : files(line, line.current);
}

/** @param inside undefined: it is not run, but spoken of */
function isOffered({ name }: VerbEntry, inside: "any" | "looks" | undefined, verb: AnyVerb | undefined): boolean {
  if (inside === undefined || verb === undefined) return true;
  return !outermost.includes(name) && (inside === "any" || mayOnlyLook(verb));
}

function verbs(
  line: Line,
  told: (entry: VerbEntry) => Told | undefined,
  isWanted: (entry: VerbEntry) => boolean,
): Candidate[] {
  const slash = line.current.startsWith("/") ? "/" : "";
  const current = line.current.slice(slash.length);
  const offered = line.registry
    .filter(isWanted)
    .map((entry) => ({ entry, verb: told(entry) }))
    .filter(({ verb }) => line.scope === "shell" || verb?.scope !== "shell")
    .flatMap(({ entry, verb }) => {
      // An alias is offered when it is what was begun: `ls`, not twice the same verb.
      const aliases = entry.aliases.filter(
        (alias) => current !== "" && alias.startsWith(current) && !aliasesOf(line).has(alias),
      );
      const names = entry.name.startsWith(current) ? [entry.name] : aliases.length > 0 ? aliases : [entry.name];
      return names.map((name) => ({ value: name, summary: verb?.summary ?? "" }));
    });
  return matching([...offered, ...aliasNames(line, told, isWanted)], current, offeredValue).map(({ value, summary }) =>
    whole(slash + value, summary),
  );
}

/** Those whose verb can be run here. */
function aliasNames(
  line: Line,
  told: (entry: VerbEntry) => Told | undefined,
  isWanted: (entry: VerbEntry) => boolean,
): Offered[] {
  return [...aliasesOf(line)]
    .filter(([alias]) => {
      const { name = "", word } = meantBy([alias], line.registry, aliasesOf(line));
      const entry = findVerb(line.registry, name);
      const scope = entry === undefined ? undefined : told(entry)?.scope;
      return (
        entry !== undefined &&
        isWanted(entry) &&
        !isVerbName(line.registry, word ?? "") &&
        (line.scope === "shell" || scope !== "shell")
      );
    })
    .map(([value, meaning]) => ({ value, summary: `alias of ${meaning}` }));
}

function argumentsOf(verb: AnyVerb, place: Place, line: Known): Candidate[] {
  const { current } = line;
  if (place.openFlag?.type !== undefined) return offersOf(place.openFlag.type.offers, line, current, []);
  if (!place.flagsOver && current.startsWith("-")) {
    const equals = current.indexOf("=");
    if (equals === -1) return flagsOf(verb, place, current);
    const [name, value] = [current.slice(0, equals), current.slice(equals + 1)];
    const type = flagNamed(verb, name)?.flag.type;
    if (type === undefined) return [];
    return offersOf(type.offers, line, value, []).map((candidate) => ({
      value: `${name}=${candidate.value}`,
      summary: candidate.summary,
      whole: candidate.whole,
    }));
  }
  const offered = place.arg === undefined ? [] : argumentOffers(place.arg, place.taken, line);
  // What has to be named comes alone, so that the only process there is needs one Tab.
  const missing =
    offered.length > 0 && place.taken.length === 0 && !["any", "optional"].includes(place.arg?.arity ?? "");
  return current === "" && !place.flagsOver && !missing ? [...offered, ...flagsOf(verb, place, "")] : offered;
}

function argumentOffers(arg: Arg<unknown>, taken: readonly string[], line: Known): Candidate[] {
  // A program's own arguments: nobody but the program knows them, and files are the best guess.
  if (arg.arity === "command" && taken.length > 0) return files(line, line.current);
  const offered = offersOf(arg.type.offers, line, line.current, taken);
  const several = arg.arity === "any" || arg.arity === "many";
  if (!several || arg.type.offers.kind !== "processes") return offered;
  if (offered.length === 0) offered.push(...processesInBraces(line, line.current, arg.type.offers.which, taken));
  const together = namespaces(line, arg.type.offers.which).filter(
    ({ value }) => startsWith(value, line.current) && !taken.includes(value),
  );
  offered.push(...together.map(({ value, summary }) => whole(value, summary)));
  if (taken.length > 0) return offered;
  // `all` steps back behind a process that was begun: `a` means api-3000.
  const offersAll = line.current === "" ? offered.length > 1 : offered.length === 0 && "all".startsWith(line.current);
  return offersAll ? [...offered, whole("all", "all of them")] : offered;
}

function flagsOf(verb: AnyVerb, { flagsGiven }: Place, current: string): Candidate[] {
  const offered = Object.entries(verb.flags)
    .filter(([name]) => !flagsGiven.has(name))
    .map(([name, { summary, type }]) => ({
      value: flagName(name),
      summary: type === undefined ? summary : `${type.label}  ${summary}`,
    }));
  return offered.filter(({ value }) => value.startsWith(current)).map(({ value, summary }) => whole(value, summary));
}
