import { expect, test } from "vitest";
import { stampOrder } from "../../../src/core/handed-logs.ts";
import { homeAt, processPaths } from "../../../src/core/home.ts";
import { filesOf, plainLogs, readLogChoice } from "../../../src/core/log-files.ts";

const paths = processPaths(homeAt("/home"), "api");
const text = { kind: "text", format: "HH" } as const;
const about = { id: 1, name: "api", zone: undefined };

test.for([
  { choice: plainLogs, out: paths.out, err: paths.err },
  { choice: { out: "/a", err: "/dev/null" }, out: "/a", err: null },
  { choice: { out: null, err: "/a" }, out: paths.out, err: "/a" },
])("$choice goes to $out and $err", ({ choice, out, err }) => {
  expect(filesOf(choice, paths)).toEqual({ out, err });
});

test.for([undefined, null, 3, "x", [], {}, { out: 3, err: "relative", stamp: "x" }, { stamp: { kind: "odd" } }])(
  "what policy.json says is %j: as it would be by default",
  (value) => {
    expect(readLogChoice(value)).toEqual(plainLogs);
  },
);

test("a choice comes back as it was written", () => {
  const choice = { out: "/a", err: "/dev/null", stamp: { kind: "json", format: null } } as const;
  expect(readLogChoice(JSON.parse(JSON.stringify(choice)))).toEqual(choice);
});

test("a stamper reads one pipe where both streams become the same lines, and two where they do not", () => {
  const streamsOf = (choice: Parameters<typeof stampOrder>[0]): unknown => {
    const order = stampOrder(choice, paths, about);
    return order === undefined ? undefined : JSON.parse(order).streams;
  };
  const both = [
    { fd: 3, type: "out", file: "/a" },
    { fd: 4, type: "err", file: "/a" },
  ];
  expect(streamsOf({ out: "/a", err: "/a", stamp: text })).toEqual(both.slice(0, 1));
  expect(streamsOf({ out: "/a", err: "/a", stamp: { kind: "json", format: null } })).toEqual(both);
  expect(streamsOf({ out: "/dev/null", err: "/a", stamp: text })).toEqual(both.slice(1));
  expect(streamsOf(plainLogs)).toBeUndefined();
});
