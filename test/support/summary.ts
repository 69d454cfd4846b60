import type { ProcessSummary, Status } from "../../src/core/process.ts";

/** A row of `list` as it could be, for what is tested without processes. */
export function summaryOf(id: number, name: string, status: Status, port: number | "none" = "none"): ProcessSummary {
  const up = status === "online";
  return {
    id,
    name,
    status,
    pid: up ? 1000 + id : null,
    port,
    uptimeMs: up ? 1000 : null,
    restarts: 0,
    cpu: null,
    memory: up ? 12_000_000 : null,
    type: "node",
    command: "",
    cwd: "",
    namespace: "default",
    supervised: up,
    retryInMs: null,
    unstableRestarts: 0,
    reason: "",
    lastExit: null,
  };
}
