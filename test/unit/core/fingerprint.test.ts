import { describe, expect, test } from "vitest";
import { fingerprint, messageOf } from "../../../src/core/fingerprint.ts";

describe("one error", () => {
  test.for([
    ["user 42 not found", "user 7 not found", "numbers"],
    ["took 1,234.5 units", "took 3 units", "numbers with points"],
    ["timeout after 1500ms", "timeout after 2 s", "durations"],
    ["waited 1.5 seconds", "waited 30s", "durations with a fraction"],
    ["job 0f8fad5b-d9cb-469f-a165-70867728950e failed", "job 7C9E6679-7425-40DE-944B-E07FC1F90AE7 failed", "UUIDs"],
    ["at 0xdeadbeef", "at 0x7ffd12", "addresses in memory"],
    ["commit 5f2c9a1be is broken", "commit aa01bb02cc03 is broken", "long hexadecimal ids"],
    ["session eyJhbGciOiJIUzI1NiJ9abc123 ended", "session AbCdEfGhIjKlMnOpQrSt42uV ended", "long ids"],
    ["since 2026-01-02T10:00:00.123Z", "since 2025-12-31 23:59:59,001", "times"],
    ["started 10:00:01", "started 23:59:59.5", "times of the day"],
    ["connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED 10.0.0.12:5433", "IPv4 addresses"],
    ["connect ECONNREFUSED ::1:5432", "connect ECONNREFUSED fe80::1:2", "IPv6 addresses"],
    ["listen on [::]:80", "listen on [fe80::1]:8080", "IPv6 addresses in brackets"],
    ["ENOENT: no such file, open '/tmp/a/b.txt'", "ENOENT: no such file, open '/srv/c.json'", "paths"],
    ["cannot load ./a/b.js:3:14", "cannot load ../c/d.ts:5:1", "relative paths with a place"],
    ["GET https://a.example/x?y=1 failed", "GET http://b.example:80/ failed", "addresses in the web"],
    ["no account anna@example.com", "no account bob.b+c@mail.example.org", "mail addresses"],
    ["worker-3 died", "worker-12 died", "numbers at names"],
    ["a  b", "a\tb", "spaces"],
  ])("%s, %s: they differ in %s", ([one = "", other = ""]) => {
    expect(fingerprint(one)).toBe(fingerprint(other));
  });
});

describe("two errors", () => {
  test.for([
    ["cannot read 'id'", "cannot read 'name'", "what stands in quotes says which"],
    ["user not found", "order not found", "words"],
    ["read and/or write", "read and write", "a slash between words is no path"],
    ["std::vector failed", "std::map failed", "colons are no address"],
    ["facade is broken", "decade is broken", "words of hexadecimal letters"],
  ])("%s, %s: %s", ([one = "", other = ""]) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other));
  });
});

describe("what a line says", () => {
  test.for([
    { line: "boom", says: "boom" },
    { line: "2026-01-02T10:00:00.123Z ERROR boom", says: "boom" },
    { line: "2026-01-02 10:00:00,123 [error] boom", says: "boom" },
    { line: "[10:00:00] Error: boom", says: "boom" },
    { line: "2026-01-02T10:00:00: boom", says: "boom" },
    { line: "ERROR: boom", says: "boom" },
    { line: "error", says: "error" },
    { line: "TypeError: boom", says: "TypeError: boom" },
    { line: "errors are many", says: "errors are many" },
    { line: "\u001B[31mred\u001B[39m boom", says: "red boom" },
    { line: '{"level":50,"time":1,"msg":"boom"}', says: "boom" },
    { line: '{"level":"error","err":{"message":"boom","stack":"Error: boom\\n  at x"}}', says: "boom" },
    { line: '{"message":"boom\\n","type":"err"}', says: "boom" },
    { line: '{"level":50', says: '{"level":50' },
    { line: 'ts=1 level=error msg="a \\"b\\" c" id=3', says: 'a "b" c' },
    { line: "level=error msg=boom", says: "boom" },
    { line: "   boom  ", says: "boom" },
    { line: "", says: "" },
  ])("$line says $says", ({ line, says }) => {
    expect(messageOf(line)).toBe(says);
  });

  test("a line of a megabyte is neither kept nor searched whole", () => {
    expect(messageOf(`boom ${"1 ".repeat(500_000)}`).length).toBeLessThanOrEqual(500);
  });
});
