import type { Files } from "../platform/platform.ts";
import { TsmError } from "./errors.ts";
import type { WriteLaunchFile } from "./launch-stage.ts";
import { type Limits, noLimits, readLimits } from "./limits.ts";
import { type LogChoice, plainLogs, readLogChoice } from "./log-files.ts";
import { type AskedLogLimits, noLogLimits, readLogLimits } from "./log-limits.ts";
import { noOversight, type Oversight, readOversight, writtenOversight } from "./oversight.ts";
import { parsedJson } from "./parsed-json.ts";
import type { RestartPolicy } from "./process.ts";

/** When a process is brought back, how it is ended, and within which limits it runs. The runner is handed these numbers. */
export interface Policy {
  readonly restart: RestartPolicy;
  /** Did a person ask for it? By default, what does not come through its own start is not brought back. */
  readonly restartAsked: boolean;
  /** A fixed wait before each restart instead of the backoff; null: backoff (at once, 100 ms, 200 ms, …). */
  readonly restartDelayMs: number | null;
  readonly maxBackoffMs: number;
  /** The wait before the first restart too, twice as long before each next one; null: at once, then 100 ms. */
  readonly backoffMs: number | null;
  /** Up for so long, a process counts as stable and the backoff begins anew. */
  readonly minUptimeMs: number;
  /** Unstable restarts in a row, then `crashed`. */
  readonly maxRestarts: number;
  /** Codes after which it rests whatever the policy. */
  readonly stopExitCodes: readonly number[];
  readonly killSignal: (typeof killSignals)[number];
  /** Between the kill signal and SIGKILL. */
  readonly killTimeoutSeconds: number;
  /** A stop ends what the process has started too. */
  readonly treekill: boolean;
  /** Absolute path of a file that holds its pid while it runs; null: none but our own. */
  readonly pidFile: string | null;
  /** Variables that begin so are not taken from the caller's environment. */
  readonly filterEnv: readonly string[];
  readonly limits: Limits;
  readonly streams: LogChoice;
  readonly oversight: Oversight;
  readonly logs: AskedLogLimits;
}

export const defaultPolicy: Policy = {
  restart: "on-failure",
  restartAsked: false,
  restartDelayMs: null,
  maxBackoffMs: 30_000,
  backoffMs: null,
  minUptimeMs: 10_000,
  maxRestarts: 16,
  stopExitCodes: [],
  killSignal: "SIGTERM",
  killTimeoutSeconds: 5,
  treekill: true,
  pidFile: null,
  filterEnv: [],
  limits: noLimits,
  streams: plainLogs,
  oversight: noOversight,
  logs: noLogLimits,
};

/** Beside the launch files, so that a restart, an adoption and a boot follow the same policy. */
export function writePolicy(write: WriteLaunchFile, policy: Policy): void {
  write("policy.json", `${JSON.stringify(writtenPolicy(policy), null, 2)}\n`);
}

/** As JSON holds it. */
export function writtenPolicy(policy: Policy): object {
  return { ...policy, oversight: writtenOversight(policy.oversight) };
}

/**
 * The policy on record, for whoever starts a process by it; a number that makes no sense is as it would be by default.
 * @throws TsmError BAD_DATA when there is none: by the defaults it could run as root, or without its limits.
 */
export function readPolicy(files: Files, folder: string, restart: RestartPolicy): Policy {
  const text = files.readText(`${folder}/policy.json`);
  const value = text === undefined ? undefined : parsed(text);
  if (value !== undefined) return policyFrom(value, restart);
  throw new TsmError("BAD_DATA", `${folder}/policy.json is ${text === undefined ? "missing" : "damaged"}`, {
    hint: "Delete the process and start it anew",
  });
}

/** The same for whoever ends or shows a process, and starts none: the defaults where there is none to be read. */
export function knownPolicy(files: Files, folder: string, restart: RestartPolicy): Policy {
  try {
    return readPolicy(files, folder, restart);
  } catch (error) {
    if (!(error instanceof TsmError) || error.code !== "BAD_DATA") throw error;
    return { ...defaultPolicy, restart };
  }
}

/** What `writtenPolicy` has written; as `readPolicy` does. */
export function policyFrom(value: Readonly<Record<string, unknown>>, restart: RestartPolicy): Policy {
  const number = (key: string, fallback: number): number => {
    const found = value[key];
    return typeof found === "number" && Number.isFinite(found) && found >= 0 ? found : fallback;
  };
  const delay = value["restartDelayMs"];
  const codes = value["stopExitCodes"];
  const pidFile = value["pidFile"];
  const filterEnv = value["filterEnv"];
  return {
    restart,
    restartAsked: value["restartAsked"] !== false,
    restartDelayMs: typeof delay === "number" && delay >= 0 ? delay : null,
    maxBackoffMs: number("maxBackoffMs", defaultPolicy.maxBackoffMs),
    backoffMs: number("backoffMs", 0) || null,
    minUptimeMs: number("minUptimeMs", defaultPolicy.minUptimeMs),
    maxRestarts: number("maxRestarts", defaultPolicy.maxRestarts),
    stopExitCodes: Array.isArray(codes) ? codes.filter((code) => Number.isInteger(code)) : [],
    killSignal: killSignals.find((name) => name === value["killSignal"]) ?? defaultPolicy.killSignal,
    killTimeoutSeconds: number("killTimeoutSeconds", defaultPolicy.killTimeoutSeconds),
    treekill: value["treekill"] !== false,
    pidFile: typeof pidFile === "string" && pidFile.startsWith("/") ? pidFile : null,
    filterEnv: Array.isArray(filterEnv) ? filterEnv.filter((each) => typeof each === "string" && each !== "") : [],
    limits: readLimits(value["limits"]),
    streams: readLogChoice(value["streams"]),
    oversight: readOversight(value["oversight"]),
    logs: readLogLimits(value["logs"]),
  };
}

/** Signals with which a process may be asked to end. */
export const killSignals = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL"] as const;

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parsedJson(text);
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
}
