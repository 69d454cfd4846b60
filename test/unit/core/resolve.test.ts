import { expect, test } from "vitest";
import type { ProcessRecord } from "../../../src/core/process.ts";
import { isEndless, isPattern, matchTarget, whyNoExpression } from "../../../src/core/resolve.ts";

function record(tsm_id: number, name: string, port: number | "none" = "none", pid = 1000 + tsm_id): ProcessRecord {
  return {
    tsm_id,
    name,
    pid,
    command: "",
    port,
    cwd: "/",
    interpreter: "",
    process_type: "node",
    env_file: "",
    prehook: "",
    start_time: 0,
    status: "online",
    restarts: 0,
    unstable_restarts: 0,
    start_mark: "1",
    boot_id: "b",
    runner_pid: 0,
    runner_mark: "0",
    retry_at: 0,
    reason: "",
    last_exit: null,
    actual_port: null,
    restart_policy: "no",
    created: 0,
  };
}

const records = [
  record(0, "api-3000", 3000),
  record(1, "api-v2-3001", 3001),
  record(2, "worker"),
  record(3, "dashboard"),
  record(4, "Web"),
  record(5, "7"),
  record(6, "db-main"),
  record(7, "db-copy"),
  { ...record(8, "mail"), namespace: "office" },
  { ...record(9, "chat"), namespace: "office" },
  { ...record(10, "officer"), namespace: "worker" },
];

test.for([
  { query: "2", kind: "exact", finds: ["worker"], because: "digits are an id" },
  { query: "7", kind: "exact", finds: ["db-copy"], because: "an id comes before a name of digits" },
  { query: "02", kind: "none", finds: [], because: "no id begins with 0" },
  { query: "worker", kind: "exact", finds: ["worker"], because: "an exact name" },
  { query: "api", kind: "exact", finds: ["api-3000"], because: "a name without its port comes before a part" },
  { query: "work", kind: "exact", finds: ["worker"], because: "a part of one name" },
  { query: "office", kind: "exact", finds: ["mail", "chat"], because: "a namespace comes before a part of a name" },
  { query: "default", kind: "exact", finds: records.slice(0, 8).map(({ name }) => name), because: "of those in none" },
  { query: "web", kind: "exact", finds: ["Web"], because: "whatever the case" },
  { query: "db", kind: "ambiguous", finds: ["db-main", "db-copy"], because: "a part of two" },
  { query: "v2", kind: "exact", finds: ["api-v2-3001"], because: "a part in the middle" },
  { query: ":3001", kind: "exact", finds: ["api-v2-3001"], because: "a port" },
  { query: "pid:1002", kind: "exact", finds: ["worker"], because: "a pid" },
  { query: "api-*", kind: "exact", finds: ["api-3000", "api-v2-3001"], because: "a glob may match several" },
  { query: "db-????", kind: "exact", finds: ["db-main", "db-copy"], because: "a glob" },
  { query: "db-[cm]*", kind: "exact", finds: ["db-main", "db-copy"], because: "one of these letters" },
  { query: "db-[a-d]*", kind: "exact", finds: ["db-copy"], because: "one of a range" },
  { query: "db-[!a-d]*", kind: "exact", finds: ["db-main"], because: "none of a range" },
  { query: "db-[^c]???", kind: "exact", finds: ["db-main"], because: "bash has ^ for it too" },
  { query: "[[:upper:]]??", kind: "exact", finds: ["Web"], because: "a class of letters" },
  { query: "db-[z-a]*", kind: "none", finds: [], because: "nothing is in a range from back to front" },
  { query: "db-[", kind: "none", finds: [], because: "a bracket that nothing closes is a letter" },
  { query: "{worker,Web}", kind: "exact", finds: ["worker", "Web"], because: "two words" },
  { query: "{0,3}", kind: "exact", finds: ["api-3000", "dashboard"], because: "two ids" },
  { query: "{0..2}", kind: "exact", finds: ["api-3000", "api-v2-3001", "worker"], because: "three ids" },
  { query: "db-{main,{copy,old}}", kind: "exact", finds: ["db-main", "db-copy"], because: "braces in braces" },
  { query: "{db-[c]*,w*}", kind: "exact", finds: ["worker", "db-copy"], because: "two globs" },
  { query: "{dash,db}", kind: "ambiguous", finds: ["db-main", "db-copy"], because: "one of them is a part of two" },
  { query: "{worker}", kind: "none", finds: [], because: "one word in braces is no choice" },
  { query: "/^w.{2,5}$/", kind: "exact", finds: ["worker"], because: "braces of an expression are its own" },
  { query: "*.*", kind: "none", finds: [], because: "a dot in a glob is a dot" },
  { query: "/^(web|worker)$/i", kind: "exact", finds: ["worker", "Web"], because: "an expression" },
  { query: "*", kind: "exact", finds: records.map(({ name }) => name), because: "all" },
  { query: "all", kind: "exact", finds: records.map(({ name }) => name), because: "all" },
  { query: "dshb", kind: "guess", finds: ["dashboard"], because: "scattered letters are a guess" },
  { query: "99", kind: "none", finds: [], because: "digits are no part of a name" },
  { query: "300", kind: "none", finds: [], because: "nor of a port" },
  { query: ":30", kind: "none", finds: [], because: "a port is whole" },
  { query: "pid:99", kind: "none", finds: [], because: "a pid is whole" },
  { query: "/(/", kind: "none", finds: [], because: "no expression" },
  { query: "xyz", kind: "none", finds: [], because: "nothing like it" },
  { query: "", kind: "none", finds: [], because: "nothing names nothing" },
])("$query finds $finds: $because", async ({ query, kind, finds }) => {
  const match = await matchTarget(query, records);
  expect(match.kind).toBe(kind);
  expect(match.kind === "none" ? [] : match.records.map(({ name }) => name)).toEqual(finds);
});

test.for([
  { typed: "NFC", stored: "NFD" },
  { typed: "NFD", stored: "NFC" },
] as const)("an é typed as $typed finds one stored as $stored: nobody sees which", async ({ typed, stored }) => {
  const cafe = record(30, "café".normalize(stored));
  for (const query of ["café", "fé", "c*é", "/^café$/"])
    expect(await matchTarget(query.normalize(typed), [...records, cafe])).toEqual({ kind: "exact", records: [cafe] });
});

test.for([
  { query: "*", pattern: true },
  { query: "a?", pattern: true },
  { query: "/x/", pattern: true },
  { query: "a[bc]", pattern: true },
  { query: "{a,b}", pattern: true },
  { query: "a[b", pattern: false },
  { query: "{a}", pattern: false },
  { query: "api", pattern: false },
  { query: "/x", pattern: false },
])("$query is a pattern: $pattern", ({ query, pattern }) => {
  expect(isPattern(query)).toBe(pattern);
});

test.for([
  { query: "/[/", column: 2, reason: "Unterminated character class" },
  { query: "/a(b/i", column: 3, reason: "Unterminated group" },
  { query: "/(a)(b/", column: 5, reason: "Unterminated group" },
  { query: "/a**b/", column: 4, reason: "Nothing to repeat" },
  { query: "/ab)c/", column: 4, reason: "Unmatched ')'" },
])("$query is wrong at column $column: $reason", ({ query, column, reason }) => {
  expect(whyNoExpression(query)).toEqual({ column, reason });
});

test("of a wrong expression of thousands of characters only the reason is told", () => {
  const query = `/${"(".repeat(20_000)}/`;
  expect(whyNoExpression(query)).toEqual({ column: undefined, reason: "Unterminated group" });
});

test.for(["/a.*b/", "api", "//", "/srv/app"])("%s is no wrong expression", (query) => {
  expect(whyNoExpression(query)).toBeUndefined();
});

test.for(["cafe\u0301-bar", "cafe\u0301", "afe\u0301-", "CAFE\u0301", "caf?-b*", "{cafe\u0301,tee}-bar", "/^caf.-/"])(
  "%s finds a name with é in either form: the two look alike",
  async (typed) => {
    const stored = ["caf\u00e9-bar", "cafe\u0301-bar"];
    for (const name of stored)
      for (const query of [typed.normalize("NFC"), typed])
        expect(await matchTarget(query, [record(0, "worker"), record(1, name)])).toMatchObject({
          kind: "exact",
          records: [{ name }],
        });
    const both = stored.map((name, id) => record(id, name));
    for (const name of stored) expect(await matchTarget(name, both)).toMatchObject({ records: [{ name }] });
  },
);

test("a blank alone names nothing", async () => {
  expect(await matchTarget(" ", [record(0, "two words")])).toMatchObject({ kind: "none" });
  expect(await matchTarget("o w", [record(0, "two words")])).toMatchObject({ kind: "exact" });
});

test("a name that is written as a pattern is found by itself, and by a part of it", async () => {
  const odd = [record(0, "site-[id]"), record(1, "site-i"), record(2, "x{a,b}")];
  for (const [query, name] of [
    ["site-[id]", "site-[id]"],
    ["[id]", "site-[id]"],
    ["x{a,b}", "x{a,b}"],
  ] as const)
    expect(await matchTarget(query, odd)).toMatchObject({ kind: "exact", records: [{ name }] });
});

test("a glob that would keep an expression busy for years is answered at once", async () => {
  const long = record(0, "a".repeat(180));
  expect(await matchTarget(`${"*a".repeat(60)}*b`, [long])).toEqual({ kind: "none" });
  expect(await matchTarget(`${"*a".repeat(60)}*`, [long])).toMatchObject({ kind: "exact" });
  expect(await matchTarget("{a,b}".repeat(40), [long])).toMatchObject({ kind: "none" });
});

test.for(["/(a+)+$/", "/^([a-z]+-?)+$/i", "/(.*)*x.*y/"])(
  "%s, which would take years, means nothing",
  async (query) => {
    const long = record(0, `${"a".repeat(100)}!`);
    expect(await matchTarget(query, [long])).toEqual({ kind: "none" });
    expect(isEndless(query)).toBe(true);
    expect(isEndless("/(web)+/")).toBe(false);
    expect(await matchTarget("/(a!)+$/", [long])).toMatchObject({ kind: "exact" });
  },
);
