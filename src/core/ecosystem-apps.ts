import { basename } from "node:path";
import { kindOf, variables, WrongPart, WrongValue } from "./attribute-values.ts";
import { type AppSettings, attributeNamed, attributes, isMeaningless, spellings } from "./attributes.ts";
import { type EcosystemText, shownFile } from "./ecosystem-file.ts";
import { TsmError } from "./errors.ts";
import { isObject } from "./is-object.ts";
import { checkName } from "./names.ts";
import { nearest } from "./nearest.ts";
import { splitWords } from "./split-words.ts";

/** An app as the file says it, for one environment. */
export interface App {
  readonly name: string;
  readonly settings: AppSettings & { readonly script: string };
  /** `env`, and over it `env_NAME` of the environment that was asked for. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A file of apps. */
export interface Ecosystem {
  readonly file: string;
  readonly apps: readonly App[];
  /** What was passed over, each once, and what it printed. */
  readonly notes: readonly string[];
}

/**
 * @param env the NAME of `env_NAME`; undefined: `env` alone.
 * @param asked.isRemembered from an earlier start: who lacks it was said then.
 * @param asked.only of these and what they need it is said who lacks it; undefined: of all.
 * @throws TsmError BAD_DATA that names each value that cannot be what it should be
 */
export function readApps(
  { file, value, mark, printed }: EcosystemText,
  env: string | undefined,
  {
    isRemembered = false,
    only,
  }: { readonly isRemembered?: boolean; readonly only?: readonly string[] | undefined } = {},
): Ecosystem {
  const problems: string[] = [];
  const passed = new Passed(file);
  const declared = appsIn(value, passed);
  const deployed = deployedWith(value, env);
  if (Object.keys(deployed).length > 0) passed.ignored.delete("deploy");
  if (declared === undefined || declared.length === 0) {
    throw new TsmError("BAD_DATA", `${shownFile(file)} names no apps`, {
      hint: "It should be { apps: [{ name, script }] }, a list of apps, or one",
    });
  }
  const apps = declared.flatMap((each, index) => {
    const found = appFrom(each, { index, env, deployed, mark, passed, problems });
    return found === undefined ? [] : [found];
  });
  for (const [index, { name }] of apps.entries()) {
    const first = apps.findIndex((each) => each.name === name);
    if (first !== index) problems.push(`two apps are called '${name}'`);
  }
  if (problems.length > 0) {
    const more = problems.length > most ? [`and ${problems.length - most} more`] : [];
    const shown = problems.length === 1 ? problems : ["", ...problems.slice(0, most), ...more];
    throw new TsmError("BAD_DATA", `${shownFile(file)}: ${shown.join("\n  ")}`, { hint: "Nothing was done" });
  }
  const said = printed.slice(0, most).map((line) => `${basename(file)} says: ${line.slice(0, 200)}`);
  const lacking = isRemembered ? [] : passed.without.filter((name) => withNeeds(apps, only).has(name));
  return { file, apps, notes: [...passed.notes(env, lacking), ...said] };
}

function withNeeds(apps: readonly App[], only: readonly string[] | undefined): ReadonlySet<string> {
  const names = new Set(only ?? apps.map(({ name }) => name));
  // What is added on the way is gone through as well.
  for (const name of names)
    for (const need of apps.find((app) => app.name === name)?.settings.depends_on ?? []) names.add(need);
  return names;
}

const most = 10;

/** `apps`, `pm2`, a list, or one app; undefined where it is none of them. */
function appsIn(value: unknown, passed: Passed): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return undefined;
  const under =
    Object.entries(value).find(([key]) => key === "apps")?.[1] ??
    Object.entries(value).find(([key]) => key === "pm2")?.[1];
  if (under === undefined) return Object.keys(value).length === 0 ? undefined : [value];
  for (const key of Object.keys(value))
    if (key !== "apps" && key !== "pm2" && !key.startsWith("x-")) passed.ignored.add(key);
  return Array.isArray(under) ? under : [under];
}

/** `deploy.NAME.env`, over which every app says its own: all that a section for another program says of an app. */
function deployedWith(value: unknown, env: string | undefined): Readonly<Record<string, string>> {
  if (env === undefined || !isObject(value)) return {};
  const { [env]: place } = objectAt(value, "deploy");
  return isObject(place) ? (attempt(() => variables(objectAt(place, "env"))) ?? {}) : {};
}

function objectAt(value: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const { [key]: found } = value;
  return isObject(found) ? found : {};
}

interface Reading {
  readonly index: number;
  readonly env: string | undefined;
  readonly deployed: Readonly<Record<string, string>>;
  readonly mark: string;
  readonly passed: Passed;
  readonly problems: string[];
}

function appFrom(value: unknown, { index, env, deployed, mark, passed, problems }: Reading): App | undefined {
  const number = `app ${index + 1}`;
  if (!isObject(value) || mark in value) {
    problems.push(`${number} is ${kindOf(value, mark)} and should be an object`);
    return undefined;
  }
  const read = new Map<string, unknown>();
  const environments = new Map<string, Readonly<Record<string, string>>>();
  const found: string[] = [];
  const given = attempt(() => nameIn(value)) ?? number;
  const who = given === number ? number : `app '${given}'`;
  for (const [key, each] of Object.entries(value)) {
    if (each === null || each === undefined) continue;
    const name = attributeNamed(key);
    // `cwd: process.env.APP_DIR || ""` asks for nothing, as in pm2.
    if (each === "" && name !== undefined && !["name", "script", "env"].includes(name)) continue;
    try {
      if (name === "env" || /^env_\S+$/.test(key)) checkVariables(each, mark);
      if (name !== undefined) read.set(name, attributes[name].read(each));
      else if (/^env_\S+$/.test(key)) environments.set(key.slice("env_".length), variables(each));
      else if (isMeaningless(key)) passed.ignored.add(key);
      else if (!key.startsWith("x-")) passed.unknown.add(key);
    } catch (error) {
      if (!(error instanceof WrongValue)) throw error;
      // What was meant as variables may hold a secret.
      const what = key.startsWith("env") && typeof each === "string" ? "a text" : kindOf(each, mark);
      const fault = error instanceof WrongPart ? error.message : `is ${what} and should be ${error.message}`;
      found.push(`${who}: ${key} ${fault}`);
    }
  }
  // Each value was made by the reader of its own attribute.
  const settings = Object.fromEntries(read) as AppSettings;
  const { script } = settings;
  if (script === undefined && !found.some((problem) => /: (?:script|exec|cmd|command) is /.test(problem)))
    found.push(`${who}: it has no script`);
  if (environments.has(env ?? "")) passed.environments.add(env ?? "");
  for (const each of environments.keys()) passed.known.add(each);
  passed.cluster ||= settings.exec_mode === "cluster";
  const { listen_timeout: timeout, ready, wait_ready: waits } = settings;
  if (timeout !== undefined && ready === undefined && waits !== true) passed.neverReady.push(given);
  const { log_file: file, log, out_file: out, error_file: err } = settings;
  const hasApart = out !== undefined || err !== undefined;
  if (hasApart && [file, log].some((each) => typeof each === "string")) passed.noThird.push(given);
  const name = calledIn(settings, given === number ? undefined : given, env);
  if (!environments.has(env ?? "")) passed.without.push(name ?? who);
  if (name !== undefined) {
    try {
      checkName(name);
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      found.push(`${who}: ${error.message}`);
    }
  }
  problems.push(...found);
  if (found.length > 0 || script === undefined || name === undefined) return undefined;
  return {
    name,
    settings: { ...settings, script },
    variables: { ...deployed, ...settings.env, ...environments.get(env ?? "") },
  };
}

/** What is no text is carried as JSON, where JSON can hold it. */
function checkVariables(value: unknown, mark: string): void {
  if (!isObject(value)) return;
  if (mark in value) throw new WrongValue("an object of variables");
  const [odd] = Object.entries(value).find(([, each]) => JSON.stringify(each ?? null).includes(mark)) ?? [];
  if (odd !== undefined) throw new WrongPart(`has ${odd}, which cannot be written as a text`);
}

function nameIn(value: Readonly<Record<string, unknown>>): string | undefined {
  const found = Object.entries(value).find(([key]) => key === "name")?.[1];
  return found === undefined || found === null ? undefined : attributes.name.read(found);
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof WrongValue) return undefined;
    throw error;
  }
}

/** The script without its folder and ending where it has no name; `--env` and a prefix as the app wants them. */
function calledIn(settings: AppSettings, given: string | undefined, env: string | undefined): string | undefined {
  const program = splitWords(settings.script ?? "")?.[0] ?? settings.script;
  const base = given ?? (program === undefined ? undefined : basename(program).replace(/(?<=.)\.\w+$/, ""));
  if (base === undefined) return undefined;
  const behind = settings.append_env_to_name && env !== undefined ? `${base}-${env}` : base;
  const { name_prefix: prefix } = settings;
  return prefix === undefined || behind.includes(prefix) ? behind : `${prefix}:${behind}`;
}

/** What a file says that nobody here goes by: told once, whatever the number of apps. */
class Passed {
  readonly ignored = new Set<string>();
  readonly unknown = new Set<string>();
  /** The `env_NAME` that there are, and the one that was asked for. */
  readonly known = new Set<string>();
  readonly environments = new Set<string>();
  /** Apps that do not have it. */
  readonly without: string[] = [];
  /** Apps that say how long they may take to get ready, and not when they are. */
  readonly neverReady: string[] = [];
  /** Apps with a log for both streams beside those of each. */
  readonly noThird: string[] = [];
  cluster = false;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file === "-" ? file : basename(file);
  }

  notes(env: string | undefined, lacking: readonly string[]): string[] {
    const notes: string[] = [];
    const say = (what: string) => notes.push(`${this.#file}: ${what}`);
    if (this.ignored.size > 0) say(`ignored, as it means nothing here: ${[...this.ignored].join(", ")}`);
    for (const key of this.unknown) {
      const [near] = nearest(key, spellings);
      say(`'${key}' is not an attribute${near === undefined ? "" : `; did you mean '${near}'?`}`);
    }
    if (this.neverReady.length > 0)
      say(`listen_timeout of ${quoted(this.neverReady)} says nothing without wait_ready or ready`);
    if (this.noThird.length > 0)
      say(`log_file of ${quoted(this.noThird)} is not written: out_file and error_file hold it all`);
    if (this.cluster) say("exec_mode cluster: there is no cluster here, each instance is a process of its own");
    if (env !== undefined && !this.environments.has(env)) {
      const known = quoted([...this.known]);
      say(`no app has an env_${env}${known === "" ? "" : `; there is ${known}`}`);
    } else if (env !== undefined && lacking.length > 0) {
      say(
        `no env_${env} in ${quoted(lacking)}: what ${lacking.length === 1 ? "it is" : "they are"} given is env alone`,
      );
    }
    return notes;
  }
}

function quoted(names: readonly string[]): string {
  return names.map((each) => `'${each}'`).join(", ");
}
