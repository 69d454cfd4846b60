import type { Identity } from "../platform/platform.ts";
import type { Listener } from "../platform/ports.ts";
import { isErrno, TsmError } from "./errors.ts";
import type { PortRange } from "./port-choice.ts";
import { lookForOwners, type Owner, type Owners } from "./port-owners.ts";
import { quoteLine } from "./quote.ts";
import { maskedArguments } from "./secrets.ts";
import type { World } from "./world.ts";

/** Somebody who listens. */
export interface Holder {
  /** undefined on a unix socket. */
  readonly port: number | null;
  /** Local addresses, or the path of a unix socket. */
  readonly addresses: readonly string[];
  /** null: another user's, which this one may not look into. */
  readonly pid: number | null;
  readonly owner: Owner["kind"] | "unknown";
  /** The name of the process that it belongs to, of this home or another. */
  readonly process: string | null;
  /** The other home. */
  readonly home: string | null;
  /** One shell-quoted line, secrets masked; "" where it cannot be read. */
  readonly command: string;
}

/** All that can be told of one. */
export interface HolderDetails extends Holder {
  readonly ageMs: number | null;
  readonly cwd: string | null;
}

/** Who listens on TCP ports, by port; a server with several addresses is one. */
export function holders(
  world: World,
  range: PortRange = { from: 1, to: 65_535 },
  owners: Owners = lookForOwners(world),
): Holder[] {
  const { ports } = world.platform;
  const listeners = range.from === range.to ? ports.listenersOn(range.from) : ports.listeners();
  const found = new Map<string, Listener[]>();
  for (const listener of listeners.filter(({ port }) => port >= range.from && port <= range.to)) {
    const key = `${listener.port} ${listener.pid}`;
    found.set(key, [...(found.get(key) ?? []), listener]);
  }
  return [...found.values()].map((same) => {
    const [{ port, pid }] = same as [Listener, ...Listener[]]; // no group is empty
    return { port, addresses: [...new Set(same.map(({ address }) => address))], ...whose(world, owners, pid) };
  });
}

/** Who listens on unix sockets. */
export function unixHolders(world: World, owners: Owners = lookForOwners(world)): Holder[] {
  return world.platform.ports
    .unixListeners()
    .map(({ path, pid }) => ({ port: null, addresses: [path], ...whose(world, owners, pid) }));
}

/** Who listens on this port, or on the unix socket with this path. */
export function holdersOf(world: World, place: number | string): HolderDetails[] {
  const owners = lookForOwners(world);
  const { processes, files } = world.platform;
  const found =
    typeof place === "number"
      ? holders(world, { from: place, to: place }, owners)
      : unixHolders(world, owners).filter(
          ({ addresses: [path = ""] }) => path === place || path === files.realPath(place),
        );
  const ages = processes.ages();
  return found.map((holder) => {
    const identity = holder.pid === null ? undefined : owners.identity(holder.pid);
    return {
      ...holder,
      ageMs: identity === undefined ? null : Math.round(ages(identity)),
      cwd: identity === undefined ? null : (processes.folder(identity) ?? null),
    };
  });
}

/** What became of a stranger. */
export interface Ended {
  readonly pid: number;
  /** It needed SIGKILL. */
  readonly forced: boolean;
}

/**
 * Ends those who listen, and only if they are still the same: TERM, and KILL to whoever is left after 5 seconds.
 * @throws TsmError SIGNAL_FAILED when one is another user's
 */
export async function endHolders(world: World, pids: readonly number[], signal: AbortSignal): Promise<Ended[]> {
  const { processes, clock } = world.platform;
  const self = processes.self().pid;
  const meant = pids.filter((pid) => pid !== self).flatMap((pid) => processes.identify(pid) ?? []);
  const alive = () => meant.filter((identity) => processes.isAlive(identity));
  for (const identity of meant) send(world, identity, "SIGTERM");
  const deadline = clock.monotonicMs() + patienceMs;
  while (alive().length > 0 && clock.monotonicMs() < deadline) await clock.sleep(10, signal);
  const forced = alive();
  for (const identity of forced) send(world, identity, "SIGKILL");
  while (alive().length > 0 && clock.monotonicMs() < deadline + patienceMs) await clock.sleep(5, signal);
  return meant.map((identity) => ({ pid: identity.pid, forced: forced.includes(identity) }));
}

const patienceMs = 5000;

function send({ platform: { processes } }: World, identity: Identity, signal: NodeJS.Signals): void {
  try {
    processes.signal(identity, signal);
    processes.signal(identity, "SIGCONT");
  } catch (error) {
    if (!isErrno(error, "EPERM")) throw error;
    throw new TsmError("SIGNAL_FAILED", `PID ${identity.pid} belongs to another user and may not be ended`, {
      hint: `sudo kill ${identity.pid}, if you may`,
    });
  }
}

function whose(
  { platform: { processes } }: World,
  owners: Owners,
  pid: number | undefined,
): Omit<Holder, "port" | "addresses"> {
  if (pid === undefined) return { pid: null, owner: "unknown", process: null, home: null, command: "" };
  const owner = owners.of(pid);
  return {
    pid,
    owner: owner.kind,
    process: owner.kind === "managed" ? owner.record.name : "name" in owner ? owner.name : null,
    home: owner.kind === "other-home" ? owner.home : null,
    command: quoteLine(maskedArguments(processes.commandLine(pid) ?? [])).slice(0, 300),
  };
}
