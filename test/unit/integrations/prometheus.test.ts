import parse from "parse-prometheus-text-format";
import { expect, test } from "vitest";
import type { ProcessSummary } from "../../../src/core/process.ts";
import type { ProcessUse } from "../../../src/core/usage.ts";
import { familiesOf, prometheusText } from "../../../src/integrations/prometheus.ts";

const summary: ProcessSummary = {
  id: 0,
  name: "api-3000",
  status: "online",
  pid: 7,
  port: 3000,
  uptimeMs: 1500,
  restarts: 2,
  namespace: "default",
  cpu: 0,
  memory: 0,
  type: "node",
  command: "",
  cwd: "/",
  supervised: true,
  retryInMs: null,
  unstableRestarts: 0,
  reason: "",
  lastExit: { code: 3, signal: null, core: false, at: 1, uptime: 1, by: "crash" },
};
const online: ProcessUse = { summary, use: { cpuMs: 2500, memoryBytes: 1_048_576, members: 3 } };
const hostile = 'a "b" \\ c\nd \\n {} = # é 日本';
const stopped: ProcessUse = {
  summary: {
    ...summary,
    id: 1,
    name: hostile,
    status: "stopped",
    pid: null,
    port: "none",
    uptimeMs: null,
    lastExit: null,
  },
  use: undefined,
};

const read = (processes: readonly ProcessUse[]) =>
  new Map(parse(prometheusText(familiesOf(processes))).map((family) => [family.name, family]));

test("a parser of Prometheus text reads back what was said, hostile names and all", () => {
  const families = read([online, stopped]);
  const values = (name: string) =>
    families.get(name)?.metrics.map(({ value, labels }) => [labels?.["name"], labels?.["id"], Number(value)]);
  expect(values("tsm_process_up")).toEqual([
    ["api-3000", "0", 1],
    [hostile, "1", 0],
  ]);
  expect(values("tsm_process_cpu_seconds_total")).toEqual([["api-3000", "0", 2.5]]);
  expect(values("tsm_process_resident_memory_bytes")).toEqual([["api-3000", "0", 1_048_576]]);
  expect(values("tsm_process_members")).toEqual([["api-3000", "0", 3]]);
  expect(values("tsm_process_uptime_seconds")).toEqual([["api-3000", "0", 1.5]]);
  expect(values("tsm_process_restarts_total")?.map(([, , value]) => value)).toEqual([2, 2]);
  expect(values("tsm_process_last_exit_code")).toEqual([["api-3000", "0", 3]]);
  expect(families.get("tsm_process_info")?.metrics.map(({ labels }) => labels)).toEqual([
    { name: "api-3000", id: "0", type: "node", port: "3000" },
    { name: hostile, id: "1", type: "node", port: "" },
  ]);
});

test("of each process one status is 1, and the counts of all statuses are there", () => {
  const families = read([online, stopped]);
  const one = families.get("tsm_process_status")?.metrics.filter(({ value }) => value === "1");
  expect(one?.map(({ labels }) => labels?.["status"])).toEqual(["online", "stopped"]);
  const counts = families.get("tsm_processes")?.metrics.map(({ value, labels }) => [labels?.["status"], value]);
  expect(counts).toContainEqual(["online", "1"]);
  expect(counts).toContainEqual(["crashed", "0"]);
});

test("every family is called tsm_, has its help and its type, and counters end with _total", () => {
  for (const { name, help, type } of read([online, stopped]).values()) {
    expect(name).toMatch(/^tsm_[a-z_]+$/);
    expect(help).not.toBe("");
    expect(["COUNTER", "GAUGE"]).toContain(type);
    expect(type === "COUNTER").toBe(name.endsWith("_total"));
  }
});

test("of no process there are the counts, and they are 0", () => {
  expect([...read([]).keys()]).toEqual(["tsm_processes"]);
});
