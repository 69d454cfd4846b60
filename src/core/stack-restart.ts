import type { Started } from "./engine.ts";
import { TsmError } from "./errors.ts";
import { inLine } from "./needs.ts";
import { isLive, observe } from "./observe.ts";
import { plainRequest } from "./plain-request.ts";
import type { ProcessRecord } from "./process.ts";
import { readRecords } from "./records.ts";
import { restartAnew } from "./restart-anew.ts";
import { needsIn, readServices, type ServiceNode, type ServiceOutcome, startOne } from "./service-graph.ts";
import { serviceFileOf } from "./service-of.ts";
import type { ServicePlace } from "./service-store.ts";
import { type StartupRow, startupRow } from "./services.ts";
import { type Turn, Turns } from "./turns.ts";
import type { World } from "./world.ts";

/**
 * Ends what runs of these services from the last to the first, and begins all from the first to the last; what does not
 * run is started, and so is what they need beside them.
 */
export async function restartStack(
  world: World,
  services: readonly ServicePlace[],
  settleMs: number,
  startedAs: (record: ProcessRecord) => Started,
  signal: AbortSignal,
): Promise<StartupRow[]> {
  const nodes = await readServices(world, services, () => false, signal);
  const line = inLine(needsIn(nodes));
  const done = new Map<string, ServiceOutcome>();
  const liveOf = (file: string) => readRecords(world).records.filter((record) => isLiveOf(world, record, file));
  const isOnline = (record: ProcessRecord) => observe(record, world.platform.processes).kind === "online";
  const goesOn = (file: string, before: string) => {
    const isNeeded = nodes.get(file)?.needs.includes(before) ?? false;
    return !isNeeded || liveOf(before).some(isOnline);
  };
  const turns = new Turns(line, goesOn, (file) => nodes.get(file)?.place.ref ?? file);
  const inStack = new Set(services.map(({ file }) => file));
  const act = async (node: ServiceNode, turn: Turn): Promise<StartupRow> => {
    const { place } = node;
    const [first, ...others] = inStack.has(place.file) ? liveOf(place.file) : [];
    if (first === undefined) {
      await turn.mayEnd;
      turn.ended();
      await turn.mayBegin();
      const outcome = await startOne(world, node, [...done.values()], plainRequest(settleMs), signal);
      done.set(place.file, outcome);
      if (outcome.result instanceof TsmError) throw outcome.result;
      return startupRow(outcome, startedAs);
    }
    const options = { timeoutSeconds: undefined, settleMs };
    const { record } = await restartAnew(world, first.name, { ...options, turn }, signal);
    for (const { name } of others) await restartAnew(world, name, options, signal);
    const service = {
      ref: place.ref,
      file: place.file,
      name: record.name,
      alreadyRunning: false,
      ran: null,
      gone: false,
    };
    done.set(place.file, { place, result: { record, replaced: undefined, service } });
    return { ref: place.ref, outcome: "restarted", process: startedAs(record), problem: null };
  };
  return await Promise.all(
    [...line.keys()].map(async (file): Promise<StartupRow> => {
      const node = nodes.get(file);
      if (node === undefined) throw new Error("what is restarted was read");
      try {
        return await turns.take(file, (turn) => act(node, turn));
      } catch (error) {
        if (!(error instanceof TsmError)) throw error;
        return { ref: node.place.ref, outcome: "failed", process: null, problem: error.message };
      }
    }),
  );
}

function isLiveOf(world: World, record: ProcessRecord, file: string): boolean {
  return serviceFileOf(world, record.name) === file && isLive(observe(record, world.platform.processes));
}
