import { dirname, join } from "node:path";
import { isErrno } from "./errors.ts";
import { processPaths } from "./home.ts";
import { withoutPort } from "./names.ts";
import type { ExitCause, ProcessRecord } from "./process.ts";
import { savedEnvironment } from "./process-environment.ts";
import type { World } from "./world.ts";

const event = "pre_stop";

/**
 * Runs the hook `pre_stop` of a process that is about to be asked to end, and waits for it: until it is done, its time is
 * up, or the signal is aborted. Whatever comes of it, the stop goes on. Nothing is started where there is no such hook.
 */
export async function tellPreStop(
  world: World,
  record: ProcessRecord,
  by: ExitCause,
  signal: AbortSignal | undefined,
): Promise<void> {
  const hook = hookOf(world, record);
  if (hook === undefined) return;
  const { platform, home, programs } = world;
  const { files, spawner } = platform;
  // As it is set now: who waits is the one who may have made it shorter.
  const seconds = world.settings().hookTimeout;
  const subject = `"id":${record.tsm_id},"name":${JSON.stringify(record.name)}`;
  const told = join(dirname(programs.runner), "told.bash");
  const args = [told, hook.text, event, String(seconds), home.root, subject, ...(hook.isCommand ? ["-c"] : [])];
  const file = files.isExecutable("/bin/bash") ? "/bin/bash" : "bash";
  const cwd = files.kind(record.cwd) === "directory" ? record.cwd : "/";
  try {
    const env = environmentOf(world, record, by);
    await spawner.capture({ file, args, env, cwd }, seconds * 1000 + graceMs, signal ?? new AbortController().signal);
  } catch (error) {
    // No room for one more process, no bash, a folder nobody may enter: what is to end ends all the same.
    if (!isErrno(error, "EAGAIN", "ENOMEM", "ENOENT", "EACCES", "EMFILE", "ENFILE", "E2BIG")) throw error;
  }
}

/** Its own one ends it in time, and says so in the journal. */
const graceMs = 1000;

interface Hook {
  /** A command, or the path of a file. */
  readonly text: string;
  readonly isCommand: boolean;
}

/** The app's own, the service's, or the one for all; undefined: none. */
function hookOf({ platform: { files }, home }: World, record: ProcessRecord): Hook | undefined {
  const command = files.readText(`${processPaths(home, record.name).launch}/${event}.hook`);
  if (command !== undefined) return { text: command, isCommand: true };
  if (files.kind(home.hooks) !== "directory") return undefined;
  const service = withoutPort(record.name, record.port);
  const found = [`${service}.${event}`, event].map((name) => `${home.hooks}/${name}.sh`);
  const path = found.find((each) => files.kind(each) === "file");
  return path === undefined ? undefined : { text: path, isCommand: false };
}

/** As the process was given it, and what the hook is to know. The mark is none that a stop would end. */
function environmentOf(world: World, record: ProcessRecord, by: ExitCause): Record<string, string> {
  const own = {
    BASH_ENV: "",
    TSM_RUNNER: ".hook",
    TSM_EVENT: event,
    TSM_PID: String(record.pid),
    TSM_EXIT_CODE: "",
    TSM_EXIT_SIGNAL: "",
    TSM_EXIT_BY: by,
  };
  return { ...Object.fromEntries(savedEnvironment(world, record)), ...own };
}
