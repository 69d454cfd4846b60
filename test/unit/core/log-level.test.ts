import { expect, test } from "vitest";
import { LevelReader, levelOf } from "../../../src/core/log-level.ts";

test.for([
  ['{"level":30,"time":1,"msg":"pino"}', "info"],
  ['{"level":50,"msg":"pino"}', "error"],
  ['{"name":"x","level":60,"v":0,"msg":"bunyan"}', "error"],
  ['{"level":20}', "debug"],
  ['{"level":"warn","message":"winston"}', "warn"],
  ['{"severity":"CRITICAL","message":"x"}', "error"],
  ['{"msg":"nothing said"}', undefined],
  ['{"level":', undefined],
  ["time=2026-01-02T10:00:00Z level=error msg=x", "error"],
  ['ts=1 lvl="warn" x=1', "warn"],
  ["[ERROR] x", "error"],
  ["[error] x", "error"],
  ["ERROR: x", "error"],
  ["error: x", "error"],
  ["ERROR x", "error"],
  ["WARN x", "warn"],
  ["warning: x", "warn"],
  ["WARNING:root:python", "warn"],
  ["INFO:uvicorn.error:up", "info"],
  ["2026-01-02 10:00:00,123 - my.module - ERROR - python", "error"],
  ["2026-01-02 10:00:00,123 my.module DEBUG x", "debug"],
  ["2026-01-02T10:00:00.123Z INFO x", "info"],
  ["[2026-01-02 10:00:00] production.ERROR: x", undefined],
  ["[2026-01-02 10:00:00] [WARN] x", "warn"],
  ["2026/01/02 10:00:00 [error] 12#12: nginx", "error"],
  ["2026-01-02 10:00:00.123  WARN 12 --- [main] x", "warn"],
  ["[10:00:00.123] INFO (123): pino-pretty", "info"],
  ["10:00:00 [label] error: winston", "error"],
  ["info  - ready", "info"],
  ["E0102 15:04:05.000000 1 main.go:1] klog", "error"],
  ["W0102 15:04:05.000000 1 main.go:1] klog", "warn"],
  ["I0102", "info"],
  ["Error: boom", "error"],
  ["TypeError: x is not a function", "error"],
  ["java.lang.NullPointerException: x", "error"],
  ["Uncaught Error: x", "error"],
  ["Traceback (most recent call last):", "error"],
  ["panic: runtime error", "error"],
  ["thread 'main' panicked at src/main.rs:1:1", "error"],
  ["error[E0382]: use of moved value", "error"],
  ["npm ERR! code 1", "error"],
  ["Starting the ERROR handler", undefined],
  ["no errors found", undefined],
  ["Error handling is on", undefined],
  ["information about x", undefined],
  ["listening on 3000", undefined],
  ["", undefined],
] as const)("%s: %s", ([line, level]) => {
  expect(levelOf(line)).toBe(level);
});

test("a stack trace belongs to its error, and colours hide nothing", () => {
  const reader = new LevelReader("out");
  const lines = [
    ["\x1b[33mWARN\x1b[0m slow", "warn"],
    ["    at here (file.js:1:1)", "warn"],
    ["plain", "info"],
    ["  indented", "info"],
    ["ValueError: x", "error"],
    ["", "error"],
    ["Caused by: y", "error"],
    ["  code: 'E1'", "error"],
    ["}", "error"],
    ["on", "info"],
  ] as const;
  expect(lines.map(([line]) => reader.next(line))).toEqual(lines.map(([, level]) => level));
});

test("what says nothing is information on stdout and an error on stderr", () => {
  expect(new LevelReader("out").next("x")).toBe("info");
  expect(new LevelReader("err").next("x")).toBe("error");
  expect(new LevelReader("err").next("INFO: x")).toBe("info");
});
