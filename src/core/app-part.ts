import type { Files } from "../platform/platform.ts";
import { isObject } from "./is-object.ts";
import type { WriteLaunchFile } from "./launch-stage.ts";
import { parsedJson } from "./parsed-json.ts";

/** What an ecosystem file, or `start -i`, makes of a process beyond what flags say of it. */
export interface AppPart {
  /** Absolute path, "-" for standard input, "" for none. */
  readonly file: string;
  /** What the file calls it: several instances have one name. */
  readonly name: string;
  /** Which of several it is; null: it is alone, and no variable says anything else. */
  readonly instance: number | null;
  /** The NAME of `env_NAME` that was asked for, "" for none. */
  readonly environment: string;
  readonly namespace: string;
  /** They win over the env file. */
  readonly variables: Readonly<Record<string, string>>;
  readonly instanceVariable: string;
  readonly incrementVariable: string;
  /** Of the caller's environment: all but what every program needs, or what has one of these in its name. */
  readonly filter: "all" | readonly string[];
  /** Commands, by event. */
  readonly hooks: Readonly<Record<string, string>>;
  /** Everything else that was said, as JSON by attribute: what a change is told from. */
  readonly said: Readonly<Record<string, string>>;
}

/** Which instance of its app: one that is alone is the first. */
export function instanceOf({ instance }: AppPart): number {
  return instance ?? 0;
}

/** Into the launch files: for the next restart, for the hooks of events, and for who asks what has changed. */
export function writeApp(write: WriteLaunchFile, app: AppPart): void {
  write("app.json", `${JSON.stringify(app)}\n`);
  for (const [event, command] of Object.entries(app.hooks)) write(`${event}.hook`, command);
}

/** undefined: it is no app's. What cannot be read is as if it were none. */
export function readApp(files: Files, folder: string): AppPart | undefined {
  const text = files.readText(`${folder}/app.json`);
  return text === undefined ? undefined : appFrom(parsedJson(text));
}

function appFrom(value: unknown): AppPart | undefined {
  if (!isObject(value)) return undefined;
  const { file, name, instance, environment, namespace, variables, instanceVariable, incrementVariable } = value;
  const { filter, hooks, said } = value;
  if (typeof file !== "string" || typeof name !== "string") return undefined;
  const text = (found: unknown) => (typeof found === "string" ? found : "");
  return {
    file,
    name,
    instance: Number.isInteger(instance) ? Number(instance) : null,
    environment: text(environment),
    namespace: text(namespace),
    variables: texts(variables),
    instanceVariable: text(instanceVariable),
    incrementVariable: text(incrementVariable),
    filter: filter === "all" ? filter : Array.isArray(filter) ? filter.map(text) : [],
    hooks: texts(hooks),
    said: texts(said),
  };
}

function texts(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (typeof each === "string" ? [[key, each] as const] : [])),
  );
}

/** The caller's environment as an app wants it: see `filter`. */
export function withoutFiltered(
  env: Record<string, string>,
  app: Pick<AppPart, "filter"> | undefined,
): Record<string, string> {
  const filter = app?.filter ?? [];
  if (filter.length === 0) return env;
  const stays = (name: string) => (filter === "all" ? needed.test(name) : !filter.some((part) => name.includes(part)));
  return Object.fromEntries(Object.entries(env).filter(([name]) => stays(name)));
}

/** Without these next to nothing runs. */
const needed = /^(?:PATH|HOME|PWD|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TERM|TZ|TMPDIR)$/;
