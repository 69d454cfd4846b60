import type { StartRequest } from "./plan.ts";
import { defaultPolicy } from "./policy.ts";

/** The settle time of what somebody stays with for as long as it lives. */
export const unwatched = -1;

/** What `start` is asked for when nobody asks for anything: a service says the rest. */
export function plainRequest(settleMs: number): StartRequest {
  const { limits: _limits, streams: _streams, ...policy } = defaultPolicy;
  return {
    words: [],
    beforeDashes: undefined,
    name: undefined,
    port: undefined,
    env: undefined,
    cwd: undefined,
    interpreter: undefined,
    policy,
    limits: { nice: undefined, openFiles: undefined, processes: undefined, user: undefined, group: undefined },
    streams: {
      out: undefined,
      err: undefined,
      both: undefined,
      merged: false,
      disabled: false,
      time: false,
      format: undefined,
      json: false,
    },
    settleMs,
    service: "",
    noExec: false,
  };
}
