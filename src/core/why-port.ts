import { isLive, livingIdentity, observe } from "./observe.ts";
import { type PortClaim, portClaims } from "./port-conflicts.ts";
import { type HolderDetails, holdersOf } from "./port-holders.ts";
import type { ProcessRecord } from "./process.ts";
import { quoteLine, quoteWord } from "./quote.ts";
import { readRecords } from "./records.ts";
import type { Silent } from "./silent.ts";
import { type Unanswered, unanswered } from "./unanswered.ts";
import { silentAt } from "./why-gather.ts";
import type { World } from "./world.ts";

/** Why a port is not free, or nobody answers there. */
export interface WhyPort {
  readonly port: number;
  /** `own`: by the process that declares it; `other`: by one of this home that does not. */
  readonly cause: "own" | "other" | "orphan" | "other-home" | "stranger" | "unknown" | "free";
  readonly holders: readonly HolderSince[];
  /** Who has declared it, and whether that runs. */
  readonly wantedBy: readonly Wanting[];
  /** Who listens there is one of ours, and takes nobody; null: it does, or that is not known. */
  readonly unanswered: Unanswered | null;
  /** It takes whoever connects, is to speak HTTP, and says nothing; null: it does, or that is not known. */
  readonly silent: Silent | null;
  /** What frees it; or starts what should listen there. */
  readonly fix: readonly string[];
}

/** Who listens, and since when (epoch seconds). */
export interface HolderSince extends HolderDetails {
  readonly since: number | null;
}

interface Wanting extends PortClaim {
  /** null: it is no process. */
  readonly runs: boolean | null;
}

export async function whyPort(world: World, port: number, signal: AbortSignal): Promise<WhyPort> {
  const now = world.platform.clock.nowMs();
  const holders = holdersOf(world, port).map((holder) => ({
    ...holder,
    since: holder.ageMs === null ? null : Math.round((now - holder.ageMs) / 1000),
  }));
  const { records } = readRecords(world);
  const claims = [...((await portClaims(world, records)).get(port)?.values() ?? [])];
  const recordOf = ({ by, name }: PortClaim) => records.find((each) => by === "process" && each.name === name);
  const runs = (record: ProcessRecord) => isLive(observe(record, world.platform.processes));
  const wantedBy = claims.map((claim) => {
    const record = recordOf(claim);
    return { ...claim, runs: record === undefined ? null : runs(record) };
  });
  const cause = causeOf(holders, claims);
  const own =
    cause === "own" || cause === "other" ? records.find(({ name }) => name === holders[0]?.process) : undefined;
  const identity = own === undefined ? undefined : livingIdentity(observe(own, world.platform.processes));
  const waits = identity === undefined ? undefined : await unanswered(world, identity, port, signal);
  const mute =
    identity === undefined || own === undefined || waits !== undefined
      ? undefined
      : await silentAt(world, own, identity, port, signal);
  const isIll = waits !== undefined || mute !== undefined;
  const better = isIll && own !== undefined ? [`tsm why ${quoteLine([own.name])}`] : [];
  const fix = [...better, ...fixOf(port, cause, wantedBy)];
  return { port, cause, holders, wantedBy, unanswered: waits ?? null, silent: mute ?? null, fix };
}

function causeOf(holders: readonly HolderDetails[], claims: readonly PortClaim[]): WhyPort["cause"] {
  const [first] = holders;
  if (first === undefined) return "free";
  const isDeclaring = ({ owner, process }: HolderDetails) =>
    owner === "managed" && claims.some(({ by, name }) => by === "process" && name === process);
  if (holders.some(isDeclaring)) return "own";
  switch (first.owner) {
    case "managed":
      return "other";
    case "orphan":
    case "damaged":
      return "orphan";
    case "other-home":
    case "stranger":
    case "unknown":
      return first.owner;
  }
}

function fixOf(port: number, cause: WhyPort["cause"], wantedBy: readonly Wanting[]): string[] {
  switch (cause) {
    case "own":
    case "other":
      return [`tsm ports claim ${port}`];
    case "orphan":
    case "other-home":
    case "stranger":
      return [`tsm ports claim ${port} --force`];
    case "unknown":
      return [`sudo tsm ports claim ${port} --force`];
    case "free":
      return wantedBy.flatMap(({ by, name, runs }) => {
        if (by === "registry") return [];
        if (by === "service") return [`tsm start ${quoteWord(name)}`];
        // It runs and does not listen: why says more of it.
        return [runs === true ? `tsm why ${quoteWord(name)}` : `tsm start ${quoteWord(name)}`];
      });
  }
}
