import { expect, test } from "vitest";
import { interval, size } from "../../../src/command/amount-types.ts";
import { cronExpression, probe, signalOf } from "../../../src/command/process-types.ts";
import { list } from "../../../src/command/types.ts";

test.for([
  { word: "1", bytes: 1 },
  { word: "500K", bytes: 512_000 },
  { word: "200M", bytes: 209_715_200 },
  { word: "200mb", bytes: 209_715_200 },
  { word: "200MiB", bytes: 209_715_200 },
  { word: "1.5G", bytes: 1_610_612_736 },
  { word: "2T", bytes: 2 * 1024 ** 4 },
])("$word is $bytes bytes", ({ word, bytes }) => {
  expect(size.parse(word)).toBe(bytes);
});

test.for(["", "0", "0.1", "M", "-1M", "1 M", "1X", "1e9", "99999999T"])("%s is no size", (word) => {
  expect(() => size.parse(word)).toThrow(`'${word}' is not a size`);
});

test("nothing is asked more often than ten times a second", () => {
  expect(interval.parse("100")).toBe(100);
  expect(interval.parse("5s")).toBe(5000);
  for (const word of ["0", "5", "99ms"]) expect(() => interval.parse(word)).toThrow("100 ms is the least");
});

test.for(["0 3 * * *", "*/2 * * * * *", "@hourly", " 0 3 * * 1-5 "])("%s has the form of a cron expression", (word) => {
  expect(cronExpression.parse(word)).toBe(word.trim());
});

test.for(["", "daily", "0 3 *", "1 2 3 4 5 6 7"])("%s has not", (word) => {
  expect(() => cronExpression.parse(word)).toThrow("is not a cron expression");
});

test("a list is separated by commas, and no part is empty", () => {
  expect(list("PATHS").parse("src, public/x,*.js")).toEqual(["src", "public/x", "*.js"]);
  for (const word of ["", "a,,b", "a,"]) expect(() => list("PATHS").parse(word)).toThrow("has an empty part");
});

test("a probe of a kind that does not fit is refused", () => {
  const health = probe("port", "http", "command");
  expect(health.parse("port")).toEqual({ kind: "port", text: "port" });
  expect(() => health.parse("log:/x/")).toThrow("cannot be asked again and again");
});

test.for(["SIGINT", "INT", "int", "sigint", "2"])("%s is SIGINT", (word) => {
  expect(signalOf(["SIGTERM", "SIGINT"]).parse(word)).toBe("SIGINT");
});

test.for(["", "SIG", "9", "SIGHUP", "SIGSIGINT", "2.0"])("%s is none of SIGTERM and SIGINT", (word) => {
  expect(() => signalOf(["SIGTERM", "SIGINT"]).parse(word)).toThrow(`'${word}' is not a signal`);
});
