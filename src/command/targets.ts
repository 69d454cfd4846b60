import { TsmError } from "../core/errors.ts";
import { inShort } from "../core/in-short.ts";
import { withoutPort } from "../core/names.ts";
import { nearest } from "../core/nearest.ts";
import { isLive } from "../core/observe.ts";
import type { ProcessRecord } from "../core/process.ts";
import { damagedRecord } from "../core/records.ts";
import { isEndless, isPattern, namesMeant, whyNoExpression, wordsOf } from "../core/resolve.ts";
import type { ParamType, Resolving } from "./define.ts";
import { onlyApps } from "./only-apps.ts";

/** Processes as people name them. All words are resolved before the verb touches any. */
export function process(which: "all" | "running" | "stopped" = "all"): ParamType<ProcessRecord> {
  return {
    ...base(which),
    async resolve(words, resolving) {
      const found = await resolveTargets(words, resolving);
      const { engine } = resolving;
      await agreedTo(
        words,
        which === "running" ? found.filter((record) => isLive(engine.observe(record).observed)) : found,
        resolving,
      );
      return found;
    },
  };
}

/** The same, and all of them where nobody is named. */
export function unnamedIsAll(): ParamType<ProcessRecord> {
  const every = process();
  return {
    ...every,
    resolve: async (words, resolving) => (await every.resolve?.(words.length === 0 ? ["*"] : words, resolving)) ?? [],
  };
}

/** What `kill` takes: processes, or all of them when nobody is named. */
export type Killed = ProcessRecord & { readonly unnamed: boolean };

export const killable: ParamType<Killed> = {
  ...base("running"),
  async resolve(words, resolving) {
    const unnamed = words.length === 0;
    const found = await process("running").resolve?.(unnamed ? ["*"] : words, resolving);
    return (found ?? []).map((record) => ({ ...record, unnamed }));
  },
};

/** What `delete` takes: a process, or the name of a damaged record. */
export type Deletable = { readonly name: string; readonly record: ProcessRecord | undefined };

export const deletable: ParamType<Deletable> = {
  ...base("all"),
  offers: { kind: "processes", which: "all", damaged: true },
  async resolve(words, resolving) {
    const damaged = resolving.engine.damaged().map((each) => each.name);
    const whole: Resolving = { ...resolving, leaveOut: () => undefined };
    const found: Deletable[] = [];
    for (const word of words) {
      const bad = resolving.only === undefined ? namesMeant(word, damaged) : [];
      found.push(...bad.map((name) => ({ name, record: undefined })));
      const isAlone = bad.length > 0 && (await resolving.engine.match(word)).kind === "none";
      if (isAlone || bad.includes(word)) continue;
      for (const record of await resolveTargets([word], whole)) found.push({ name: record.name, record });
    }
    const meant = [...new Map(found.map((each) => [each.name, each])).values()];
    await agreedTo(words, meant, resolving);
    return meant;
  },
};

/** What `logs` takes: a process, or a pattern, which also means those that are yet to come. */
export type LogTarget =
  | { readonly name: string; readonly record: ProcessRecord }
  | { readonly pattern: string /** Nobody fits it yet. */; readonly missing: TsmError | undefined };

export const logTarget: ParamType<LogTarget> = {
  ...base("all"),
  async resolve(words, resolving) {
    const patterns = await Promise.all(
      words.filter(isPattern).map(async (pattern) => ({ pattern, missing: await missingOf(pattern, resolving) })),
    );
    const met = words.filter((word) => !patterns.some(({ pattern, missing }) => pattern === word && missing));
    const found = met.length === 0 ? [] : await resolveTargets(met, resolving);
    return [...found.map((record) => ({ name: record.name, record })), ...patterns];
  },
};

async function missingOf(pattern: string, resolving: Resolving): Promise<TsmError | undefined> {
  try {
    await resolveTargets([pattern], resolving);
    return undefined;
  } catch (error) {
    if (error instanceof TsmError && error.code === "NOT_FOUND") return error;
    throw error;
  }
}

/**
 * Asks before something ends or goes that nobody named: `*`, a pattern or `$_` that means several. On the command line
 * the words are the shell's of the person and are taken at their word; a script in our own shell says `--yes` to `*`.
 * @throws TsmError when the answer is no, and when nobody can be asked
 */
async function agreedTo(
  words: readonly string[],
  found: readonly { readonly name: string }[],
  { effect, yes, inShell, unnamed, interactive, ask, verb }: Resolving,
): Promise<void> {
  if (effect !== "destroys" || yes || !inShell || found.length === 0) return;
  const everyone = words.some(isEveryone);
  // A namespace, or a script that several run: fewer words than processes.
  const several = unnamed || words.some(isPattern) || found.length > words.length;
  if (!everyone && (found.length === 1 || !several)) return;
  if (interactive && ask !== undefined) {
    if (await ask.confirm(`${verb} ${namesOf(found)}?`)) return;
    throw new TsmError("CANCELLED", "nothing was done");
  }
  if (!everyone) return;
  throw new TsmError("USAGE", `${verb} of all processes needs --yes where nobody can be asked`, {
    hint: `It would ${verb} ${namesOf(found)}`,
  });
}

/** As many as a question can hold. */
const namesShown = 10;

function namesOf(found: readonly { readonly name: string }[]): string {
  const names = found.slice(0, namesShown).map(({ name }) => name);
  const more = found.length > namesShown ? ` and ${found.length - namesShown} more` : "";
  return `${found.length === 1 ? "1 process" : `${found.length} processes`}: ${names.join(", ")}${more}`;
}

/** What `--yes` of a verb that destroys says in its help. */
export const noQuestion = "Do not ask before it is done to all, or to several by a pattern";

function base(which: "all" | "running" | "stopped") {
  return {
    label: "PROCESS",
    offers: { kind: "processes", which },
    // Words become processes all at once, in `resolve`.
    parse(): never {
      throw new Error("targets are resolved, not parsed");
    },
  } as const;
}

async function resolveTargets(words: readonly string[], resolving: Resolving): Promise<ProcessRecord[]> {
  const found = new Map<string, ProcessRecord>();
  for (const word of words) {
    for (const record of await resolveOne(word, resolving)) found.set(record.name, record);
    if (isPattern(word)) leaveOutDamaged(word, resolving);
  }
  return [...found.values()].sort((a, b) => a.tsm_id - b.tsm_id);
}

function leaveOutDamaged(word: string, { engine, leaveOut }: Resolving): void {
  const damaged = engine.damaged();
  const meant = namesMeant(
    word,
    damaged.map(({ name }) => name),
  );
  for (const each of damaged) if (meant.includes(each.name)) leaveOut(each);
}

async function resolveOne(word: string, resolving: Resolving): Promise<readonly ProcessRecord[]> {
  const words = wordsOf(word, resolving.engine.records());
  // As if each had been typed: one that nothing has is missed, and not the others.
  if (words.length > 1) {
    const found: ProcessRecord[] = [];
    for (const each of words) found.push(...(await resolveOne(each, resolving)));
    return found;
  }
  // As `start -`: to look at something nobody writes what it is called.
  if (word === "-" && resolving.effect !== "reads") return await namedOnInput(resolving);
  const match = await resolving.engine.match(word);
  const isFound = match.kind === "exact" && match.records.length > 0;
  // Digits are an id first, also one whose record cannot be read.
  const meansId = /^\d+$/.test(word);
  const isNamed = isFound && match.records.some(({ tsm_id: id, name }) => (meansId ? String(id) : name) === word);
  if (!isNamed && !isPattern(word)) resolving.engine.refuseUnrecorded(word);
  const byHand = !isFound && mayBeService.test(word) ? (await resolving.engine.services()).byHand(word) : undefined;
  if (byHand !== undefined) return await onlyApps(word, [byHand], resolving);
  if (match.kind === "exact") {
    if (match.records.length === 0 && !isEveryone(word) && resolving.only === undefined)
      throw notFound(word, resolving);
    return await onlyApps(word, match.records, resolving);
  }
  if (resolving.only !== undefined) return await onlyApps(word, [], resolving);
  if (match.kind === "ambiguous") return [await choose(word, match.records, resolving)];
  if (match.kind === "none") throw notFound(word, resolving);
  return [await guess(word, match.records, resolving)];
}

async function namedOnInput(resolving: Resolving): Promise<readonly ProcessRecord[]> {
  checkInput("-", resolving);
  const records = await (await resolving.engine.apps()).onInput();
  if (records.length > 0) return await onlyApps("-", records, resolving);
  throw new TsmError("NOT_FOUND", "no process is called as the apps on standard input are", {
    hint: "tsm list all shows every process",
  });
}

/** @throws TsmError where standard input is the person's */
export function checkInput(word: string, { inShell }: Pick<Resolving, "inShell">): void {
  if (word === "-" && inShell)
    throw new TsmError("USAGE", "in the shell nothing is written to standard input", { hint: "Name the file" });
}

const mayBeService = /^[^/*?]+\/[^/*?]+$/;

function isEveryone(word: string): boolean {
  return word === "*" || word === "all";
}

/** A part of several names: a picker for a person, the list of them for everybody else. */
async function choose(
  word: string,
  records: readonly ProcessRecord[],
  resolving: Resolving,
  how = "is a part of several names",
): Promise<ProcessRecord> {
  const { interactive, ask } = resolving;
  if (!interactive || ask === undefined) throw ambiguous(word, records);
  const choices = records.map((record) => {
    const { kind } = resolving.engine.observe(record).observed;
    const port = record.port === "none" ? "" : `, port ${record.port}`;
    return { value: record, label: `${record.tsm_id}: ${record.name} (${kind}${port})` };
  });
  const chosen = await ask.pick(`'${word}' ${how}. Which one?`, choices);
  if (chosen === undefined) throw new TsmError("CANCELLED", "nothing was chosen, nothing was done");
  return chosen;
}

const lettersOnly = "could be several";

/** Only scattered letters: good enough to look, never to change anything unless the person says yes to the name. */
async function guess(word: string, records: readonly ProcessRecord[], resolving: Resolving): Promise<ProcessRecord> {
  const [first] = records;
  if (first === undefined) throw notFound(word, resolving);
  if (resolving.effect === "reads") {
    if (records.length === 1) return first;
    return await choose(word, records, resolving, lettersOnly);
  }
  if (resolving.interactive && resolving.ask !== undefined) {
    if (records.length > 1) return await choose(word, records, resolving, lettersOnly);
    if (await resolving.ask.confirm(`${resolving.verb} '${first.name}' (#${first.tsm_id})?`)) return first;
    throw new TsmError("CANCELLED", `'${first.name}' was left as it is`);
  }
  const names = records.slice(0, 5).map((record) => record.name);
  throw new TsmError("NOT_CERTAIN", `process '${inShort(word)}' not found`, {
    hint: `Did you mean ${names.map((name) => `'${name}'`).join(" or ")}? ${resolving.verb} needs a part of the name: tsm ${resolving.verb} ${names[0]}`,
    candidates: records.map(candidate),
  });
}

function ambiguous(word: string, records: readonly ProcessRecord[]): TsmError {
  const lines = records.map((record) => `  ${record.tsm_id}: ${record.name}`);
  return new TsmError("AMBIGUOUS", [`ambiguous name '${inShort(word)}', matches:`, ...lines].join("\n"), {
    candidates: records.map(candidate),
  });
}

function notFound(word: string, { engine, verb }: Resolving): TsmError {
  const all = engine.damaged();
  const [bad] = namesMeant(
    word,
    all.map(({ name }) => name),
  );
  const damaged = all.find(({ name }) => name === bad);
  if (damaged !== undefined) {
    return damagedRecord(damaged);
  }
  if (isEndless(word)) {
    return new TsmError("USAGE", `'${inShort(word)}' would take for ever to be compared with the names`, {
      hint: "A group that is repeated is to repeat nothing itself: (a+)+ is a+",
    });
  }
  const fault = whyNoExpression(word);
  if (fault !== undefined) {
    const where = fault.column === undefined ? "" : `, at column ${fault.column}`;
    return new TsmError("USAGE", `'${inShort(word)}' is not a regular expression: ${fault.reason}${where}`, {
      hint: "A character that means itself has a \\ before it: '/a\\[b/'",
    });
  }
  const near = isPattern(word) ? [] : nearNames(word, engine.records());
  if (near.length > 0) {
    const names = near.map(({ name }) => `'${name}'`).join(" or ");
    return new TsmError("NOT_FOUND", `process '${inShort(word)}' not found`, {
      hint: `Did you mean ${names}?`,
      candidates: near.map(candidate),
    });
  }
  if (/^%\d+$/.test(word)) {
    throw new TsmError("NOT_FOUND", `process '${inShort(word)}' not found`, {
      hint: `In the shell stop ${word} ends a job`,
    });
  }
  if (verb === "kill" && /^-\d+$/.test(word)) {
    throw new TsmError("NOT_FOUND", `process '${word}' not found`, {
      hint: `A signal has its flag: tsm kill --signal ${word.slice(1)} NAME; alone, kill sends KILL`,
    });
  }
  const hint = isPattern(word)
    ? "No name fits the pattern; tsm list all shows every process"
    : engine.records().length === 0
      ? "There is no process yet: tsm start server.sh"
      : "tsm list all shows every process";
  return new TsmError("NOT_FOUND", `process '${inShort(word)}' not found`, { hint });
}

/** Processes whose name, with or without its port, is a slip away. Never acted on: only said. */
function nearNames(word: string, records: readonly ProcessRecord[]): ProcessRecord[] {
  const namesOf = (record: ProcessRecord) => [record.name, withoutPort(record.name, record.port)];
  const near = nearest(word, [...new Set(records.flatMap(namesOf))]);
  return records.filter((record) => namesOf(record).some((name) => near.includes(name))).slice(0, 3);
}

function candidate(record: ProcessRecord) {
  return { id: record.tsm_id, name: record.name };
}
