import { TsmError } from "./errors.ts";
import { restarting } from "./interrupted.ts";
import { livingIdentity, observe, unlessRestarting } from "./observe.ts";
import type { Observed, ProcessRecord, Status } from "./process.ts";
import { quoteWord } from "./quote.ts";
import { goodRecord } from "./records.ts";
import { familyOf, tableOf } from "./tree.ts";
import type { World } from "./world.ts";

/** What can be waited for: that it is up, that it has ended without a crash, that its tree listens on a port. */
export type Condition =
  | { readonly kind: "online" }
  | { readonly kind: "stopped" }
  | { readonly kind: "port"; readonly port: number };

/** A condition that came true. */
export interface Waited {
  readonly name: string;
  readonly status: Status;
  readonly waitedMs: number;
}

/** A person does not see the difference; a look costs less than a millisecond. */
const [leastPauseMs, mostPauseMs] = [20, 200];

/**
 * Looks until it is true.
 * @throws TsmError TIMED_OUT, or UNREACHABLE when nothing that runs will ever make it true
 */
export async function waitFor(
  world: World,
  name: string,
  condition: Condition,
  timeoutMs: number | undefined,
  signal: AbortSignal,
): Promise<Waited> {
  const { clock, processes } = world.platform;
  const begun = clock.monotonicMs();
  while (true) {
    const record = goodRecord(world, name);
    // A record goes when what it is of has ended.
    const observed: Observed =
      record === undefined
        ? { kind: "stopped" }
        : unlessRestarting(observe(record, processes), () => restarting(world).has(name));
    const waitedMs = Math.round(clock.monotonicMs() - begun);
    if (holds(world, condition, observed)) return { name, status: observed.kind, waitedMs };
    if (record === undefined) throw unreachable(name, "was deleted", condition);
    if (isFinal(world, record, observed))
      throw unreachable(name, observed.kind === "crashed" ? "has crashed" : "is stopped", condition);
    if (timeoutMs !== undefined && waitedMs >= timeoutMs) {
      throw new TsmError(
        "TIMED_OUT",
        `'${name}' ${notYet(condition)} after ${timeoutMs / 1000} s: it is ${observed.kind}`,
        {
          hint: `tsm info ${quoteWord(name)} shows more`,
        },
      );
    }
    const pause = Math.min(mostPauseMs, Math.max(leastPauseMs, waitedMs / 10));
    await clock.sleep(Math.min(pause, timeoutMs === undefined ? pause : Math.max(1, timeoutMs - waitedMs)), signal);
  }
}

function holds({ platform }: World, condition: Condition, observed: Observed): boolean {
  if (condition.kind !== "port") return observed.kind === condition.kind;
  const identity = livingIdentity(observed);
  if (identity === undefined) return false;
  const family = familyOf(identity, tableOf(platform.processes.table()));
  return platform.ports.portsOf(family.map(({ pid }) => pid)).includes(condition.port);
}

/** At rest, written down as such, and not between the two halves of a restart: only a new command changes it. */
function isFinal({ platform: { files }, home }: World, record: ProcessRecord, observed: Observed): boolean {
  const rests = observed.kind === "stopped" || observed.kind === "crashed";
  return rests && record.status === observed.kind && files.kind(`${home.underWay}/${record.name}`) === "missing";
}

function unreachable(name: string, what: string, condition: Condition): TsmError {
  const never = { online: "be online", stopped: "be stopped", port: "listen" }[condition.kind];
  return new TsmError("UNREACHABLE", `'${name}' ${what} and nothing brings it back: it will not ${never}`, {
    hint:
      what === "was deleted" ? "tsm list all shows every process" : `tsm restart ${quoteWord(name)} starts it again`,
  });
}

function notYet(condition: Condition): string {
  return condition.kind === "port" ? `does not listen on port ${condition.port}` : `is not ${condition.kind}`;
}
