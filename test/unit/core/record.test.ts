import { expect, test } from "vitest";
import type { ProcessRecord } from "../../../src/core/process.ts";
import { formatRecord, parseRecord, recordParts } from "../../../src/core/record.ts";

const record: ProcessRecord = {
  tsm_id: 0,
  name: "api-3000",
  pid: 4711,
  command: "/usr/bin/node 'a b.js'",
  port: 3000,
  cwd: "/srv/api",
  interpreter: "/usr/bin/node",
  process_type: "node",
  env_file: "",
  prehook: "",
  start_time: 1_700_000_000,
  status: "online",
  restarts: 0,
  unstable_restarts: 0,
  start_mark: "123",
  boot_id: "b",
  runner_pid: 4710,
  runner_mark: "122",
  retry_at: 0,
  reason: "",
  last_exit: null,
  actual_port: null,
  restart_policy: "no",
  created: 1_700_000_000,
};
const exit = { code: 3, signal: null, core: false, at: 1_700_000_001, uptime: 1, by: "crash" } as const;

test.for([
  { because: "as it is", of: record },
  { because: "without a port", of: { ...record, port: "none" as const } },
  { because: "after an exit", of: { ...record, last_exit: exit } },
  { because: "after a signal", of: { ...record, last_exit: { ...exit, code: null, signal: "SIGKILL", core: true } } },
  { because: "with awkward text", of: { ...record, command: '"\\\n\u0001ü😀', cwd: "/a\tb" } },
])("what is written is read again: $because", ({ of }) => {
  expect(parseRecord(formatRecord(of), of.name)).toEqual(of);
});

test("the parts that the runner puts together make the same record", () => {
  const { head, body, tail } = recordParts(record);
  const whole = `${head}\n  "pid": 4711,\n${body}\n  "start_time": 1700000000,\n  "status": "online",\n  "restarts": 0,\n  "unstable_restarts": 0,\n  "start_mark": "123",\n  "boot_id": "b",\n  "runner_pid": 4710,\n  "runner_mark": "122",\n  "retry_at": 0,\n  "reason": "",\n  "last_exit": null,\n  "actual_port": null,\n${tail}\n`;
  expect(whole).toBe(formatRecord(record));
});

test.for([
  { text: "", problem: "meta.json is empty" },
  { text: "  \n", problem: "meta.json is empty" },
  { text: "{", problem: "meta.json is not valid JSON" },
  { text: "[]", problem: "meta.json is not an object" },
  { text: "null", problem: "meta.json is not an object" },
  { text: "{}", problem: 'meta.json has no valid "tsm_id"' },
  { text: JSON.stringify({ ...record, pid: "4711" }), problem: 'meta.json has no valid "pid"' },
  { text: JSON.stringify({ ...record, pid: -1 }), problem: 'meta.json has no valid "pid"' },
  { text: JSON.stringify({ ...record, pid: 1.5 }), problem: 'meta.json has no valid "pid"' },
  { text: JSON.stringify({ ...record, port: "3000" }), problem: 'meta.json has no valid "port"' },
  { text: JSON.stringify({ ...record, status: "fine" }), problem: 'meta.json has no valid "status"' },
  { text: JSON.stringify({ ...record, last_exit: 3 }), problem: 'meta.json has no valid "last_exit"' },
  { text: JSON.stringify({ ...record, last_exit: {} }), problem: 'meta.json has no valid "last_exit"' },
  { text: JSON.stringify({ ...record, name: "../x" }), problem: 'meta.json names another process, "../x"' },
])("$text has a problem: $problem", ({ text, problem }) => {
  expect(parseRecord(text, "api-3000")).toEqual({ problem });
});

test("a record that is cut at any byte is damaged, never half believed", () => {
  const whole = formatRecord(record);
  for (let length = 0; length < whole.trimEnd().length; length += 1)
    expect(parseRecord(whole.slice(0, length), record.name), `${length}`).toHaveProperty("problem");
});
