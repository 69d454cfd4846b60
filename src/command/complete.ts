import type { ProcessSummary } from "../core/process.ts";
import { settingsSchema } from "../core/settings.ts";
import type { AnyVerb, Arg, Flag, Offers } from "./define.ts";
import { findVerb, type Registry } from "./registry.ts";

/** A line that is being typed, up to the cursor, and the world it speaks of. */
export interface Completing {
  /** The finished words before the cursor: `["stop"]`, also `["/stop"]` and `["tsm", "stop"]`. */
  readonly words: readonly string[];
  /** The word at the cursor, as far as it is typed. */
  readonly current: string;
  readonly registry: Registry;
  /** Verbs of the shell alone are offered in the shell alone. */
  readonly scope: "everywhere" | "shell";
  summaries(): readonly ProcessSummary[];
  /** What is said about a process beside its name. */
  describe(process: ProcessSummary): string;
  /** What a folder holds; nothing when it cannot be read. */
  files(folder: string): readonly FileEntry[];
  /** The programs in PATH. */
  programs(): readonly string[];
  /** The commands whose outputs are kept, the last first. */
  outputs(): readonly string[];
}

/** An entry of a folder. */
export interface FileEntry {
  readonly name: string;
  readonly folder: boolean;
  readonly executable: boolean;
}

interface Offered {
  readonly value: string;
  readonly summary: string;
}

/** A word that can stand at the cursor. */
export interface Candidate extends Offered {
  /** The word is whole: a blank follows it. Not so for a folder or `--flag=`. */
  readonly whole: boolean;
}

/** What can stand at the cursor of a TSM command, best first: the verb's own declaration decides. */
export async function complete(line: Completing): Promise<Candidate[]> {
  const words = line.words[0] === "tsm" ? line.words.slice(1) : line.words;
  const [first, ...given] = words;
  if (first === undefined) return verbs(line);
  const entry = findVerb(line.registry, first.replace(/^\/(?=.)/, ""));
  if (entry === undefined) return [];
  const verb = await entry.load();
  const place = placeIn(verb, given);
  // The only offer that needs other verbs loaded: their summaries.
  if (place.valueOf === undefined && place.arg?.type.offers.kind === "verbs" && place.taken.length === 0)
    return verbs(line);
  return argumentsOf(verb, given, line);
}

/** What can stand at the cursor of a line for bash: programs first, then files. */
export function completeBash(line: Completing): Candidate[] {
  const begins = line.words.length === 0 || ["|", "&&", "||", ";", "sudo", "exec"].includes(line.words.at(-1) ?? "");
  return begins ? programsAndFiles(line, line.current) : files(line, line.current);
}

async function verbs(line: Completing): Promise<Candidate[]> {
  const slash = line.current.startsWith("/") ? "/" : "";
  const current = line.current.slice(slash.length);
  const loaded = await Promise.all(line.registry.map(async (entry) => ({ entry, verb: await entry.load() })));
  const offered = loaded
    .filter(({ verb }) => line.scope === "shell" || verb.scope !== "shell")
    .flatMap(({ entry, verb }) => {
      // An alias is offered when it is what was begun: `ls`, not twice the same verb.
      const aliases = entry.aliases.filter((alias) => current !== "" && alias.startsWith(current));
      const names = entry.name.startsWith(current) ? [entry.name] : aliases.length > 0 ? aliases : [entry.name];
      return names.map((name) => ({ value: name, summary: verb.summary }));
    });
  return matching(offered, current).map(({ value, summary }) => whole(slash + value, summary));
}

/** The place that the cursor has reached in a verb's declaration. */
interface Place {
  /** Words already given to the argument at the cursor. */
  readonly taken: readonly string[];
  /** undefined: no further argument. */
  readonly arg: Arg<unknown> | undefined;
  /** The flag whose value stands at the cursor. */
  readonly valueOf: Flag<unknown> | undefined;
  readonly flagsGiven: ReadonlySet<string>;
  /** After `--`, or after the first flag of a program: no flag of ours. */
  readonly flagsOver: boolean;
}

function argumentsOf(verb: AnyVerb, given: readonly string[], line: Completing): Candidate[] {
  const place = placeIn(verb, given);
  const { current } = line;
  if (place.valueOf?.type !== undefined) return offersOf(place.valueOf.type.offers, line, current, []);
  if (!place.flagsOver && current.startsWith("-")) {
    const equals = current.indexOf("=");
    if (equals === -1) return flagsOf(verb, place, current);
    const [name, value] = [current.slice(0, equals), current.slice(equals + 1)];
    const type = flagNamed(verb, name)?.flag.type;
    if (type === undefined) return [];
    return offersOf(type.offers, line, value, []).map((candidate) => ({
      ...candidate,
      value: `${name}=${candidate.value}`,
    }));
  }
  const offered = place.arg === undefined ? [] : argumentOffers(place.arg, place.taken, line);
  // What has to be named comes alone, so that the only process there is needs one Tab.
  const missing =
    offered.length > 0 && place.taken.length === 0 && !["any", "optional"].includes(place.arg?.arity ?? "");
  return current === "" && !place.flagsOver && !missing ? [...offered, ...flagsOf(verb, place, "")] : offered;
}

function placeIn(verb: AnyVerb, given: readonly string[]): Place {
  const args = Object.values(verb.args);
  const flagsGiven = new Set<string>();
  let flagsOver = false;
  let index = 0;
  let taken: string[] = [];
  for (let at = 0; at < given.length; at++) {
    const word = given[at] ?? "";
    if (!flagsOver && word === "--") {
      flagsOver = true;
      continue;
    }
    if (!flagsOver && word.startsWith("-") && word.length > 1) {
      const named = flagNamed(verb, word.split("=", 1)[0] ?? word);
      if (named !== undefined) {
        flagsGiven.add(named.name);
        const takesNext = named.flag.type !== undefined && named.flag.bare === undefined && !word.includes("=");
        if (takesNext && at === given.length - 1)
          return { taken, arg: args[index], valueOf: named.flag, flagsGiven, flagsOver };
        if (takesNext) at++;
        continue;
      }
      // Behind the name of a program, a flag that is not ours is the program's, and so is all that follows.
      if (args[index]?.arity === "command" && taken.length > 0) flagsOver = true;
    }
    const arity = args[index]?.arity;
    taken = [...taken, word];
    if (arity === "one" || arity === "optional") {
      index++;
      taken = [];
    }
  }
  return { taken, arg: args[index], valueOf: undefined, flagsGiven, flagsOver };
}

function argumentOffers(arg: Arg<unknown>, taken: readonly string[], line: Completing): Candidate[] {
  // A program's own arguments: nobody but the program knows them, and files are the best guess.
  if (arg.arity === "command" && taken.length > 0) return files(line, line.current);
  const offered = offersOf(arg.type.offers, line, line.current, taken);
  const several = arg.arity === "any" || arg.arity === "many";
  if (!several || arg.type.offers.kind !== "processes" || taken.length > 0) return offered;
  // `all` steps back behind a process that was begun: `a` means api-3000.
  const offersAll = line.current === "" ? offered.length > 1 : offered.length === 0 && "all".startsWith(line.current);
  return offersAll ? [...offered, whole("all", "all of them")] : offered;
}

function offersOf(offers: Offers, line: Completing, current: string, taken: readonly string[]): Candidate[] {
  const wholes = (offered: readonly Offered[]): Candidate[] =>
    matching(offered, current).map(({ value, summary }) => whole(value, summary));
  switch (offers.kind) {
    case "nothing":
      return [];
    case "words":
      return wholes(offers.words.filter(({ value }) => !taken.includes(value)));
    case "processes":
      return processes(line, current, offers.which, taken);
    case "files":
      return files(line, current, (file) => offers.endings?.some((ending) => file.name.endsWith(ending)) ?? true);
    case "folders":
      return files(line, current, () => false);
    case "env-files":
      return envFiles(line, current);
    case "programs":
      return programsAndFiles(line, current);
    case "verbs":
      return wholes(line.registry.map(({ name }) => ({ value: name, summary: "" })));
    case "settings":
      return wholes(Object.entries(settingsSchema).map(([value, { summary }]) => ({ value, summary })));
    case "outputs":
      return wholes(line.outputs().map((command, index) => ({ value: String(index + 1), summary: command })));
  }
}

function processes(
  line: Completing,
  current: string,
  which: "all" | "running" | "stopped",
  taken: readonly string[],
): Candidate[] {
  const left = line
    .summaries()
    .filter((process) => which === "all" || (which === "stopped") === isOver(process))
    .filter(({ id, name }) => !taken.includes(name) && !taken.includes(String(id)));
  const begun = left.filter(({ id, name }) => startsWith(name, current) || String(id).startsWith(current));
  const found = begun.length > 0 ? begun : left.filter(({ name }) => includes(name, current));
  return found.map((process) => whole(process.name, line.describe(process)));
}

function isOver({ status }: ProcessSummary): boolean {
  return status === "stopped" || status === "crashed";
}

function flagsOf(verb: AnyVerb, { flagsGiven }: Place, current: string): Candidate[] {
  const offered = Object.entries(verb.flags)
    .filter(([name]) => !flagsGiven.has(name))
    .map(([name, { summary, type }]) => ({
      value: `--${spelled(name)}`,
      summary: type === undefined ? summary : `${type.label}  ${summary}`,
    }));
  return offered.filter(({ value }) => value.startsWith(current)).map(({ value, summary }) => whole(value, summary));
}

function flagNamed(verb: AnyVerb, word: string): { name: string; flag: Flag<unknown> } | undefined {
  for (const [name, flag] of Object.entries(verb.flags)) {
    if (word === `--${spelled(name)}` || (flag.short !== undefined && word === `-${flag.short}`)) return { name, flag };
  }
  return undefined;
}

/** `keepLogs` is typed `--keep-logs`. */
function spelled(name: string): string {
  return name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}

function programsAndFiles(line: Completing, current: string): Candidate[] {
  const here = files(line, current);
  if (current === "" || /[/~]/.test(current)) return here;
  const programs = line.programs().filter((name) => name.startsWith(current));
  return [...here, ...programs.map((name) => whole(name, "program"))];
}

/** Files as typed so far, and folders on the way to others. Hidden ones only when asked for by their dot. */
function files(line: Completing, current: string, wanted: (file: FileEntry) => boolean = () => true): Candidate[] {
  const cut = current.lastIndexOf("/") + 1;
  const [folder, begun] = [current.slice(0, cut), current.slice(cut)];
  const seen = line
    .files(folder === "" ? "." : folder)
    .filter((file) => (file.folder || wanted(file)) && (begun.startsWith(".") || !file.name.startsWith(".")))
    .map((file) => ({ ...file, value: file.name, summary: file.folder ? "folder" : file.executable ? "program" : "" }));
  return matching(seen, begun).map((file) =>
    file.folder
      ? { value: `${folder}${file.name}/`, summary: file.summary, whole: false }
      : whole(folder + file.name, file.summary),
  );
}

/** `local` for `env/local.env`, and files that look like one. */
function envFiles(line: Completing, current: string): Candidate[] {
  const short = line
    .files("env")
    .filter(({ folder, name }) => !folder && name.endsWith(".env") && name !== ".env")
    .map(({ name }) => ({ value: name.slice(0, -".env".length), summary: `env/${name}` }));
  const hidden =
    current === "" ? line.files(".").filter(({ folder, name }) => !folder && /^\.env(\.|$)/.test(name)) : [];
  const named = files(line, current, ({ name }) => /(^|\.)env(\.|$)/.test(name));
  return [
    ...matching(short, current).map(({ value, summary }) => whole(value, summary)),
    ...hidden.map(({ name }) => whole(name, "")),
    ...named,
  ];
}

/** What begins so; when nothing does, what contains it. */
function matching<T extends Offered>(offered: readonly T[], current: string): T[] {
  const begun = offered.filter(({ value }) => startsWith(value, current));
  return begun.length > 0 ? begun : offered.filter(({ value }) => includes(value, current));
}

function startsWith(text: string, begun: string): boolean {
  return text.toLowerCase().startsWith(begun.toLowerCase());
}

function includes(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function whole(value: string, summary: string): Candidate {
  return { value, summary, whole: true };
}
