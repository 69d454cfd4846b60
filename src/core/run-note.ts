import { createHmac } from "node:crypto";
import { resolve } from "node:path";
import type { Files } from "../platform/platform.ts";
import { isErrno } from "./errors.ts";
import { type GitHead, gitHead } from "./git-head.ts";
import { isObject } from "./is-object.ts";
import type { LaunchSpec } from "./launch.ts";
import { writtenOversight } from "./oversight.ts";
import { parsedJson } from "./parsed-json.ts";
import { mask, maskedArguments, maskedLine, maskedValue } from "./secrets.ts";

/** What a process was started with, as far as it may be kept: no secret is in it. */
export interface RunNote {
  readonly argv: readonly Shown[];
  readonly cwd: string;
  /** What the process was handed, without what tsm itself adds. */
  readonly env: Readonly<Record<string, Shown>>;
  readonly git: GitHead | null;
  /** The files that say what runs, by what they are: `program`, `script`, `service`, `ecosystem file`, … */
  readonly sources: Readonly<Record<string, Shown>>;
  /** Everything else that was asked for, by its name: `restart`, `limits.nofile`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A text as it is; or what may be kept of it, and a mark by which another text is known for another. */
export type Shown = string | readonly [text: string, mark: string];

/** So long a text is kept as it is; of a longer one its beginning. */
const longestText = 300;
/** What is longer is not even looked through for secrets: of it the length is kept. */
const longestMasked = 4096;
const mostWords = 200;
const mostVariables = 1000;
/** A shorter one would be found in words that have nothing to do with it. */
const shortestSecret = 6;
const largestRead = 64 * 1024;

type Noted = Omit<LaunchSpec, "name" | "settleMs" | "restarts" | "id">;

/** @param key of the marks: without it nobody can try values until one fits. */
export function noteOf(files: Files, spec: Noted, key: string): RunNote {
  const { app, port } = spec;
  const env = Object.entries({
    ...spec.env,
    ...Object.fromEntries(spec.envFileValues),
    ...app?.variables,
    ...(port === "none" ? {} : { PORT: String(port) }),
  })
    // It is the folder again.
    .filter(([name]) => name !== "PWD")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, mostVariables);
  const secrets = env.flatMap(([name, value]) =>
    value.length >= shortestSecret && maskedValue(name, value) === mask ? [value] : [],
  );
  const shown = (value: string, masked: (value: string) => string) => shownText(value, masked, secrets, key);
  const masked = maskedArguments(spec.argv);
  return {
    argv: spec.argv.slice(0, mostWords).map((word, index) => shown(word, () => masked[index] ?? "")),
    cwd: spec.cwd,
    env: Object.fromEntries(env.map(([name, value]) => [name, shown(value, (text) => maskedValue(name, text))])),
    git: gitHead(files, spec.cwd) ?? null,
    sources: sourcesOf(files, spec, key),
    settings: settingsOf(spec, secrets),
  };
}

function shownText(value: string, masked: (value: string) => string, secrets: readonly string[], key: string): Shown {
  const text = value.length > longestMasked ? `(${value.length} characters)` : harmless(masked(value), secrets);
  const kept = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return kept === value ? value : [kept, markOf(value, key)];
}

/** Most values have nothing in them by which a secret could be known, and are not looked through. */
function harmless(text: string, secrets: readonly string[]): string {
  return /[\s=:]/.test(text) || secrets.some((secret) => text.includes(secret)) ? maskedLine(text, secrets) : text;
}

/** Short: it tells another value from this one, and is far from telling the value. */
function markOf(value: string | Uint8Array, key: string): string {
  return createHmac("sha256", key).update(value).digest("hex").slice(0, 8);
}

function sourcesOf(files: Files, spec: Noted, key: string): Record<string, Shown> {
  const { argv, cwd, service, app, envFile, preHook } = spec;
  const [program = "", script = ""] = argv;
  const marked = (path: string): Shown => {
    const mark = path.startsWith("/") ? markOfFile(files, path, key) : undefined;
    return mark === undefined ? path : [path, mark];
  };
  return {
    program: marked(program),
    // An option, or what only looks like a file, has no mark: then it is a word of the command and no more.
    ...Object.fromEntries(
      [["script", marked(resolve(cwd, script))] as const].filter(([, each]) => Array.isArray(each)),
    ),
    ...(service === "" ? {} : { service: marked(service) }),
    ...(app === undefined || app.file === "" ? {} : { "ecosystem file": marked(app.file) }),
    ...(app === undefined || app.environment === "" ? {} : { environment: app.environment }),
    // What it says is in the environment.
    ...(envFile === "" ? {} : { "env file": envFile }),
    ...(preHook.file === "" ? {} : { "pre-hook": marked(preHook.file) }),
  };
}

/** Of its text; of a large one, of its size and time. undefined where nobody may look, or it is no file. */
function markOfFile(files: Files, path: string, key: string): string | undefined {
  try {
    if (files.kind(path) !== "file") return undefined;
    const { size, modifiedMs } = files.stat(path) ?? { size: 0, modifiedMs: 0 };
    if (size > largestRead) return markOf(`${size} ${modifiedMs}`, key);
    return markOf(files.readRange(path, 0, size) ?? "", key);
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "EISDIR", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EIO")) return undefined;
    throw error;
  }
}

function settingsOf({ policy, namespace, dependsOn }: Noted, secrets: readonly string[]): Record<string, string> {
  const { restartAsked: _isNoSetting, oversight, ...asked } = policy;
  const all = { ...asked, ...writtenOversight(oversight), namespace, dependsOn };
  return Object.fromEntries(leavesOf(all, "").map(([name, value]) => [name, shortened(maskedLine(value, secrets))]));
}

/** `{ limits: { nofile: 3 } }` is `limits.nofile` and 3. What was not asked for is left out. */
function leavesOf(value: unknown, name: string): [name: string, value: string][] {
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return [];
  if (Array.isArray(value)) return [[name, value.map((each) => textOf(each)).join(", ")]];
  if (!isObject(value)) return [[name, textOf(value)]];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each, name === "" ? key : `${name}.${key}`));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function shortened(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

/** undefined for what is no note: somebody has damaged it. */
export function parseNote(text: string): RunNote | undefined {
  const value = parsedJson(text);
  if (!isObject(value)) return undefined;
  const { argv, cwd, env, git, sources, settings } = value;
  if (!Array.isArray(argv) || !argv.every(isShown) || typeof cwd !== "string") return undefined;
  if (!isObject(env) || !isObject(sources) || !isObject(settings)) return undefined;
  return {
    argv,
    cwd,
    env: allOf(env, isShown),
    git: parseHead(git),
    sources: allOf(sources, isShown),
    settings: allOf(settings, (each) => typeof each === "string"),
  };
}

function parseHead(value: unknown): GitHead | null {
  if (!isObject(value)) return null;
  const { head, branch } = value;
  if (typeof head !== "string" || !/^[0-9a-f]{40,64}$/.test(head)) return null;
  return { head, branch: typeof branch === "string" ? branch : undefined };
}

function isShown(value: unknown): value is Shown {
  return (
    typeof value === "string" ||
    (Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === "string"))
  );
}

function allOf<T>(value: Readonly<Record<string, unknown>>, is: (each: unknown) => each is T): Record<string, T> {
  return Object.fromEntries(Object.entries(value).flatMap(([name, each]) => (is(each) ? [[name, each] as const] : [])));
}
