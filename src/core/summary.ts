import type { Clock, Platform } from "../platform/platform.ts";
import { restarting } from "./interrupted.ts";
import { livesIn, livingIdentity, observe, unlessRestarting } from "./observe.ts";
import { defaultNamespace, type Observed, type Process, type ProcessRecord, type ProcessSummary } from "./process.ts";
import { familyOf, type Table, tableOf } from "./tree.ts";
import type { World } from "./world.ts";

/**
 * Rows for records, in their order. What the trees use (`cpu`, `memory`) is read when it is first asked for: the table
 * of all processes of the machine is most of the work, and a list in a pipe shows none of it.
 */
export function summarize(
  records: readonly ProcessRecord[],
  world: World,
  seen?: Table,
  restarts?: ReadonlySet<string>,
): ProcessSummary[] {
  return [...summarizeEach(records, world, seen, restarts)];
}

/**
 * The same one by one, of one moment's table and clock all the same.
 * @param seen the table, where it has been read already: who is in it need not be asked for one by one.
 * @param restarts who is being restarted, from before the records were read: later that may be over.
 */
export function* summarizeEach(
  records: Iterable<ProcessRecord>,
  world: World,
  seen?: Table,
  restarts = restarting(world),
): Generator<ProcessSummary> {
  const { platform } = world;
  const { processes } = platform;
  const table = once(() => seen ?? tableOf(processes.table()));
  const lives = seen === undefined && !processes.prefersTable ? processes : livesIn(table(), processes);
  const shared = { table, ages: once(() => processes.ages()), clock: platform.clock };
  for (const record of records) {
    const observed = unlessRestarting(observe(record, lives), () => restarts.has(record.name));
    yield summaryOf({ record, observed }, shared);
  }
}

type Ages = ReturnType<Platform["processes"]["ages"]>;

function summaryOf(
  { record, observed }: Process,
  { table, ages, clock }: { table(): Table; ages(): Ages; readonly clock: Clock },
): ProcessSummary {
  const identity = livingIdentity(observed);
  const uptimeMs = identity === undefined ? null : Math.round(ages()(identity));
  const family = once(() => (identity === undefined ? [] : familyOf(identity, table())));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    id: record.tsm_id,
    name: record.name,
    status: observed.kind,
    pid: identity?.pid ?? null,
    port: record.port,
    uptimeMs,
    restarts: record.restarts,
    get cpu() {
      if (uptimeMs === null) return null;
      const cpuMs = sum(family().map((member) => member.cpuMs));
      return Math.round((cpuMs / Math.max(uptimeMs, 1)) * 1000) / 10;
    },
    get memory() {
      return identity === undefined ? null : sum(family().map((member) => member.memoryBytes));
    },
    type: record.process_type,
    command: record.command,
    cwd: record.cwd,
    namespace: record.namespace ?? defaultNamespace,
    supervised: !("supervised" in observed) || observed.supervised,
    retryInMs: retryIn(observed, clock),
    unstableRestarts: record.unstable_restarts,
    reason: record.reason,
    lastExit: record.last_exit,
  };
}

function retryIn(observed: Observed, clock: Clock): number | null {
  if (observed.kind !== "waiting" || observed.retryAt === undefined) return null;
  const now = clock.sinceBootMs();
  return now === undefined ? null : Math.max(0, Math.round(observed.retryAt - now));
}

/** The same answer every time, worked out when it is first asked for. */
function once<T>(work: () => T): () => T {
  let done: { readonly answer: T } | undefined;
  return () => {
    done ??= { answer: work() };
    return done.answer;
  };
}
