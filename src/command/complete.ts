import { defaultNamespace, type ProcessSummary } from "../core/process.ts";
import { endingOf } from "../core/script-endings.ts";
import { type Meanings, settingNamed, settingsSchema } from "../core/settings.ts";
import type { AnyVerb, Arg, Offers, ShellJob } from "./define.ts";
import { conditionOffers, orderOffers } from "./field-offers.ts";
import { matching, startsWith } from "./matching.ts";
import { meantBy } from "./meant.ts";
import { flagName } from "./parse.ts";
import { flagNamed, type Place, placeIn } from "./place.ts";
import { findVerb, isVerbName, type Registry, type VerbEntry } from "./registry.ts";

/** A line that is being typed, up to the cursor, and the world it speaks of. */
export interface Completing {
  /** The finished words before the cursor: `["stop"]`, also `["/stop"]` and `["tsm", "stop"]`. */
  readonly words: readonly string[];
  /** The word at the cursor, as far as it is typed. */
  readonly current: string;
  readonly registry: Registry;
  /** The person's own names for commands; none unless they are given. */
  readonly aliases?: Meanings;
  /** Verbs of the shell alone are offered in the shell alone. */
  readonly scope: "everywhere" | "shell";
  /** So many processes that begin so are enough: a proposal asks with each key whether there are two. */
  readonly most?: number;
  summaries(): readonly ProcessSummary[];
  /** What is said about a process beside its name. */
  describe(process: ProcessSummary): string;
  /** What a folder holds; nothing when it cannot be read. */
  files(folder: string): readonly FileEntry[];
  /** The programs in PATH. */
  programs(): readonly string[];
  /** The commands whose outputs are kept, the last first. */
  outputs(): readonly string[];
  /** What runs behind the prompt. */
  jobs(): readonly ShellJob[];
  /** The runs of a process, by its exact name, the oldest first. */
  runs(name: string): readonly Offered[];
  /** Every service, read when it is asked for. */
  services(): Promise<readonly OfferedService[]>;
}

/** What is known at once. */
type Line = Omit<Completing, "services">;

/** A service, and what is said beside it. */
export interface OfferedService extends Offered {
  readonly enabled: boolean;
  /** No service, but a stack of them. */
  readonly isStack?: boolean;
}

/** An entry of a folder. */
export interface FileEntry {
  readonly name: string;
  readonly folder: boolean;
  readonly executable: boolean;
}

/** A word, and what is said beside it. */
export interface Offered {
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
  const { name } = meantBy(line.words, line.registry, aliasesOf(line));
  const entry = name === undefined ? undefined : findVerb(line.registry, name);
  if (name !== undefined && entry === undefined) return [];
  const verb = await entry?.load();
  // The only offer that needs other verbs loaded: their summaries.
  const wanted = verb === undefined || offersVerbs(verb) ? line.registry : [];
  const loaded = new Map(await Promise.all(wanted.map(async (each) => [each, await each.load()] as const)));
  const services = verb !== undefined && offersServices(verb) ? await line.services() : [];
  return completeLoaded(line, (each) => (each === entry ? verb : loaded.get(each)), services);
}

/** The same at once, from the declarations that are loaded. */
export function completeLoaded(
  line: Line,
  verbOf: (entry: VerbEntry) => AnyVerb | undefined,
  services: readonly OfferedService[] = [],
): Candidate[] {
  const { name, given } = meantBy(line.words, line.registry, aliasesOf(line));
  if (name === undefined) return verbs(line, verbOf);
  const entry = findVerb(line.registry, name);
  const verb = entry === undefined ? undefined : verbOf(entry);
  if (verb === undefined) return [];
  const place = placeIn(verb, given);
  if (place.openFlag === undefined && place.arg?.type.offers.kind === "verbs" && place.taken.length === 0)
    return verbs(line, verbOf);
  return argumentsOf(verb, place, { ...line, known: services });
}

/** A line, and the services that may stand in it. */
interface Known extends Line {
  readonly known: readonly OfferedService[];
}

const noAliases: Meanings = new Map();

function aliasesOf({ aliases = noAliases }: Line): Meanings {
  return aliases;
}

function offersServices(verb: AnyVerb): boolean {
  return Object.values(verb.args).some(
    ({ type: { offers } }) =>
      ["services", "savable", "programs", "stacks"].includes(offers.kind) ||
      (offers.kind === "processes" && offers.services),
  );
}

function offersVerbs(verb: AnyVerb): boolean {
  return Object.values(verb.args).some((arg) => arg.type.offers.kind === "verbs");
}

/** What can stand at the cursor of a line for bash: programs first, then files. */
export function completeBash(line: Completing): Candidate[] {
  const begins =
    line.words.length === 0 || ["|", "&", "&&", "||", ";", "sudo", "exec"].includes(line.words.at(-1) ?? "");
  return begins ? programsAndFiles(line, line.current) : files(line, line.current);
}

function verbs(line: Line, verbOf: (entry: VerbEntry) => AnyVerb | undefined): Candidate[] {
  const slash = line.current.startsWith("/") ? "/" : "";
  const current = line.current.slice(slash.length);
  const offered = line.registry
    .map((entry) => ({ entry, verb: verbOf(entry) }))
    .filter(({ verb }) => line.scope === "shell" || verb?.scope !== "shell")
    .flatMap(({ entry, verb }) => {
      // An alias is offered when it is what was begun: `ls`, not twice the same verb.
      const aliases = entry.aliases.filter(
        (alias) => current !== "" && alias.startsWith(current) && !aliasesOf(line).has(alias),
      );
      const names = entry.name.startsWith(current) ? [entry.name] : aliases.length > 0 ? aliases : [entry.name];
      return names.map((name) => ({ value: name, summary: verb?.summary ?? "" }));
    });
  return matching([...offered, ...aliasNames(line, verbOf)], current, offeredValue).map(({ value, summary }) =>
    whole(slash + value, summary),
  );
}

/** Those whose verb can be run here. */
function aliasNames(line: Line, verbOf: (entry: VerbEntry) => AnyVerb | undefined): Offered[] {
  return [...aliasesOf(line)]
    .filter(([alias]) => {
      const { name = "", word } = meantBy([alias], line.registry, aliasesOf(line));
      const entry = findVerb(line.registry, name);
      const scope = entry === undefined ? undefined : verbOf(entry)?.scope;
      return (
        entry !== undefined && !isVerbName(line.registry, word ?? "") && (line.scope === "shell" || scope !== "shell")
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
  const together = namespaces(line, arg.type.offers.which).filter(
    ({ value }) => startsWith(value, line.current) && !taken.includes(value),
  );
  offered.push(...together.map(({ value, summary }) => whole(value, summary)));
  if (taken.length > 0) return offered;
  // `all` steps back behind a process that was begun: `a` means api-3000.
  const offersAll = line.current === "" ? offered.length > 1 : offered.length === 0 && "all".startsWith(line.current);
  return offersAll ? [...offered, whole("all", "all of them")] : offered;
}

function offersOf(offers: Offers, line: Known, current: string, taken: readonly string[]): Candidate[] {
  const wholes = (offered: readonly Offered[]): Candidate[] =>
    matching(offered, current, offeredValue).map(({ value, summary }) => whole(value, summary));
  switch (offers.kind) {
    case "nothing":
      return [];
    case "words":
      return wholes([
        ...offers.words.filter(({ value }) => !taken.includes(value)),
        ...(offers.namespaces === true ? namespaces(line, "all") : []),
      ]);
    case "processes":
      if (offers.jobs === true && current.startsWith("%")) return jobs(line, current, taken);
      return [
        ...processes(line, current, offers.which, taken),
        ...(offers.services ? servicesOf(line, current, "all", taken) : []),
        ...(offers.jobs === true && current === "" ? jobs(line, current, taken) : []),
      ];
    case "jobs":
      return jobs(line, current, taken);
    case "services":
      return servicesOf(line, current, offers.which, taken);
    case "stacks":
      return [
        ...matching(line.known.filter(isStack), current, offeredValue).map(({ value, summary }) =>
          whole(value, summary),
        ),
        ...(/^[./~]/.test(current) ? files(line, current, (file) => file.name.endsWith(".stack")) : []),
      ];
    case "savable":
      return savable(line, current);
    case "files":
      return files(line, current, (file) => offers.endings?.some((ending) => file.name.endsWith(ending)) ?? true);
    case "folders":
      return files(line, current, () => false);
    case "env-files":
      return envFiles(line, current);
    case "programs":
      return startable(line, current);
    case "verbs":
      return wholes(line.registry.map(({ name }) => ({ value: name, summary: "" })));
    case "settings":
      return settings(settingNamed(current));
    case "setting-values":
      return wholes(settingValues(line.words.at(-1)));
    case "aliases":
      return wholes([...aliasesOf(line)].map(([value, summary]) => ({ value, summary })));
    case "outputs":
      return wholes(line.outputs().map((command, index) => ({ value: String(index + 1), summary: command })));
    case "order":
      return orderOffers(current).map(({ value, summary }) => whole(value, summary));
    case "conditions":
      // More follows, behind a blank, which in our shell begins a quote.
      return conditionOffers(current).map(({ value, summary }) => ({
        value: line.scope === "shell" ? `${value} ` : value,
        summary,
        whole: false,
      }));
    case "runs":
      return wholes(runs(line));
    case "process-runs":
      return namedIn(line) === undefined
        ? processes(line, current, "all", taken)
        : wholes(runs(line).filter(({ value }) => !taken.includes(value)));
  }
}

function settings(current: string): Candidate[] {
  const offered = Object.entries(settingsSchema).map(([value, { summary }]) => ({ value, summary }));
  return matching(offered, current, offeredValue).map(({ value, summary }) => whole(value, summary));
}

/** Of the setting that stands before the value. */
function settingValues(name = ""): Offered[] {
  const schema = Object.entries(settingsSchema).find(([each]) => each === settingNamed(name))?.[1];
  if (schema === undefined || !("enum" in schema)) return [];
  return schema.enum.map((value) => ({ value, summary: value === schema.default ? "default" : "" }));
}

function processes(
  line: Line,
  current: string,
  which: "all" | "running" | "stopped",
  taken: readonly string[],
): Candidate[] {
  const isLeft = (process: ProcessSummary) =>
    (which === "all" || (which === "stopped") === isOver(process)) &&
    (taken.length === 0 || !(taken.includes(process.name) || taken.includes(String(process.id))));
  const lower = current.toLowerCase();
  const mayBeId = /^\d*$/.test(current);
  const all = line.summaries();
  const begun: ProcessSummary[] = [];
  for (const process of all) {
    if (begun.length === line.most) break;
    const begins = process.name.toLowerCase().startsWith(lower) || (mayBeId && String(process.id).startsWith(current));
    if (begins && isLeft(process)) begun.push(process);
  }
  const found = begun.length > 0 ? begun : matching(all.filter(isLeft), current, ({ name }) => name);
  return found.map((process) => new ProcessCandidate(process, line));
}

/** What several processes are called together, where no process is called so itself. */
function namespaces(line: Line, which: "all" | "running" | "stopped"): Offered[] {
  const counts = new Map<string, number>();
  const all = line.summaries();
  for (const process of all) {
    if (process.namespace === defaultNamespace || (which !== "all" && (which === "stopped") !== isOver(process)))
      continue;
    counts.set(process.namespace, (counts.get(process.namespace) ?? 0) + 1);
  }
  for (const { name } of all) counts.delete(name);
  return [...counts].map(([value, count]) => ({
    value,
    summary: `namespace, ${count === 1 ? "1 process" : `${count} processes`}`,
  }));
}

/** What is said about it is worked out for those that are shown. A class: a thousand getters of their own are 0.6 MB a key. */
class ProcessCandidate implements Candidate {
  readonly value: string;
  readonly whole = true;
  readonly #process: ProcessSummary;
  readonly #line: Line;

  constructor(process: ProcessSummary, line: Line) {
    this.value = process.name;
    this.#process = process;
    this.#line = line;
  }

  get summary(): string {
    return this.#line.describe(this.#process);
  }
}

/** As `%1`, which `1` begins too. */
function jobs(line: Line, current: string, taken: readonly string[]): Candidate[] {
  return line
    .jobs()
    .map(({ number, command }) => whole(`%${number}`, command))
    .filter(({ value }) => value.startsWith(current.replace(/^(?=\d)/, "%")) && !taken.includes(value));
}

/** The last first: it is what one wants most. */
function runs(line: Line): Offered[] {
  const named = namedIn(line);
  const known = named === undefined ? [] : line.runs(named.name).toReversed();
  return [{ value: "last", summary: known[0] === undefined ? "The last run" : `Run ${known[0].value}` }, ...known];
}

function namedIn(line: Line): ProcessSummary | undefined {
  return line.summaries().find(({ id, name }) => line.words.some((word) => word === name || word === String(id)));
}

/** By ORG/NAME; by NAME too once that is begun. */
function servicesOf(
  { known }: Known,
  current: string,
  which: "all" | "enabled" | "disabled",
  taken: readonly string[],
): Candidate[] {
  const left = known.filter(
    (each) =>
      !isStack(each) && !taken.includes(each.value) && (which === "all" || each.enabled === (which === "enabled")),
  );
  return matching(left, current, offeredValue).map(({ value, summary }) => whole(value, summary));
}

function isStack(offered: OfferedService): boolean {
  return offered.isStack === true;
}

/** Orgs, for a new service in one of them; services, to be replaced; processes, to be saved. */
function savable(line: Known, current: string): Candidate[] {
  const orgs = [
    ...new Set(line.known.filter((each) => !isStack(each)).map(({ value }) => value.split("/", 1)[0] ?? "")),
  ];
  const open = orgs
    .filter((org) => startsWith(`${org}/`, current) && !current.includes("/"))
    .map((org) => ({ value: `${org}/`, summary: "org", whole: false }));
  return [...open, ...servicesOf(line, current, "all", []), ...processes(line, current, "all", [])];
}

function isOver({ status }: ProcessSummary): boolean {
  return status === "stopped" || status === "crashed";
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

function programsAndFiles(line: Line, current: string): Candidate[] {
  const here = files(line, current);
  if (current === "" || /[/~]/.test(current)) return here;
  const programs = line.programs().filter((name) => name.startsWith(current));
  return [...here, ...programs.map((name) => whole(name, "program"))];
}

/** What `start` makes sense of: processes that rest, scripts and executables, and the programs of PATH once begun. */
function startable(line: Known, current: string): Candidate[] {
  const here = files(
    line,
    current,
    ({ name, executable }) => executable || endingOf(name) !== undefined || name.endsWith(".tsm"),
  );
  if (/[/~]/.test(current)) return [...here, ...servicesOf(line, current, "all", [])];
  const resting = processes(line, current, "stopped", []);
  const services = servicesOf(line, current, "all", []);
  const programs = current === "" ? [] : line.programs().filter((name) => name.startsWith(current));
  const found = [...resting, ...services, ...here, ...programs.map((name) => whole(name, "program"))];
  // Each source falls back on what only contains the letters; what begins with them in another is better.
  const begun = found.filter(({ value }) => startsWith(value, current));
  return begun.length > 0 ? begun : found;
}

/** Files as typed so far, and folders on the way to others. Hidden ones only when asked for by their dot. */
function files(line: Line, current: string, wanted: (file: FileEntry) => boolean = () => true): Candidate[] {
  const cut = current.lastIndexOf("/") + 1;
  const [folder, begun] = [current.slice(0, cut), current.slice(cut)];
  const seen = line
    .files(folder === "" ? "." : folder)
    .filter((file) => (file.folder || wanted(file)) && (begun.startsWith(".") || !file.name.startsWith(".")))
    .map((file) => ({ ...file, value: file.name, summary: file.folder ? "folder" : file.executable ? "program" : "" }));
  return matching(seen, begun, offeredValue).map((file) =>
    file.folder
      ? { value: `${folder}${file.name}/`, summary: file.summary, whole: false }
      : whole(folder + file.name, file.summary),
  );
}

/** `local` for `env/local.env`, and files that look like one. */
function envFiles(line: Line, current: string): Candidate[] {
  const short = line
    .files("env")
    .filter(({ folder, name }) => !folder && name.endsWith(".env") && name !== ".env")
    .map(({ name }) => ({ value: name.slice(0, -".env".length), summary: `env/${name}` }));
  const hidden =
    current === "" ? line.files(".").filter(({ folder, name }) => !folder && /^\.env(\.|$)/.test(name)) : [];
  const named = files(line, current, ({ name }) => /(^|\.)env(\.|$)/.test(name));
  return [
    ...matching(short, current, offeredValue).map(({ value, summary }) => whole(value, summary)),
    ...hidden.map(({ name }) => whole(name, "")),
    ...named,
  ];
}

function offeredValue({ value }: Offered): string {
  return value;
}

function whole(value: string, summary: string): Candidate {
  return { value, summary, whole: true };
}
