import type { Clock, Identity, Platform } from "../platform/platform.ts";
import type { ProcessEntry } from "../platform/processes.ts";
import { restarting } from "./interrupted.ts";
import { livesIn, livingIdentity, observe, unlessRestarting } from "./observe.ts";
import {
  defaultNamespace,
  type LiveSummary,
  type Observed,
  type Process,
  type ProcessRecord,
  type ProcessSummary,
} from "./process.ts";
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
): LiveSummary[] {
  return [...summarizeEach(records, world, seen, restarts)];
}

/**
 * The same one by one, of one moment's table and clock all the same.
 * @param seen the table, where it has been read already: who is in it need not be asked for one by one.
 * @param restarts who is being restarted, from before the records were read: later that may be over. Of one record, which was
 * read anew, it is asked when that says that it rests.
 */
export function* summarizeEach(
  records: Iterable<ProcessRecord>,
  world: World,
  seen?: Table,
  restarts?: ReadonlySet<string>,
): Generator<LiveSummary> {
  const { platform } = world;
  const { processes } = platform;
  const table = once(() => seen ?? tableOf(processes.table()));
  const lives = seen === undefined && !processes.prefersTable ? processes : livesIn(table(), processes);
  const beingRestarted = once(() => restarts ?? restarting(world));
  const shared = { table, ages: once(() => processes.ages()), clock: platform.clock };
  for (const record of records) {
    const observed = unlessRestarting(observe(record, lives), () => beingRestarted().has(record.name));
    yield new Row({ record, observed }, shared);
  }
}

type Ages = ReturnType<Platform["processes"]["ages"]>;

/** What all rows of one look share, each read when it is first wanted. */
interface Shared {
  table(): Table;
  ages(): Ages;
  readonly clock: Clock;
}

/** A class, as a thousand of them live as long as a shell: accessors of their own would make each five times as large. */
class Row implements LiveSummary {
  readonly id: number;
  readonly name: string;
  readonly status: ProcessSummary["status"];
  readonly pid: number | null;
  readonly port: number | "none";
  readonly uptimeMs: number | null;
  readonly restarts: number;
  readonly type: string;
  readonly command: string;
  readonly cwd: string;
  readonly namespace: string;
  readonly supervised: boolean;
  readonly retryInMs: number | null;
  readonly unstableRestarts: number;
  readonly reason: string;
  readonly lastExit: ProcessRecord["last_exit"];
  readonly #identity: Identity | undefined;
  readonly #shared: Shared;
  #family: readonly ProcessEntry[] | undefined;

  constructor({ record, observed }: Process, shared: Shared) {
    const identity = livingIdentity(observed);
    this.id = record.tsm_id;
    this.name = record.name;
    this.status = observed.kind;
    this.pid = identity?.pid ?? null;
    this.port = record.port;
    this.uptimeMs = identity === undefined ? null : Math.round(shared.ages()(identity));
    this.restarts = record.restarts;
    this.type = record.process_type;
    this.command = record.command;
    this.cwd = record.cwd;
    this.namespace = record.namespace ?? defaultNamespace;
    this.supervised = !("supervised" in observed) || observed.supervised;
    this.retryInMs = retryIn(observed, shared.clock);
    this.unstableRestarts = record.unstable_restarts;
    this.reason = record.reason;
    this.lastExit = record.last_exit;
    this.#identity = identity;
    this.#shared = shared;
  }

  get cpu(): number | null {
    if (this.uptimeMs === null) return null;
    const cpuMs = this.#sum((member) => member.cpuMs);
    return Math.round((cpuMs / Math.max(this.uptimeMs, 1)) * 1000) / 10;
  }

  get memory(): number | null {
    return this.#identity === undefined ? null : this.#sum((member) => member.memoryBytes);
  }

  /** With what has been assigned to it too. */
  toJSON(): ProcessSummary {
    const { id, name, status, pid, port, uptimeMs, restarts, ...others } = this;
    return { id, name, status, pid, port, uptimeMs, restarts, cpu: this.cpu, memory: this.memory, ...others };
  }

  #sum(of: (member: ProcessEntry) => number): number {
    this.#family ??= this.#identity === undefined ? [] : familyOf(this.#identity, this.#shared.table());
    let total = 0;
    for (const member of this.#family) total += of(member);
    return total;
  }
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
