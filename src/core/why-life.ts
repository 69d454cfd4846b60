import type { ExitCause } from "./process.ts";
import { quoteLine } from "./quote.ts";
import type { Silent } from "./silent.ts";
import type { Unanswered } from "./unanswered.ts";
import { type Holder, lastEvent, type WhyFacts } from "./why-facts.ts";
import { type Evidence, type Found, heldBy } from "./why-found.ts";

/** Why a process that runs, or is about to, is as it is. */
export type LifeCause =
  | { readonly cause: "fine" }
  | { readonly cause: "restarted"; readonly by: ExitCause; readonly why: string | null; readonly restarts: number }
  | { readonly cause: "unhealthy"; readonly why: string; readonly failures: number; readonly limit: number }
  | { readonly cause: "suspended" }
  | { readonly cause: "port-of-another"; readonly port: number; readonly holder: Holder }
  | { readonly cause: "other-port"; readonly port: number; readonly ports: readonly number[] }
  | { readonly cause: "not-listening"; readonly port: number; readonly upFor: number }
  | ({ readonly cause: "not-answering" } & Unanswered)
  | ({ readonly cause: "silent" } & Pick<Silent, "port" | "over" | "forMs">)
  | { readonly cause: "hook-running"; readonly hook: string }
  | { readonly cause: "getting-ready"; readonly ready: string; readonly timeoutMs: number; readonly upFor: number }
  | { readonly cause: "waiting-for-port"; readonly port: number | null; readonly holder: Holder | null }
  | { readonly cause: "starting" }
  | { readonly cause: "stopping" };

type Life = Found<LifeCause>;

export function lifeOf(facts: WhyFacts): Life {
  for (const rule of rules) {
    const found = rule(facts);
    if (found !== undefined) return found;
  }
  return sure({ cause: facts.status === "online" ? "fine" : "starting" }, wellSigns(facts));
}

const rules: readonly ((facts: WhyFacts) => Life | undefined)[] = [
  stopping,
  suspended,
  waiting,
  hook,
  gettingReady,
  unhealthy,
  unreachable,
  notAnswering,
  saysNothing,
  restarted,
];

function sure(cause: LifeCause, evidence: readonly Evidence[], fix: readonly string[] = []): Life {
  return { cause, confidence: "certain", evidence, fix, restart: false };
}

function stopping({ status }: WhyFacts): Life | undefined {
  return status === "stopping" ? sure({ cause: "stopping" }, []) : undefined;
}

function suspended({ suspended: is, record }: WhyFacts): Life | undefined {
  if (!is) return undefined;
  const text = `PID ${record.pid} is stopped by a signal (state T): it lives, and does nothing`;
  return sure(
    { cause: "suspended" },
    [{ from: "kernel", text }],
    [`tsm kill ${quoteLine([record.name])} --signal SIGCONT`],
  );
}

function waiting({ status, record, holder }: WhyFacts): Life | undefined {
  if (status !== "waiting") return undefined;
  const port = record.port === "none" ? null : record.port;
  if (record.reason === "" && holder === null) return sure({ cause: "starting" }, []);
  const held = holder === null ? undefined : heldBy(holder);
  return sure({ cause: "waiting-for-port", port, holder }, held === undefined ? [] : [held.evidence], held?.fix);
}

function hook({ hook: state, status, record }: WhyFacts): Life | undefined {
  if (state !== "running" || (status !== "online" && status !== "starting")) return undefined;
  return sure({ cause: "hook-running", hook: record.prehook }, [
    { from: "files", text: `the pre-hook is ${record.prehook}` },
  ]);
}

function gettingReady({ status, oversight: { ready, readyTimeoutMs }, upFor }: WhyFacts): Life | undefined {
  if (status !== "starting" || ready === null || upFor === null) return undefined;
  const cause = { cause: "getting-ready", ready, timeoutMs: readyTimeoutMs, upFor } as const;
  return sure(cause, [{ from: "record", text: `ready means ${ready}, within ${readyTimeoutMs / 1000} s` }]);
}

function unhealthy({ status, sightings: { health }, oversight, record }: WhyFacts): Life | undefined {
  // What was seen of the life before says nothing of this one.
  if (status !== "online" || health === null || health.why === null || health.at < record.start_time) return undefined;
  const cause = {
    cause: "unhealthy",
    why: health.why,
    failures: health.failures,
    limit: oversight.healthFailures,
  } as const;
  const text = `${oversight.health ?? "its probe"}: ${health.why}, ${health.failures} in a row of ${oversight.healthFailures} that restart it`;
  return sure(cause, [{ from: "patrol", text }], [`tsm logs ${quoteLine([record.name])}`]);
}

/** It runs, and nobody who asks at its port gets to it. */
function unreachable({ status, record, holder, ownPorts, upFor }: WhyFacts): Life | undefined {
  if (status !== "online" || record.port === "none" || ownPorts.includes(record.port)) return undefined;
  const { port } = record;
  if (holder !== null) {
    const { evidence, fix } = heldBy(holder);
    return { ...sure({ cause: "port-of-another", port, holder }, [evidence], fix), restart: true };
  }
  if (ownPorts.length > 0) {
    const text = `its tree listens on ${ownPorts.join(", ")} and not on ${port}`;
    return sure(
      { cause: "other-port", port, ports: ownPorts },
      [{ from: "ports", text }],
      [`tsm env ${quoteLine([record.name])}`],
    );
  }
  const text = `nobody listens on port ${port}`;
  return sure(
    { cause: "not-listening", port, upFor: upFor ?? 0 },
    [{ from: "ports", text }],
    [`tsm logs ${quoteLine([record.name])}`],
  );
}

/** It runs and listens, and whoever connects waits. */
function notAnswering({ status, record, unanswered }: WhyFacts): Life | undefined {
  if (status !== "online" || unanswered === null) return undefined;
  const { port, forMs } = unanswered;
  const name = quoteLine([record.name]);
  const text = `a connection to port ${port} was not accepted within ${Math.round(forMs / 1000)} s`;
  const found = sure({ cause: "not-answering", ...unanswered }, [{ from: "kernel", text }], [`tsm logs ${name}`]);
  return { ...found, restart: true };
}

/** It takes whoever connects, and lets them wait: it may be slow, and it may be no server of HTTP after all. */
function saysNothing({ status, record, silent }: WhyFacts): Life | undefined {
  if (status !== "online" || silent === null) return undefined;
  const { port, over, forMs, speaks } = silent;
  const asked = over === "tls" ? "GET / over TLS" : "GET /";
  const text = `it accepted a connection to port ${port}, and answered ${asked} with nothing within ${forMs / 1000} s`;
  const fix = [`tsm logs ${quoteLine([record.name])}`];
  const found = sure({ cause: "silent", port, over, forMs }, [{ from: "ports", text }, speaks], fix);
  return { ...found, confidence: "likely", restart: true };
}

/** It runs, and has not always done so. */
function restarted(facts: WhyFacts): Life | undefined {
  const { record, sightings, journal } = facts;
  const { last_exit: exit, restarts } = record;
  if (facts.status !== "online" || exit === null || restarts === 0 || exit.by === "user") return undefined;
  if (record.start_time - exit.at > longestWait) return undefined;
  const why = sightings.restarted?.by === exit.by ? sightings.restarted.why : null;
  const evidence: Evidence[] = [];
  const last = journal.findLast((line) => line.event === "exit" && line.exit?.at === exit.at);
  evidence.push({
    from: last === undefined ? "record" : "journal",
    text: `${last?.run === undefined ? "" : `run ${last.run}: `}${endText(exit)}, ${exit.uptime} s after its start`,
  });
  if (why !== null) evidence.push({ from: "patrol", text: why });
  const name = quoteLine([record.name]);
  const fix = exit.by === "crash" && last?.run !== undefined ? [`tsm logs ${name} --run ${last.run}`] : [];
  return sure({ cause: "restarted", by: exit.by, why, restarts }, [...evidence, ...wellSigns(facts)], fix);
}

/** Between an end and the start that it brought about (seconds). */
const longestWait = 24 * 3600;

function endText({ code, signal, by }: { code: number | null; signal: string | null; by: ExitCause }): string {
  const how = signal === null ? (code === null ? "ended unseen" : `exit code ${code}`) : signal;
  return by === "crash" ? how : `${how}, wanted by ${by}`;
}

function wellSigns(facts: WhyFacts): Evidence[] {
  const {
    record,
    ownPorts,
    sightings: { health },
    supervised,
    status,
  } = facts;
  const evidence: Evidence[] = [];
  if (status !== "online") return evidence;
  if (record.port !== "none" && ownPorts.includes(record.port))
    evidence.push({ from: "ports", text: `it listens on port ${record.port}` });
  if (health !== null && health.why === null && health.at >= record.start_time)
    evidence.push({ from: "patrol", text: "its health probe answers" });
  if (!supervised)
    evidence.push({
      from: "record",
      text: "no runner watches it at the moment: the ticker gives it one",
    });
  const adopted = lastEvent(facts, "start", "adopt");
  if (adopted?.event === "adopt")
    evidence.push({ from: "journal", text: "its runner was killed and another has taken over" });
  return evidence;
}
