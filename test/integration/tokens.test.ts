import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** A process whose log the test writes itself. */
async function quiet(home: Home, name: string, lines: readonly string[]): Promise<void> {
  expect(await tsm(home, ["start", "--settle", "0", "--name", name, "sleep", "600"])).toMatchObject({ code: 0 });
  writeFileSync(join(folderOf(home, name), "current.out"), lines.map((line) => `${line}\n`).join(""));
}

function event(name: string, secondsAgo: number, data: Record<string, unknown> = {}): string {
  return `TETRA:${name} ${JSON.stringify({ timestamp: Date.now() - secondsAgo * 1000, ...data })}`;
}

test("the dashboard counts what is within its seconds, by the time of the event and not of its line", async () => {
  const home = makeHome();
  await quiet(home, "api", [
    event("USER:SESSION_START", 7200, { sessionId: "a" }),
    "some other line",
    event("API:RESPONSE", 7100, { duration: 5000 }),
    event("USER:SESSION_START", 60, { sessionId: "b" }),
    event("API:RESPONSE", 50, { duration: 1500 }),
    "TETRA:API:RESPONSE {cut off",
  ]);
  const all = await tsm(home, ["dashboard", "api"]);
  expect(all).toMatchObject({ code: 0, stderr: "tsm: 1 event has JSON that cannot be read\n" });
  expect(all.stdout).toContain("Average API Response Time: 3250 ms\n");
  expect(all.stdout).toContain("New Sessions: 2\n");
  const last = await tsm(home, ["dashboard", "api", "600"]);
  expect(last.stdout).toContain("Average API Response Time: 1500 ms\n");
  expect(last.stdout).toContain("New Sessions: 1\n");
  expect(await tsmJson(home, ["analytics", "api", "--since", "10m"])).toMatchObject({ events: 2, newSessions: 1 });
});

test("sessions, clicks, journeys and answers are told of any log of JSON lines, by fields that are named", async () => {
  const home = makeHome();
  const at = (ms: number, data: Record<string, unknown>) => JSON.stringify({ t: 1_767_355_200_000 + ms, ...data });
  await quiet(home, "web", [
    at(0, { kind: "session_start", ctx: { sid: "s-1" } }),
    at(1000, { kind: "click", what: "buy\u001b[2J", ctx: { sid: "s-1" } }),
    at(3500, { kind: "api_response", took: 2400, ctx: { sid: "s-1" } }),
    at(4000, { kind: "click", what: "pay", ctx: { sid: "s-2" } }),
  ]);
  const fields = ["--fields", "time=t,event=kind,session=ctx.sid,element=what,duration=took"];
  expect(await tsmJson(home, ["sessions", "web", ...fields])).toMatchObject([
    { id: "s-1", events: 3, clicks: 1 },
    { id: "s-2", events: 1 },
  ]);
  const answers = await tsm(home, ["click-perf", "web", ...fields]);
  expect(answers.stdout).toContain("2400 ms ⚠️ Slow response\n");
  expect(answers.stdout).toContain("1 click without an answer\n");
  expect(answers.stdout).not.toContain("\u001b");
  const journey = await tsm(home, ["journey", "web", "s-1", ...fields]);
  expect(journey.stdout).toMatch(/^Session s-1\n🟢 [\d:]{8} session_start\n👆 [\d:]{8} \[\+1s\] click: buy/);
  expect((await tsm(home, ["journey", "web", ...fields])).stdout).toContain("Session s-2\n");
  expect(await tsm(home, ["journey", "web", "nobody", ...fields])).toMatchObject({ code: 1, stdout: "" });
  expect((await tsm(home, ["clicks", "web", ...fields])).stdout).toContain("     1  pay\n");
  expect(await tsmJson(home, ["patterns", "web", ...fields])).toMatchObject({ events: 4, clicks: [{ count: 1 }, {}] });
  expect(await tsm(home, ["sessions", "web", "--fields", "nonsense"])).toMatchObject({ code: 64 });
});

test("a log without an event is no error", async () => {
  const home = makeHome();
  await quiet(home, "api", ["hello", ""]);
  for (const verb of ["dashboard", "sessions", "patterns", "clicks", "click-perf", "monitor"])
    expect(await tsm(home, [verb, "api"]), verb).toMatchObject({ code: 0, stderr: "" });
  expect((await tsm(home, ["monitor", "api"])).stdout).toBe("0 events in 2 lines\n");
  expect(await tsm(home, ["stream", "api", "--once"])).toMatchObject({
    code: 0,
    stdout: "🔄 Streaming tetra tokens from api\n",
  });
});

test("monitor -f sets off the program for each new event, with the event on its input and no shell between", async () => {
  const home = makeHome();
  script(home, "log.txt", 'TETRA:API:ERROR {"old":true}\n');
  const seen = join(home.folder, "seen");
  const program = script(home, "seen.sh", `#!/bin/bash\n{ cat; printf '%s\\n' "$@"; } >>"${seen}"\n`, 0o755);
  mkdirSync(join(home.path, "config"), { recursive: true });
  const text = "$(touch owned); `touch owned` '";
  writeFileSync(
    join(home.path, "config/triggers.conf"),
    `API:ERROR|${program} 'two words'|Say it|true\nAPI:*|bash -c {DATA}|Old|true\nUI:CLICK|${program} off|Off|false\n`,
  );
  const writer = script(home, "writer.sh", "cat log.txt\ntail -n 0 -F -s 0.1 more.txt 2>/dev/null\n");
  script(home, "more.txt", "");
  await tsm(home, ["start", "--settle", "0", "--name", "api", "bash", writer]);
  await until("the old event is in the log", async () => (await tsm(home, ["logs", "api"])).stdout.includes("old"));
  const monitor = startTsm(home, ["monitor", "api", "--follow"]);
  await until("the old event is shown", () => monitor.printed.stdout.includes("Data: "));
  expect(monitor.printed.stderr).toContain("triggers.conf, line 2");
  // Until then tail may not yet follow, or the monitor still read what was there before.
  await until(
    "a new event has set it off",
    () => {
      writeFileSync(join(home.folder, "more.txt"), `TETRA:API:ERROR ${JSON.stringify({ text })}\nTETRA:UI:CLICK {}\n`, {
        flag: "a",
      });
      return existsSync(seen) && readFileSync(seen, "utf8").includes("two words");
    },
    { everyMs: 300 },
  );
  monitor.child.kill("SIGINT");
  const { stdout } = await monitor.outcome;
  expect(stdout).toContain("API:ERROR\n");
  const [first = "", words] = readFileSync(seen, "utf8").split("\n");
  expect(JSON.parse(first)).toMatchObject({ name: "api", category: "API", event: "ERROR", data: { text } });
  expect(words).toBe("two words");
  expect(readFileSync(seen, "utf8")).not.toContain("old");
  expect(existsSync(join(home.folder, "owned"))).toBe(false);
});

test("users of a log have their addresses, by fields that the settings or repeated flags name", async () => {
  const home = makeHome();
  await quiet(home, "web", [
    JSON.stringify({ msg: "hi", sid: 1, who: "anna", from: "10.0.0.1" }),
    JSON.stringify({ msg: "hi", sid: 2, who: "be\u001b[2Jrt", from: "10.0.0.1" }),
  ]);
  const flags = ["--field", "user=who", "--field", "ip=from"];
  const shown = await tsm(home, ["users", "web", ...flags]);
  expect(shown.stdout).toContain("Shared IP: 10.0.0.1 has 2 users\n");
  expect(shown.stdout).not.toContain("\u001b");
  expect(await tsmJson(home, ["users", "web"])).toMatchObject({ users: [], nobodys: 2 });
  expect(await tsm(home, ["config", "set", "token-fields", "nonsense=x"])).toMatchObject({ code: 64 });
  expect(await tsm(home, ["config", "set", "token-fields", "user=nobody,ip=from"])).toMatchObject({ code: 0 });
  expect(await tsmJson(home, ["users", "web", "--fields", "user=who"])).toMatchObject({
    shared: [{ ip: "10.0.0.1", users: ["anna", "be\u001b[2Jrt"] }],
  });
});

test("a trigger has the event in its words where its line says so, and what came of it is on record", async () => {
  const home = makeHome();
  const seen = join(home.folder, "seen");
  const program = script(
    home,
    "seen.sh",
    `#!/bin/bash\nprintf '%s|' "$#" "$@" "$TSM_TOKEN" >>"${seen}"\nexit 3\n`,
    0o755,
  );
  mkdirSync(join(home.path, "config"), { recursive: true });
  const conf = [
    `API_ERROR|${program} {TOKEN} 'd={DATA}'|Say it|true`,
    "UI:*|nowhere-to-be-found x||true",
    "Z|true||no",
  ];
  writeFileSync(join(home.path, "config/triggers.conf"), `${conf.join("\n")}\n`);
  mkdirSync(join(home.path, "logs"));
  writeFileSync(join(home.path, "logs/tsm-monitor.log"), "x".repeat(1024 * 1024 + 1));
  await quiet(home, "api", []);
  const listed = await tsm(home, ["monitor", "--triggers"]);
  expect(listed.stdout).toContain("HIGH_RESPONSE_TIME");
  expect(listed.stdout).toContain("Z → true  (off)\n");
  expect(await tsmJson(home, ["monitor", "--triggers"])).toMatchObject({
    triggers: [{ enabled: true }, {}, { enabled: false }],
  });
  const monitor = startTsm(home, ["monitor", "api", "--follow"]);
  const data = { status: 500, text: "$(touch owned) ' \" \n --x" };
  const log = join(folderOf(home, "api"), "current.out");
  // Until then the monitor may still read what was there before.
  await until(
    "a new event has set it off",
    () => {
      writeFileSync(log, `TETRA:API:CALL ${JSON.stringify(data)}\nTETRA:UI:CLICK\n`, { flag: "a" });
      return monitor.printed.stderr.includes("nowhere-to-be-found cannot be run");
    },
    { everyMs: 300 },
  );
  monitor.child.kill("SIGINT");
  expect((await monitor.outcome).stderr).toContain("triggers.conf, line 1: it ended with 3\n");
  expect(readFileSync(seen, "utf8")).toContain(`2|TETRA:API:CALL|d=${JSON.stringify(data)}|TETRA:API:CALL|`);
  expect(existsSync(join(home.folder, "owned"))).toBe(false);
  const record = readFileSync(join(home.path, "logs/tsm-monitor.log"), "utf8").split("\n");
  expect(statSync(join(home.path, "logs/tsm-monitor.log.1")).size).toBe(1024 * 1024 + 1);
  expect(record[0]?.split("\t").slice(1, 5)).toEqual(["api", "TETRA:API:CALL", "API_ERROR", "it ended with 3"]);
});

test("stream shows the last events and goes on with those that fit", async () => {
  const home = makeHome();
  await quiet(home, "api", [
    event("UI:CLICK", 3, { n: 1 }),
    event("API:CALL", 2, { n: 2 }),
    event("UI:CLICK", 1, { n: 3 }),
  ]);
  const stream = startTsm(home, ["stream", "api", "click", "--lines", "1"]);
  await until("the last one is shown", () => stream.printed.stdout.includes('"n": 3'));
  writeFileSync(
    join(folderOf(home, "api"), "current.out"),
    `${event("API:CALL", 0, { n: 4 })}\n${event("UI:CLICK", 0, { n: 5 })}\n`,
    { flag: "a" },
  );
  await until("the new one is shown", () => stream.printed.stdout.includes('"n": 5'));
  stream.child.kill("SIGINT");
  const { stdout } = await stream.outcome;
  for (const n of [1, 2, 4]) expect(stdout).not.toContain(`"n": ${n}`);
});

test("stream and monitor -f end when the process is deleted, and say so", async () => {
  const home = makeHome();
  await quiet(home, "api", [event("UI:CLICK", 1, { n: 1 })]);
  const watching = [startTsm(home, ["stream", "api"]), startTsm(home, ["monitor", "api", "-f"])];
  await until("both show the last one", () => watching.every(({ printed }) => /"n": ?1/.test(printed.stdout)));
  expect(await tsm(home, ["delete", "api", "--yes"])).toMatchObject({ code: 0 });
  for (const { outcome } of watching)
    expect(await outcome).toMatchObject({ code: 0, stderr: expect.stringContaining("tsm: 'api' was deleted\n") });
});
