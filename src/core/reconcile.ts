import { livingIdentity, observe } from "./observe.ts";
import { type Holder, holders, unixHolders } from "./port-holders.ts";
import { lookForOwners } from "./port-owners.ts";
import { promisedPorts } from "./port-registry.ts";
import type { ProcessRecord, Status } from "./process.ts";
import type { World } from "./world.ts";

/** What is declared held against what the kernel says. */
export interface Reconciliation {
  readonly processes: readonly ReconciledProcess[];
  /** Listeners that no process of this home is. */
  readonly orphans: readonly Holder[];
  readonly correct: number;
  readonly warnings: number;
  readonly mismatches: number;
}

export interface ReconciledProcess {
  readonly id: number | null;
  readonly name: string;
  readonly status: Status | "declared";
  readonly declared: number | null;
  readonly actual: readonly number[];
  /** Unix sockets that it listens on. */
  readonly sockets: readonly string[];
  readonly verdict: "correct" | "warning" | "mismatch";
  readonly why: string;
  readonly heldBy: Holder | null;
}

/** Every process that runs or declares a port, every promise of the registry, and everybody else who listens. */
export function reconcile(world: World): Reconciliation {
  const owners = lookForOwners(world);
  const tcp = holders(world, undefined, owners);
  const unix = unixHolders(world, owners);
  const processes: ReconciledProcess[] = owners.records.flatMap((record) => reconciled(world, record, tcp, unix) ?? []);
  const known = new Set(owners.records.map(({ port }) => port));
  for (const { name, port } of promisedPorts(world)) {
    if (known.has(port)) continue;
    const heldBy = tcp.find((holder) => holder.port === port) ?? null;
    const why = heldBy === null ? "" : `port ${port} of the registry is held by ${holderText(heldBy)}`;
    const none = { id: null, actual: [], sockets: [], status: "declared" } as const;
    if (heldBy !== null) processes.push({ ...none, name, declared: port, verdict: "warning", why, heldBy });
  }
  const count = (verdict: ReconciledProcess["verdict"]) => processes.filter((each) => each.verdict === verdict).length;
  return {
    processes,
    orphans: tcp.filter(({ owner }) => owner !== "managed"),
    correct: count("correct"),
    warnings: count("warning"),
    mismatches: count("mismatch"),
  };
}

function reconciled(
  world: World,
  record: ProcessRecord,
  tcp: readonly Holder[],
  unix: readonly Holder[],
): ReconciledProcess | undefined {
  const observed = observe(record, world.platform.processes);
  const own = (all: readonly Holder[]) =>
    all.filter((holder) => holder.owner === "managed" && holder.process === record.name);
  const actual = [...new Set(own(tcp).flatMap(({ port }) => port ?? []))];
  const sockets = own(unix).flatMap(({ addresses }) => addresses);
  const declared = record.port === "none" ? null : record.port;
  const heldBy =
    declared === null || actual.includes(declared) ? null : (tcp.find((holder) => holder.port === declared) ?? null);
  const runs = livingIdentity(observed) !== undefined;
  const about = { id: record.tsm_id, name: record.name, status: observed.kind, declared, actual, sockets, heldBy };
  const verdict = (is: ReconciledProcess["verdict"], why: string) => ({ ...about, verdict: is, why });
  if (!runs) {
    if (declared === null || heldBy === null) return undefined;
    return verdict("warning", `${observed.kind}, and port ${declared} is held by ${holderText(heldBy)}`);
  }
  const found = [...actual.map(String), ...sockets.map((path) => `unix:${path}`)];
  if (declared === null) {
    if (actual.length > 0) return verdict("warning", `no port declared, listens on ${found.join(", ")}`);
    return sockets.length === 0 ? undefined : verdict("correct", `no port declared, listens on ${found.join(", ")}`);
  }
  if (actual.includes(declared)) {
    const others = found.filter((each) => each !== String(declared));
    return verdict("correct", `port ${declared}${others.length === 0 ? "" : `, also ${others.join(", ")}`}`);
  }
  // A root's process that became another user: that somebody listens can be seen, and not who.
  if (heldBy !== null && heldBy.owner === "unknown" && found.length === 0)
    return verdict("warning", `somebody listens on port ${declared}, and whether it is this one cannot be seen`);
  if (observed.kind === "starting") return verdict("warning", `declared=${declared}, and it is still starting`);
  const held = heldBy === null ? "" : `; port ${declared} is held by ${holderText(heldBy)}`;
  return verdict("mismatch", `declared=${declared}, actual=${found.length === 0 ? "none" : found.join(",")}${held}`);
}

/** `PID 12 (node x.js)`, `'api-3000'`. */
export function holderText({ pid, process, owner, command }: Holder): string {
  if (pid === null) return "another user's process";
  if (owner === "managed") return `'${process}' (PID ${pid})`;
  return `PID ${pid}${command === "" ? "" : ` (${command.slice(0, 80)})`}`;
}
