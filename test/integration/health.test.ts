import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { row } from "../support/managed.ts";
import { freePort } from "../support/ports.ts";
import { journalOf, pidOf, readMeta } from "../support/record.ts";
import { residents, seenOf } from "../support/resident.ts";
import { script } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** What `sick` holds is what it answers: a number, or nothing at all for `hang`. */
const patient = `
const fs = require("node:fs");
require("node:http").createServer((request, response) => {
  const says = fs.existsSync("sick") ? fs.readFileSync("sick", "utf8") : "200";
  fs.appendFileSync("asked", says + "\\n");
  if (says === "hang") return;
  response.statusCode = Number(says);
  response.end();
}).listen(Number(process.env.PORT));
`;

async function started(...flags: string[]): Promise<{ home: Home; name: string; sick: string }> {
  const home = makeHome();
  script(home, "patient.cjs", patient);
  const port = await freePort();
  const words = ["start", "--name", "it", "--port", String(port), "--ready", "port"];
  const health = ["--health", `http://localhost:${port}/health`, "--health-interval", "100"];
  const { code, stderr } = await tsm(home, [...words, ...health, ...flags, "--", "node", "patient.cjs"]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return { home, name: `it-${port}`, sick: join(home.folder, "sick") };
}

test.for([
  { answer: "500", because: "it answered 500" },
  { answer: "hang", because: "no answer within 1 s" },
])("what fails its probe ($answer) again and again is restarted, and info tells it", async ({ answer, because }) => {
  const { home, name, sick } = await started("--health-failures", "2");
  await until("it has been found well", () => seenOf(home, name).health?.why === null);
  expect((await tsm(home, ["info", "it"])).stdout).toMatch(/^last probe +ok, \d{4}-/m);
  const first = pidOf(home, name);
  writeFileSync(sick, answer);
  await until("it has been restarted", () => readMeta(home, name)["restarts"] === 1);
  rmSync(sick);
  await until("the restart is on record", () => seenOf(home, name).restarted);
  await until("it is well again", () => seenOf(home, name).health?.why === null);
  const record = readMeta(home, name);
  expect(record["pid"]).not.toBe(first);
  expect(record).toMatchObject({ status: "online", last_exit: { by: "health" } });
  expect(journalOf(home)).toContainEqual(expect.objectContaining({ event: "restart", name, by: "health" }));
  expect((await tsm(home, ["info", "it"])).stdout).toContain(`health, `);
  expect(seenOf(home, name).restarted).toEqual({
    at: expect.any(Number),
    by: "health",
    why: `2 times not well: ${because}`,
    problem: null,
  });
});

test("what is never well for as long as it should last is given up, as one that ends by itself", async () => {
  const home = makeHome();
  const flags = ["--health", "cmd:exit 3", "--health-interval", "100", "--health-failures", "1"];
  const lasts = ["--min-uptime", "60s", "--max-restarts", "2"];
  await tsm(home, ["start", "--name", "it", "--settle", "0", ...flags, ...lasts, "--", "sleep", "600"]);
  await until("it is crashed", () => readMeta(home, "it")["status"] === "crashed");
  const reason = "gave up after 2 restarts that did not last: once not well: it ended with 3";
  expect(readMeta(home, "it")).toMatchObject({
    restarts: 2,
    unstable_restarts: 2,
    reason,
    last_exit: { by: "health" },
  });
  await until("that is told", () =>
    journalOf(home).some((line) => line["event"] === "gave-up" && line["reason"] === reason),
  );
  expect(await row(home, "it")).toMatchObject({ status: "crashed" });
  expect((await tsm(home, ["why", "it"])).stdout.replaceAll(/\s+/g, " ")).toMatch(
    /^it is down, crashed .*: tsm ended it \(health: once not well: it ended with 3\)\. Tsm gave up after 2/,
  );
  await until("nobody watches over it", () => residents(home).length === 0);
});

test("what recovers in time is left alone", async () => {
  const { home, name, sick } = await started("--health-failures", "1000000");
  writeFileSync(sick, "503");
  await until("it has failed thrice", () => (seenOf(home, name).health?.failures ?? 0) >= 3);
  expect((await tsm(home, ["info", "it"])).stdout).toMatch(/^last probe +it answered 503 \(\d+\w\w in a row\)/m);
  rmSync(sick);
  await until("it is well", () => seenOf(home, name).health?.failures === 0);
  expect(readMeta(home, name)).toMatchObject({ restarts: 0, status: "online" });
});

test("the policy is on record: a restart keeps it, and so does a new runner", async () => {
  const { home, name, sick } = await started("--health-failures", "2");
  await tsm(home, ["restart", "it"]);
  process.kill(Number(readMeta(home, name)["runner_pid"]), "SIGKILL");
  await tsm(home, ["patrol"]);
  // A pass of the ticker may be at it, and ours leaves it to that.
  await until("it has a runner again", async () => (await row(home, name)).supervised);
  expect(await tsmJson(home, ["info", "it"])).toMatchObject({
    supervised: true,
    oversight: { health: expect.stringMatching(/^http:.*\/health$/), healthIntervalMs: 100, healthFailures: 2 },
  });
  writeFileSync(sick, "500");
  await until("it has been restarted", () => readMeta(home, name)["restarts"] === 2);
});

test("what is stopped stays stopped, and the patrol goes with the last that needs it", async () => {
  const { home, name, sick } = await started("--health-failures", "1");
  await until("a patrol is resident", () => residents(home).length === 1);
  writeFileSync(sick, "hang");
  const asked = () => readFileSync(join(home.folder, "asked"), "utf8");
  await until("it is being asked and does not answer", () => asked().includes("hang"));
  // In the middle of a probe whose failure would restart it.
  expect(await tsm(home, ["stop", "it"])).toMatchObject({ code: 0 });
  await until("no patrol is resident", () => residents(home).length === 0);
  expect(await row(home, name)).toMatchObject({ status: "stopped", restarts: 0 });
});

test("a patrol that is killed is there again after the next command, and by itself; there is never a second", async () => {
  const { home, name, sick } = await started("--health-failures", "1");
  const resident = async (after?: number) =>
    await until("one patrol is resident", () => {
      const [found, ...more] = residents(home);
      const ofRecord = Number(readFileSync(join(home.path, "runtime/patrol.pid"), "utf8").split(" ")[0]);
      return more.length === 0 && found?.pid === ofRecord && found.pid !== after && found.pid;
    });
  const first = await resident();
  process.kill(first, "SIGKILL");
  await Promise.all([1, 2, 3, 4].map(() => tsm(home, ["list"])));
  const second = await resident(first);
  expect(journalOf(home).filter(({ line }) => String(line).startsWith("patrol"))).toEqual([]);
  expect(await tsm(home, ["patrol", "--watch"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`a patrol watches already (PID ${second})`),
  });
  // The ticker's doing: no command is run here.
  process.kill(second, "SIGKILL");
  await resident(second);
  writeFileSync(sick, "500");
  await until("it has been restarted", () => Number(readMeta(home, name)["restarts"]) > 0);
});

test.for([
  { probe: 'cmd:[ "$PWD" = "$HERE" ] && [ ! -e sick ]', why: "it ended with 1" },
  { probe: "cmd:[ ! -e sick ] || exec sleep 600", why: "not done within 1 s" },
])("$probe is asked in the folder and the environment of the process", async ({ probe, why }) => {
  const home = makeHome();
  const words = ["start", "--name", "it", "--settle", "0", "--health", probe, "--health-interval", "100"];
  await tsm(home, [...words, "--health-failures", "1000000", "--", "sleep", "600"], { env: { HERE: home.folder } });
  await until("it has been found well", () => seenOf(home, "it").health?.why === null);
  writeFileSync(join(home.folder, "sick"), "");
  await until("it has been found not well", () => seenOf(home, "it").health?.why === why);
});
