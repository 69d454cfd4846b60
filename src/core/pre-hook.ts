import { dirname, isAbsolute, join } from "node:path";
import { parseEnvFile } from "./env-file.ts";
import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import type { LaunchSpec } from "./launch.ts";
import { nulEnded, type WriteLaunchFile } from "./launch-stage.ts";
import { withoutPort } from "./names.ts";
import type { Port } from "./port-choice.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** What is sourced in bash before a process takes its place. */
export interface PreHook {
  /** Absolute path; "" for none. */
  readonly file: string;
  /** Did a person name it, or none? Else each restart looks anew. */
  readonly asked: boolean;
}

/** What tell.bash adds to the environment of a hook that hears of an event. */
export const hookVariables = ["TSM_EVENT", "TSM_PID", "TSM_EXIT_CODE", "TSM_EXIT_SIGNAL", "TSM_EXIT_BY"] as const;

interface ForWhom {
  readonly name: string;
  readonly port: Port;
  readonly type: string;
}

/**
 * What was asked for, else `hooks/SERVICE.sh`, else `hooks/TYPE.sh`, else none.
 * @throws TsmError NO_FILE when it was asked for and is not there.
 */
export function choosePreHook(
  world: World,
  request: ForWhom & { readonly asked: string | undefined; readonly cwd: string },
): PreHook {
  const { asked, cwd } = request;
  if (asked === undefined) return { file: foundHook(world, request), asked: false };
  if (asked === "none") return { file: "", asked: true };
  const path = isAbsolute(asked) ? asked : join(cwd, asked);
  const named = `${world.home.hooks}/${asked}.sh`;
  const isName = !asked.includes("/") && isFile(world, named) && !isFile(world, path);
  return { file: isName ? named : existing(world, path), asked: true };
}

/** The same at a restart. @throws TsmError NO_FILE as above. */
export function preHookAgain(world: World, record: ProcessRecord, launchFolder: string): PreHook {
  const asked = world.platform.files.readText(`${launchFolder}/pre-hook-asked`) === "yes";
  if (!asked) return { file: foundHook(world, { ...record, type: record.process_type }), asked };
  return { file: record.prehook === "" ? "" : existing(world, record.prehook), asked };
}

/** Has it a pre-hook that is not done, or has failed: then its life ended with it? The hook's own time limit ends the wait. */
export function isInHook({ platform: { files }, home }: Pick<World, "platform" | "home">, name: string): boolean {
  return files.stat(processPaths(home, name).hooked)?.size === 0;
}

/** Into the launch files: for the runner and for the next restart. */
export function writePreHook(world: World, write: WriteLaunchFile, spec: LaunchSpec): void {
  const { preHook, lookup } = spec;
  const { files } = world.platform;
  if (preHook.asked) write("pre-hook-asked", "yes");
  if (lookup !== "") write("lookup", lookup);
  const { hooked } = processPaths(world.home, spec.name);
  if (preHook.file === "") {
    files.remove(hooked);
    return;
  }
  files.writeWhole(hooked, "");
  write("after-hook", nulEnded(afterHook(world, spec)));
  const words = [
    // Not to be sourced by the shell of the hook; the process gets its own back.
    "BASH_ENV=",
    files.isExecutable("/bin/bash") ? "/bin/bash" : "bash",
    "--noprofile",
    "--norc",
    "/dev/fd/6",
    preHook.file,
    String(world.settings().preHookTimeout),
    dirname(world.home.root),
    lookup,
  ];
  write("hook", nulEnded(words));
}

/**
 * Of the env file, what refers to variables that the hook may change (`PATH=/x:$PATH`): pre-hook.bash puts in what they
 * are by then. A reference is written as \x01NAME:FALLBACK\x02; a file that holds these bytes itself has none.
 */
function afterHook({ platform: { files } }: World, { envFile, envFileValues, app }: LaunchSpec): string[] {
  const bytes = envFile === "" ? undefined : files.readBytes(envFile);
  if (bytes === undefined || bytes.includes(1) || bytes.includes(2)) return [];
  const templates = parseEnvFile(bytes, envFile, (name, fallback) => `\x01${name}:${fallback}\x02`);
  return [...templates].flatMap(([name, template]) => {
    // PORT, our marks and an app's own win over the file; what has been changed since it was read, the next start sees.
    const isOwn = app?.variables[name] !== undefined;
    const isOurs = isOwn || name === "PORT" || name.startsWith("TSM_") || !envFileValues.has(name);
    return template.includes("\x01") && !isOurs ? [`${name}=${template}`] : [];
  });
}

function foundHook(world: World, { name, port, type }: ForWhom): string {
  const names = [withoutPort(name, port), type];
  return names.map((each) => `${world.home.hooks}/${each}.sh`).find((path) => isFile(world, path)) ?? "";
}

function isFile({ platform: { files } }: World, path: string): boolean {
  return files.kind(path) === "file";
}

function existing(world: World, path: string): string {
  const kind = world.platform.files.kind(path);
  if (kind === "file") return path;
  const what = kind === "directory" ? "is a folder" : kind === "missing" ? "does not exist" : "is not a file";
  throw new TsmError("NO_FILE", `the pre-hook ${path} ${what}`, {
    hint: `Name a file, or one of ${world.home.hooks} without its .sh; none goes without`,
  });
}
