import { basename } from "node:path";
import type { Identity } from "../platform/platform.ts";
import type { OldFacts } from "./old-facts.ts";
import { plainWords } from "./quote.ts";
import { runnerMark } from "./tree.ts";
import type { World } from "./world.ts";

/**
 * The process that an old record speaks of, if it lives. A pid is only a number: whoever bears it must also have begun when
 * the record says, and show the command that the record names; or it writes to the very log of the process.
 * @param logs where its logs are.
 */
export function livingOf(
  world: World,
  facts: OldFacts,
  pids: readonly number[],
  logs: readonly string[],
): Identity | undefined {
  const { processes } = world.platform;
  for (const pid of new Set([facts.pid, ...pids])) {
    if (pid === undefined || pid <= 1 || pid === processes.self().pid) continue;
    const identity = processes.identify(pid);
    if (identity === undefined || isOurs(world, pid)) continue;
    if (writesTo(world, identity, logs) || (began(world, identity, facts) && shows(world, pid, facts))) return identity;
  }
  return undefined;
}

/** Somebody's process of this program; or another user's, whom nobody could stop or start again. */
function isOurs({ platform: { processes } }: World, pid: number): boolean {
  const environment = processes.environment(pid);
  return environment === undefined || environment.has(runnerMark) || environment.has("TSM_ID");
}

function writesTo({ platform: { files, processes } }: World, identity: Identity, logs: readonly string[]): boolean {
  return [1, 2].some((descriptor) => {
    const inode = processes.openFile(identity, descriptor)?.inode;
    return inode !== undefined && logs.some((log) => files.stat(log)?.inode === inode);
  });
}

/** They looked at the clock when the process was up: a moment after the kernel did. */
function began({ platform: { processes, clock } }: World, identity: Identity, { startTime }: OldFacts): boolean {
  if (startTime === undefined) return true;
  const kernel = (clock.nowMs() - processes.ages()(identity)) / 1000;
  return startTime - kernel > -slackSeconds && startTime - kernel < 2 * slackSeconds;
}

const slackSeconds = 10;

/** Without a command on record its start must do; without either, nothing is known. */
function shows({ platform: { processes } }: World, pid: number, facts: OldFacts): boolean {
  const line = processes.commandLine(pid) ?? [];
  const { script, command } = facts;
  if (script === undefined && command === undefined) return facts.startTime !== undefined;
  return (script !== undefined && isScriptOf(script, line)) || (command !== undefined && isCommand(command, line));
}

/** `bash /srv/server.sh`, `./server.sh`: the whole path where there is one on both sides. */
function isScriptOf(script: string, line: readonly string[]): boolean {
  return line.some((word) =>
    word.startsWith("/") && script.startsWith("/") ? word === script : basename(word) === basename(script),
  );
}

/** The same words at the end, whatever interpreter stands before them; or a shell that was handed the line. */
function isCommand(command: string, line: readonly string[]): boolean {
  if (line.includes(command)) return true;
  const words = plainWords(command) ?? command.trim().split(/\s+/);
  const end = line.slice(-words.length);
  return (
    words.length > 0 &&
    end.length === words.length &&
    end.every((word, index) => word === words[index] || (index === 0 && isSameProgram(word, words[index] ?? "")))
  );
}

/** `/usr/bin/python3.11` and `python`. */
function isSameProgram(a: string, b: string): boolean {
  const plain = (path: string) => basename(path).replace(/[\d.]+$/, "");
  return plain(a) === plain(b) && plain(a) !== "";
}
