import { asking } from "./ask.ts";
import { isDiskUnwritable } from "./errors.ts";
import { processPaths } from "./home.ts";
import { runnerOf } from "./observe.ts";
import { isInHook } from "./pre-hook.ts";
import type { Probe } from "./probe.ts";
import type { ProcessRecord } from "./process.ts";
import { goodRecord } from "./records.ts";
import type { World } from "./world.ts";

/** How the wait for a life to get ready came out. */
export type Readiness =
  | { readonly kind: "ready" }
  /** That life is over, or another has begun. */
  | { readonly kind: "over" }
  | { readonly kind: "late"; readonly why: string };

/**
 * Asks again and again until this life of the process answers, is over, or the time is up. Then its runner is told,
 * for it alone writes the record: `online`, or to end what did not get ready.
 * @param life the record that names it: `starting`, with a pid.
 */
export async function awaitReady(
  world: World,
  life: ProcessRecord,
  { probe, timeoutMs, killSeconds }: { probe: Probe; timeoutMs: number; killSeconds: number },
  signal: AbortSignal,
): Promise<Readiness> {
  const { clock } = world.platform;
  const put = asking(world, life, probe);
  // What answers before that is not this process.
  const ask: typeof put = async (...how) =>
    isInHook(world, life.name) ? "its pre-hook is not done" : await put(...how);
  const begun = clock.monotonicMs();
  const deadline = begun + timeoutMs;
  while (true) {
    const remaining = Math.max(deadline - clock.monotonicMs(), leastAskMs);
    const answer = await whileItLives(world, life, (until) => ask(remaining, until), signal);
    if (answer === undefined) return isOnline(world, life) ? { kind: "ready" } : { kind: "over" };
    if (answer.why === undefined) {
      await tell(world, life, "ready", `${life.pid}\n`);
      return { kind: "ready" };
    }
    if (clock.monotonicMs() >= deadline) {
      const why = `not ready within ${timeoutMs / 1000} s: ${answer.why}`;
      // Into JSON, by a program that escapes nothing.
      const reason = JSON.stringify(why.replaceAll(/\p{Cc}+/gu, " ").slice(0, 300)).slice(1, -1);
      await tell(world, life, "failed", `${life.pid} ${killSeconds} ${reason}\n`);
      const end = clock.monotonicMs() + killSeconds * 1000 + endMs;
      while (isStarting(world, life) && clock.monotonicMs() < end) await clock.sleep(5);
      return { kind: "late", why };
    }
    const elapsed = clock.monotonicMs() - begun;
    // A command costs a process each time.
    const [least, most] = probe.kind === "command" ? [100, 1000] : [20, 500];
    await clock.sleep(Math.min(most, Math.max(least, elapsed / 10)), signal);
  }
}

/** After SIGKILL, until the runner has written that it is over. */
const endMs = 2000;
/** What never answers is asked for so long at least, whatever time there is. */
const leastAskMs = 100;

/** Does it; gives up with undefined as soon as the life is over or is known to be ready. */
async function whileItLives(
  world: World,
  life: ProcessRecord,
  act: (until: AbortSignal) => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<{ readonly why: string | undefined } | undefined> {
  const { clock } = world.platform;
  const until = new AbortController();
  try {
    if (!isStarting(world, life)) return undefined;
    const acting = act(until.signal).then((why) => ({ why }));
    while (true) {
      const done = await Promise.race([acting, clock.sleep(20, signal).then(() => undefined)]);
      // It may have ended between: what answered then was somebody else.
      if (!isStarting(world, life)) return undefined;
      if (done !== undefined) return done;
    }
  } finally {
    until.abort();
  }
}

function isStarting(world: World, life: ProcessRecord): boolean {
  const record = goodRecord(world, life.name);
  return record?.status === "starting" && isSameLife(record, life);
}

function isOnline(world: World, life: ProcessRecord): boolean {
  const record = goodRecord(world, life.name);
  return record?.status === "online" && isSameLife(record, life);
}

function isSameLife(a: ProcessRecord, b: ProcessRecord): boolean {
  return a.pid === b.pid && a.start_mark === b.start_mark && a.boot_id === b.boot_id;
}

/** Puts the request where the runner looks, and waits until it has done so: or is gone, and the next one is asked anew. */
async function tell(world: World, life: ProcessRecord, what: "ready" | "failed", request: string): Promise<void> {
  const { files, processes, clock } = world.platform;
  const path = processPaths(world.home, life.name)[what];
  try {
    files.writeWhole(path, request);
  } catch (error) {
    if (!isDiskUnwritable(error)) throw error;
    return;
  }
  const isUnheard = () => isStarting(world, life) && files.kind(path) === "file";
  const runner = () => {
    const record = goodRecord(world, life.name);
    return record === undefined ? undefined : runnerOf(record);
  };
  for (let hearing = runner(); hearing !== undefined && isUnheard() && processes.isAlive(hearing); hearing = runner()) {
    processes.signal(hearing, "SIGUSR1");
    // Heard at once, and asked again should it have been busy.
    for (let look = 0; look < 50 && isUnheard() && processes.isAlive(hearing); look += 1) await clock.sleep(4);
  }
}
