import type { DeedBy } from "./deeds.ts";
import type { ExitCause } from "./process.ts";
import type { Holder } from "./why-facts.ts";
import type { Evidence, Found } from "./why-found.ts";
import type { Said } from "./why-words.ts";

/** Why a process does not run. */
export type Cause =
  | { readonly cause: "stopped-by-person"; readonly verb: "stop" | "kill" | null; readonly by: DeedBy | null }
  | { readonly cause: "never-started" }
  | { readonly cause: "machine-restarted" }
  | { readonly cause: "restart-failed"; readonly by: ExitCause | null; readonly why: string; readonly problem: string }
  | { readonly cause: "done" }
  | { readonly cause: "stop-exit-code" }
  | { readonly cause: "hook-failed"; readonly hook: string }
  | { readonly cause: "not-ready-in-time"; readonly why: string }
  | { readonly cause: "folder-gone"; readonly folder: string }
  | { readonly cause: "folder-closed"; readonly folder: string }
  | { readonly cause: "program-gone"; readonly program: string }
  | { readonly cause: "not-executable"; readonly program: string }
  | { readonly cause: "script-gone"; readonly script: string }
  /** limit: its own, which it ran into. child: not itself, but what it had started. */
  | { readonly cause: "oom-killed"; readonly limit: number | null; readonly child: KilledChild | null }
  | { readonly cause: "signalled-by-person"; readonly signal: string }
  | { readonly cause: "killed"; readonly signal: string; readonly oom: "no" | "not known" }
  | { readonly cause: "fault"; readonly signal: string }
  | { readonly cause: "limit-exceeded"; readonly signal: string }
  | { readonly cause: "dependency-down"; readonly service: string }
  | { readonly cause: "ended-by-tsm"; readonly by: ExitCause; readonly why: string | null }
  | { readonly cause: "ended-unseen" }
  | Exclude<Said, { cause: "port-taken" }>
  | { readonly cause: "port-taken"; readonly port: number | null; readonly holder: Holder | null }
  | { readonly cause: "exit" };

interface KilledChild {
  readonly pid: number;
  readonly name: string;
}

export type End = Found<Cause>;

export function certain(cause: Cause, evidence: readonly Evidence[], fix: readonly string[] = [], restart = true): End {
  return { cause, confidence: "certain", evidence, fix, restart };
}

export function likely(cause: Cause, evidence: readonly Evidence[], fix: readonly string[] = []): End {
  return { cause, confidence: "likely", evidence, fix, restart: true };
}
