import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { report } from "../support/figures.ts";
import type { Home } from "../support/home.ts";
import { services } from "../support/managed.ts";
import { folderOf, isAlive, pidOf } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { until } from "../support/until.ts";
import { tsmAsUser, userHome } from "../support/user-home.ts";

/** Fault 8: services that take all they can get. As an ordinary user, since root is held to no number of processes. */

async function listAnswers(home: Home, what: string): Promise<void> {
  const begun = performance.now();
  const listed = await tsmAsUser(home, ["list", "--json"]);
  const took = Math.round(performance.now() - begun);
  expect(listed).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(listed.stdout)).toMatchObject([{ name: "greedy", status: "online" }]);
  report(`list beside ${what}: ${took} ms`);
}

/** With `stop` everything of it ends, and the receipt says so. */
async function stopLeavesNothing(home: Home): Promise<void> {
  const stopped = await tsmAsUser(home, ["stop", "greedy", "--json"]);
  expect(stopped).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(stopped.stdout)).toMatchObject([{ name: "greedy", left: 0 }]);
  await until("nothing is left", () => services(home).length === 0);
}

test("a fork bomb within --limit-nproc: list answers, stop leaves nothing", async () => {
  const home = userHome();
  // Each of it forks for ever; those beyond the limit fail. `nobody` may have other processes: they count too.
  const bomb = script(
    home,
    "bomb.py",
    `import os, time
for _ in range(100000):
    try:
        os.fork()
    except OSError:
        time.sleep(0.05)
`,
  );
  const limit = ["--limit-nproc", "150", "--nice", "10", "--settle", "50"];
  const started = await tsmAsUser(home, ["start", ...limit, "--name", "greedy", "--", "python3", bomb]);
  expect(started).toMatchObject({ code: 0, stderr: "" });
  await until("it has forked all it may", () => services(home).length > 100);
  const peak = services(home).length;
  expect(peak).toBeLessThanOrEqual(150);
  await listAnswers(home, `a fork bomb of ${peak}`);
  await stopLeavesNothing(home);
});

test("a service that opens all the files it may: list answers, stop leaves nothing", async () => {
  const home = userHome();
  const opener = script(
    home,
    "opener.cjs",
    `const fs = require("node:fs");
     const open = () => { try { for (;;) fs.openSync("/dev/null", "r"); } catch (error) { return error.code; } };
     console.log(open());
     setInterval(open, 10);`,
  );
  const limit = ["--limit-nofile", "500", "--settle", "50"];
  const started = await tsmAsUser(home, ["start", ...limit, "--name", "greedy", "--", "node", opener]);
  expect(started).toMatchObject({ code: 0, stderr: "" });
  const pid = pidOf(home, "greedy");
  await until(
    "it has opened all it may",
    () => process.platform !== "linux" || readdirSync(`/proc/${pid}/fd`).length === 500,
  );
  await listAnswers(home, "500 open files");
  await stopLeavesNothing(home);
  expect(isAlive(pid)).toBe(false);
});

test("100 MB/s of logs, 200 MB in all: list answers, nothing is lost, stop leaves nothing", async () => {
  const home = userHome();
  const megabytes = 200;
  const writer = script(
    home,
    "writer.cjs",
    `const fs = require("node:fs");
     const megabyte = "0123456789abcde\\n".repeat(65536);
     let written = 0;
     const timer = setInterval(() => {
       fs.writeSync(1, megabyte);
       if (++written === ${megabytes}) { clearInterval(timer); setInterval(() => {}, 60000); }
     }, 10);`,
  );
  const started = await tsmAsUser(home, [
    "start",
    "--settle",
    "50",
    "--log-max-size",
    "10G",
    "--name",
    "greedy",
    "--",
    "node",
    writer,
  ]);
  expect(started).toMatchObject({ code: 0, stderr: "" });
  const log = join(folderOf(home, "greedy"), "current.out");
  const size = () => statSync(log).size;
  await until("it writes", () => size() > 0);
  const begun = performance.now();
  const before = size();
  for (let look = 0; look < 3; look += 1) await listAnswers(home, "a writer of logs");
  const rate = (size() - before) / 1024 / 1024 / ((performance.now() - begun) / 1000);
  report(`it wrote ${Math.round(rate)} MB/s meanwhile`);
  await until("it has written all", () => size() === megabytes * 1024 * 1024, { timeoutMs: 40_000 });
  await stopLeavesNothing(home);
});
