import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { makeHome } from "../support/home.ts";

/* How often the ticker has a pass made: its own functions, asked in the order in which it asks them. */

const ticker = resolve("src/runner/ticker.bash");
const ask = `
  source <(sed '/^# shellcheck source/,$d' "$1")
  cd "$2/runtime" || exit 1
  home=$2 node=echo program=passed before='' gone='' dead=0 pace=0 due=0 seconds=$3 hot=($4)
  patrol_when_due >said 2>&1
  [ "$seconds" -eq 0 ] && echo pass || echo none
`;

let home = "";
const asked = (seconds: number, hot = "") =>
  execFileSync("bash", ["-c", ask, "-", ticker, home, String(seconds), hot], { encoding: "utf8" }).trim();

/** The pass before found that nothing is done here, a minute after the last runner began. */
beforeEach(() => {
  home = makeHome().path;
  mkdirSync(join(home, "runtime/under-way"), { recursive: true });
  writeFileSync(join(home, "runtime/runners.changed"), "");
  utimesSync(join(home, "runtime/runners.changed"), new Date(), new Date(Date.now() - 60_000));
  writeFileSync(join(home, "runtime/idle"), "");
});

test("each minute, and each third where nothing is done", () => {
  expect([59, 60, 179, 180].map((seconds) => asked(seconds))).toEqual(["none", "none", "none", "pass"]);
  rmSync(join(home, "runtime/idle"));
  expect([59, 60].map((seconds) => asked(seconds))).toEqual(["none", "pass"]);
});

test.for([
  { what: "a log grows", change: () => "current.out" },
  {
    what: "a runner has begun or ended since",
    change: () => {
      utimesSync(join(home, "runtime/runners.changed"), new Date(), new Date(Date.now() + 1000));
    },
  },
  {
    what: "somebody has begun something that may have to be finished",
    change: () => {
      writeFileSync(join(home, "runtime/under-way/api"), "");
    },
  },
])("when $what it is a minute again", ({ change }) => {
  expect(asked(100)).toBe("none");
  const hot = change();
  expect(asked(59, hot ?? "")).toBe("none");
  expect(asked(100, hot ?? "")).toBe("pass");
});
