import { describe, expect, test } from "vitest";
import { sorted } from "../../../src/command/order.ts";
import { order } from "../../../src/command/sort-order.ts";
import { parseWhere } from "../../../src/command/where.ts";
import { TsmError } from "../../../src/core/errors.ts";
import type { ProcessSummary } from "../../../src/core/process.ts";

function process(id: number, name: string, more: Partial<ProcessSummary>): ProcessSummary {
  return {
    id,
    name,
    status: "online",
    pid: 1000 + id,
    port: "none",
    uptimeMs: 60_000,
    restarts: 0,
    cpu: 0,
    memory: 0,
    type: "node",
    command: "",
    cwd: "",
    namespace: "default",
    supervised: true,
    retryInMs: null,
    unstableRestarts: 0,
    reason: "",
    lastExit: null,
    ...more,
  };
}

const mega = 1024 ** 2;
const rest = { pid: null, uptimeMs: null, cpu: null, memory: null };
const processes = [
  process(0, "api-3000", { port: 3000, memory: 300 * mega, cpu: 12.5, uptimeMs: 7_200_000 }),
  process(1, "api worker", { memory: 100 * mega, restarts: 4, type: "python" }),
  process(2, "db-5432", { status: "crashed", port: 5432, restarts: 16, type: "command", ...rest }),
  process(3, "old", { status: "stopped", type: "bash", ...rest }),
];

function found(where: string): number[] {
  return processes.filter(parseWhere(where)).map(({ id }) => id);
}

test.for([
  { where: "mem > 200M and status = online", ids: [0], because: "both hold" },
  { where: "MEM>200m AND Status=online", ids: [0], because: "case and blanks mean nothing in fields, units and words" },
  { where: "mem >= 100M", ids: [0, 1], because: "what has no memory is not more than any" },
  { where: "mem < 1G", ids: [0, 1], because: "and not less" },
  { where: "mem = 314572800", ids: [0], because: "a bare number is bytes" },
  { where: "mem > 0.2GiB", ids: [0], because: "fractions and long units" },
  { where: "mem > 300000kB or id = 3", ids: [0, 3], because: "K is 1024, as in --max-memory" },
  { where: "mem > 0.2 GiB and id = 0", ids: [0], because: "a blank may stand before the unit, as lists show it" },
  { where: "pid = none", ids: [2, 3], because: "none is what is not there" },
  { where: "port != none and port < 4000", ids: [0], because: "a port is a number" },
  { where: "not pid = none", ids: [0, 1], because: "not turns it round" },
  { where: "not not id = 1", ids: [1], because: "twice" },
  { where: "id = 0 or id = 1 and type = python", ids: [0, 1], because: "and binds closer than or" },
  { where: "(id = 0 or id = 1) and type = python", ids: [1], because: "parentheses bind closest" },
  { where: "not id = 0 and not id = 1", ids: [2, 3], because: "not binds closer than and" },
  { where: "not (id = 0 or id = 1)", ids: [2, 3], because: "not before parentheses" },
  { where: "name ~ ^api", ids: [0, 1], because: "~ is a regular expression" },
  { where: "name ~ '(worker|old)$'", ids: [1, 3], because: "quoted it may hold any sign" },
  { where: "name = 'api worker'", ids: [1], because: "= is the whole name" },
  { where: 'name != "old" and status != crashed', ids: [0, 1], because: "!= of texts" },
  { where: "uptime > 1h", ids: [0], because: "hours" },
  { where: "uptime > 1h 59m", ids: [0], because: "hours and minutes, as lists show them" },
  { where: "uptime <= 90", ids: [1], because: "a bare time is seconds" },
  { where: "uptime >= 2m and uptime < 1d", ids: [0], because: "minutes and days" },
  { where: "uptime > 1h30m", ids: [0], because: "hours and minutes" },
  { where: "status = ONLINE", ids: [0, 1], because: "of a status the case is no matter" },
  { where: "cpu > 10%", ids: [0], because: "percent" },
  { where: "restarts >= 4", ids: [1, 2], because: "a stopped process has restarts" },
])("$where finds $ids: $because", ({ where, ids }) => {
  expect(found(where)).toEqual(ids);
});

test.for([
  { where: "", says: "column 1: a condition is missing" },
  { where: "mem >", says: "column 6: a value is missing after '>'" },
  { where: "mem", says: "column 4: an operator is missing after 'mem'" },
  { where: "mem 200M", says: "column 5: an operator is missing after 'mem'" },
  { where: "memory > 2", says: "column 1: 'memory' is not a field" },
  { where: "toString = 2", says: "column 1: 'toString' is not a field" },
  { where: "id = 1 and nme = x", says: "column 12: 'nme' is not a field" },
  { where: "mem > big", says: "column 7: 'big' is not a size, such as 200M or 1.5G" },
  { where: "mem > 5 s", says: "column 9: 'and' or 'or' is missing before 's'" },
  { where: "mem > 5s", says: "column 7: '5s' is not a size" },
  { where: "uptime > 5M", says: "column 10: '5M' is not a length of time" },
  { where: "uptime > 30m1h", says: "column 10: '30m1h' is not a length of time" },
  { where: "id = x", says: "column 6: 'x' is not a number" },
  { where: "status = onlin", says: "column 10: 'onlin' is not a status: it is one of starting, online" },
  { where: "name > a", says: "column 6: 'name' is text: it takes = != ~ and not >" },
  { where: "mem ~ 2", says: "column 1: 'mem' is not text" },
  { where: "name ~ '('", says: "column 8: '(' is not a regular expression" },
  { where: "port > none", says: "column 8: 'none' is neither less nor more" },
  { where: "(id = 1", says: "column 8: a ) is missing" },
  { where: "id = 1)", says: "column 7: this ) closes nothing" },
  { where: "id = 1 name = x", says: "column 8: 'and' or 'or' is missing before 'name'" },
  { where: "id = 1 and", says: "column 11: a condition is missing" },
  { where: "id ! 1", says: "column 4: '!' means nothing here" },
  { where: "name = 'a", says: "column 8: this quote is never closed" },
])("'$where' is refused at $says", ({ where, says }) => {
  expect(() => parseWhere(where)).toThrow(`--where, ${says}`);
  expect(() => parseWhere(where)).toThrow(TsmError);
});

test("an expression that would take for ever is given up, and said where it stands", () => {
  const holds = parseWhere("id = 0 and name ~ '(a+)+$'");
  const slow = process(0, `${"a".repeat(60)}!`, {});
  expect(() => holds(slow)).toThrow("--where, column 19: '(a+)+$' takes too long");
  expect(() => holds(slow)).toThrow(TsmError);
});

describe("the order", () => {
  test.for([
    { by: "mem", ids: [1, 0, 2, 3] },
    { by: "-mem", ids: [0, 1, 2, 3] },
    { by: "mem:desc", ids: [0, 1, 2, 3] },
    { by: "memory:desc", ids: [0, 1, 2, 3] },
    { by: "mem:asc", ids: [1, 0, 2, 3] },
    { by: "name", ids: [1, 0, 2, 3] },
    { by: "-NAME", ids: [3, 2, 0, 1] },
    { by: "restarts", ids: [0, 3, 1, 2] },
    { by: "-port", ids: [2, 0, 1, 3] },
    { by: "status", ids: [2, 0, 1, 3] },
  ])("by $by: $ids; nothing comes last, equals stay", ({ by, ids }) => {
    expect(sorted(processes, order.parse(by)).map(({ id }) => id)).toEqual(ids);
  });

  test.for(["memories", "", "-", "mem:up", "-mem:desc", "toString"])("'%s' is refused", (by) => {
    expect(() => order.parse(by)).toThrow(`'${by}' is not a field`);
  });
});
