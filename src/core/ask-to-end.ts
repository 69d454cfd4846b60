import type { Identity } from "../platform/platform.ts";
import { isDiskUnwritable } from "./errors.ts";
import { processPaths } from "./home.ts";
import type { Policy } from "./policy.ts";
import type { ExitCause, ProcessRecord } from "./process.ts";
import type { Belonging } from "./tree.ts";
import type { World } from "./world.ts";

/** The runner's own KILL comes so much after ours: who was forced is counted here, and ended there if this `tsm` is gone. */
const runnerPatienceSeconds = 2;

/** How a process is asked to end. */
interface Asking {
  readonly timeoutSeconds: number;
  readonly killSignal: NodeJS.Signals;
  readonly by: ExitCause;
}

/** It passes its TERM on, as the kill signal, and does not restart. */
export function askRunner(
  world: World,
  record: ProcessRecord,
  runner: Identity,
  { timeoutSeconds, killSignal, by }: Asking,
): void {
  const how = killSignal === "SIGKILL" ? " KILL" : "";
  tellRunner(world, record, `${timeoutSeconds + runnerPatienceSeconds} ${by}${how}`);
  // It too may have been stopped, and then hears TERM only when it goes on.
  askOne(world, runner, "SIGTERM");
}

/** Where no runner passes it on. */
export function askGroup(
  world: World,
  leader: Identity | undefined,
  members: readonly Belonging[],
  { treekill, killSignal }: Pick<Policy, "treekill" | "killSignal">,
): void {
  const { processes } = world.platform;
  if (treekill && leader !== undefined && processes.signalGroup(leader, killSignal)) {
    // Whoever is stopped hears TERM only when it goes on.
    processes.signalGroup(leader, "SIGCONT");
    return;
  }
  // Without its leader a group's number may be anybody's: each of ours by itself.
  for (const { identity } of members) askOne(world, identity, killSignal);
}

/** Seconds until KILL, who wants it and, in place of its kill signal, KILL. On a full disk the runner goes by its own time: the KILL that counts is ours. */
function tellRunner({ platform: { files }, home }: World, record: ProcessRecord, request: string): void {
  try {
    files.writeWhole(processPaths(home, record.name).stop, `${request}\n`);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
  }
}

/** Whoever is stopped hears it only when it goes on. */
export function askOne({ platform: { processes } }: World, identity: Identity, signal: NodeJS.Signals): void {
  processes.signal(identity, signal);
  processes.signal(identity, "SIGCONT");
}
