import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { journalOf } from "../support/record.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** A server that keeps what it is sent, and answers with these codes, the last again and again; 0: never. */
async function hook(...answers: number[]): Promise<{ url: string; got: Record<string, unknown>[] }> {
  const got: Record<string, unknown>[] = [];
  const server: Server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      got.push(JSON.parse(text));
      const code = answers.length > 1 ? answers.shift() : answers[0];
      if (code !== 0) response.writeHead(code ?? 200).end("x".repeat(100_000));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // It listens on a port, so that is what its address is.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/secret`, got };
}

const on = (home: Home, ...words: string[]) => tsm(home, ["notify", "on", ...words]);
const give = (home: Home, ...flags: string[]) =>
  tsm(home, ["start", "--settle", "0", ...flags, "--name", "api", "--", "bash", "-c", "exit 3"]);

/** As the journal has them. */
function crashesIn(home: Home, count: number): void {
  const day = new Date().toISOString().slice(0, 10);
  const exit = { code: 3, signal: null, core: false, at: 1, uptime: 1, by: "crash" };
  const line = JSON.stringify({ time: new Date().toISOString(), event: "exit", id: 0, name: "api", exit });
  mkdirSync(join(home.path, "db/events"), { recursive: true });
  writeFileSync(join(home.path, `db/events/${day}.jsonl`), `${line}\n`.repeat(count), { flag: "a" });
}

/** What a command was given, an event a line. */
function heard(file: string): Record<string, unknown>[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.slice(0, -1).map((line): Record<string, unknown> => JSON.parse(line));
}

test("with no shell open a command and a webhook are told of a crash and of what is given up", async () => {
  const home = makeHome();
  const { url, got } = await hook(200);
  const file = join(home.folder, "heard");
  expect(await on(home, "crash,gave-up", "--exec", `cat >>'${file}'`)).toMatchObject({ code: 0 });
  const added = await on(home, "gave-up", "--webhook", url);
  expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tsm: rule 2 gave-up webhook http:\/\/127/) });
  expect(added.stdout).not.toContain("secret");
  await give(home, "--max-restarts", "1");
  await until("both were told", () => got.length === 1 && heard(file).some(({ event }) => event === "gave-up"));
  expect(got).toMatchObject([
    { event: "gave-up", name: "api", text: expect.stringContaining("api is not brought back") },
  ]);
  const events = heard(file);
  expect(events[0]).toMatchObject({ event: "crash", name: "api", home: home.path, exit: { code: 3, by: "crash" } });
  expect(events.filter(({ event }) => event === "crash")).toHaveLength(
    journalOf(home).filter(({ event }) => event === "exit").length,
  );
  expect(await tsmJson(home, ["notify"])).toMatchObject([
    { id: 1, via: { kind: "exec" }, problem: null },
    { id: 2, via: { kind: "webhook", to: expect.not.stringContaining("secret") }, problem: null },
  ]);
});

test("a start that fails is told too, where nothing runs that would have to be watched", async () => {
  const home = makeHome();
  const file = join(home.folder, "heard");
  await on(home, "crash", "--exec", `cat >>'${file}'`);
  expect(await tsm(home, ["start", "--name", "api", "--", "bash", "-c", "exit 3"])).toMatchObject({ code: 1 });
  await until("it was told", () => heard(file).length === 1);
  expect(heard(file)).toMatchObject([{ event: "crash", name: "api" }]);
});

test("what a rule holds of secrets is in no list and in no history of commands", async () => {
  const home = makeHome();
  const command = "curl -H 'Authorization: Bearer abcdefgh' -d password=abcdefgh https://h/x?token=abcdefgh";
  expect((await on(home, "crash", "--exec", command)).stdout).not.toContain("abcdefgh");
  await on(home, "crash", "--webhook", "https://example.org/services/abcdefgh");
  const { stdout } = await tsm(home, ["notify"]);
  expect(stdout).toContain(
    "curl -H 'Authorization: Bearer ***MASKED***' -d password=***MASKED*** https://h/x?token=***MA",
  );
  expect(JSON.stringify(await tsmJson(home, ["notify"]))).not.toContain("abcdefgh");
  expect(JSON.stringify(journalOf(home))).not.toContain("abcdefgh");
  expect(readFileSync(join(home.path, "config/notify.json"), "utf8")).toContain("Bearer abcdefgh");
});

test("what text of others is told is never a part of the command", async () => {
  const home = makeHome();
  const file = join(home.folder, "heard");
  await on(home, "hook-failed", "--exec", `cat >>'${file}'`);
  const why = "$(touch bad) `touch bad` '; touch bad; \n\u001b[2J";
  const line = JSON.stringify({
    time: new Date().toISOString(),
    event: "hook-failed",
    id: 0,
    name: "$(touch bad)",
    why,
  });
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(join(home.path, `db/events/${day}.jsonl`), `${line}\n`, { flag: "a" });
  await tsm(home, ["notify", "deliver"]);
  expect(heard(file)).toMatchObject([{ name: "$(touch bad)", reason: why }]);
  expect(existsSync(join(home.path, "bad"))).toBe(false);
});

test("a webhook that fails is tried again, one that refuses is not, and the list says why", async () => {
  const home = makeHome();
  const [flaky, refusing] = [await hook(500, 429, 204), await hook(404)];
  await on(home, "crash", "--webhook", flaky.url);
  await on(home, "crash", "--webhook", refusing.url);
  const { code, stdout } = await tsm(home, ["notify", "test"]);
  expect(stdout).toBe("tsm: rule 1: told\ntsm: rule 2: it answered 404\n");
  expect(code).toBe(1);
  expect([flaky.got.length, refusing.got.length]).toEqual([3, 1]);
  expect((await tsm(home, ["notify"])).stdout).toContain(": it answered 404)");
});

test("a test shows what a command said last", async () => {
  const home = makeHome();
  await on(home, "crash", "--exec", "echo first >&2; echo 'no such mailbox' >&2; sleep 600 & exit 3");
  const { code, stdout } = await tsm(home, ["notify", "test"]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "tsm: rule 1: it ended with 3: no such mailbox\n" });
});

test("a webhook that never answers keeps no other rule from being told of all that follows", async () => {
  const home = makeHome();
  const file = join(home.folder, "heard");
  const [silent, answering] = [await hook(0), await hook(200)];
  await on(home, "crash", "--webhook", silent.url);
  await on(home, "crash", "--exec", `cat >>'${file}'`);
  await on(home, "crash", "--webhook", answering.url);
  crashesIn(home, 3);
  const delivery = startTsm(home, ["notify", "deliver"]);
  await until("the others were told of all", () => heard(file).length === 3 && answering.got.length === 3);
  expect(silent.got).toHaveLength(1);
  // What comes while the silent one is given its time is told too, and not counted as too much.
  crashesIn(home, 2);
  await until("the others were told of that", () => heard(file).length === 5 && answering.got.length === 5);
  expect(await tsmJson(home, ["notify"])).toMatchObject([{}, { suppressed: 0 }, { suppressed: 0 }]);
  delivery.child.kill("SIGKILL");
  await delivery.outcome;
});

test("while one is waited for the others are told at once of what comes, by the ticker too, and it of all when it answers", async () => {
  const home = makeHome();
  const file = join(home.folder, "heard");
  const [late, gate] = [join(home.folder, "late"), join(home.folder, "gate")];
  await on(
    home,
    "crash",
    "--exec",
    `touch '${late}.began'; until [ -e '${gate}' ]; do sleep 0.05; done; cat >>'${late}'`,
  );
  await on(home, "crash", "--exec", `cat >>'${file}'`);
  crashesIn(home, 1);
  const delivery = startTsm(home, ["notify", "deliver"]);
  await until("the slow one is being told", () => existsSync(`${late}.began`) && heard(file).length === 1);
  crashesIn(home, 2);
  await until("the other was told meanwhile", () => heard(file).length === 3);
  expect(heard(late)).toEqual([]);
  writeFileSync(gate, "");
  expect(await delivery.outcome).toMatchObject({ code: 0, stdout: "tsm: 6 told\n" });
  expect([heard(late).length, heard(file).length]).toEqual([3, 3]);
});

test("where nothing is kept of what was told, a rule begins at the journal's end and is told what follows", async () => {
  const home = makeHome();
  const file = join(home.folder, "heard");
  await on(home, "crash", "--exec", `cat >>'${file}'`);
  crashesIn(home, 1);
  writeFileSync(join(home.path, "db/notify.json"), "{");
  expect(await tsmJson(home, ["notify", "deliver"])).toEqual({ told: 0 });
  crashesIn(home, 2);
  expect(await tsmJson(home, ["notify", "deliver"])).toEqual({ told: 2 });
});

test("what is beyond the limit is counted, and what was before the first rule is nobody's business", async () => {
  const home = makeHome();
  const file = join(home.folder, "heard");
  await give(home, "--restart", "no");
  await until("it is over", () => journalOf(home).some(({ event }) => event === "exit"));
  await on(home, "crash", "--exec", `cat >>'${file}'`, "--limit", "2/1h");
  crashesIn(home, 5);
  await Promise.all([tsm(home, ["notify", "deliver"]), tsm(home, ["notify", "deliver"])]);
  expect(heard(file)).toHaveLength(2);
  expect(await tsmJson(home, ["notify"])).toMatchObject([{ suppressed: 3 }]);
  await tsm(home, ["notify", "test"]);
  expect(heard(file).at(-1)).toMatchObject({ event: "test", suppressed: 3 });
});

test("memory, unready and online are told by their own names, and crash of each that is one", async () => {
  const home = makeHome();
  const [exact, any] = [join(home.folder, "exact"), join(home.folder, "any")];
  await on(home, "memory,unready,online,crash", "--exec", `cat >>'${exact}'`);
  await on(home, "crash", "--exec", `cat >>'${any}'`);
  const day = new Date().toISOString().slice(0, 10);
  const line = (event: string, more: Record<string, unknown> = {}) =>
    `${JSON.stringify({ time: new Date().toISOString(), event, id: 0, name: "api", ...more })}\n`;
  const exit = (by: string, code: number | null = null) =>
    line("exit", { exit: { code, signal: code === null ? "SIGTERM" : null, core: false, at: 1, uptime: 1, by } });
  const lines = [
    line("start", { pid: 1, phase: "starting" }),
    line("ready", { pid: 1 }),
    line("start", { pid: 2 }),
    exit("memory"),
    exit("health", 0),
    exit("crash", 1),
    exit("crash", 0),
    exit("user"),
  ];
  mkdirSync(join(home.path, "db/events"), { recursive: true });
  writeFileSync(join(home.path, `db/events/${day}.jsonl`), lines.join(""), { flag: "a" });
  expect(await tsmJson(home, ["notify", "deliver"])).toEqual({ told: 7 });
  expect(heard(exact).map(({ event }) => event)).toEqual(["online", "online", "memory", "unready", "crash"]);
  expect(heard(any).map(({ event }) => event)).toEqual(["crash", "crash"]);
});

test("who says when it is ready is online then, and not before", async () => {
  const home = makeHome();
  const file = join(home.folder, "heard");
  await on(home, "online", "--exec", `cat >>'${file}'`);
  const words = ["--ready", "log:/up/", "--name", "api", "--", "bash", "-c", "echo up; exec sleep 600"];
  expect(await tsm(home, ["start", ...words])).toMatchObject({ code: 0 });
  await until("it is told", () => heard(file).length > 0);
  expect(heard(file)).toMatchObject([{ event: "online", name: "api", text: "api is ready" }]);
  expect(journalOf(home).map(({ event }) => event)).toEqual(expect.arrayContaining(["start", "ready"]));
});

test("a webhook that cannot be reached, sends elsewhere or is nobody's by its certificate is said to be so", async () => {
  const home = makeHome();
  const [plain, moved] = [await hook(200), await hook(302)];
  await on(home, "crash", "--webhook", moved.url);
  await on(home, "crash", "--webhook", plain.url.replace("http:", "https:"));
  await on(home, "crash", "--exec", "exit 7");
  await on(home, "crash", "--exec", "head -c 3000000 /dev/zero; exit 8");
  const { code, stdout } = await tsm(home, ["notify", "test"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^tsm: rule 1: it answered 302\ntsm: rule 2: .+\ntsm: rule 3: .*7.*\ntsm: rule 4: .*8.*\n$/);
  expect(moved.got).toHaveLength(1);
});

test("whoever tells is killed in the middle: what it had not told is told by the next, and no event is lost", async () => {
  const home = makeHome();
  const [file, gate] = [join(home.folder, "heard"), join(home.folder, "gate")];
  const wait = `echo >>'${file}.began'; until [ -e '${gate}' ]; do sleep 0.1; done; exit`;
  await on(home, "crash", "--exec", `[ -e '${gate}' ] || { ${wait}; }; cat >>'${file}'`);
  crashesIn(home, 2);
  const first = startTsm(home, ["notify", "deliver"]);
  await until("it is telling", () => existsSync(`${file}.began`));
  first.child.kill("SIGKILL");
  await first.outcome;
  writeFileSync(gate, "");
  await Promise.all([tsm(home, ["notify", "deliver"]), tsm(home, ["notify", "deliver"])]);
  expect(heard(file)).toHaveLength(2);
});

test("where the desktop cannot be told anything, that is said", async () => {
  const home = makeHome();
  await on(home, "crash", "--desktop");
  const { code, stdout } = await tsm(home, ["notify", "test"], { env: { PATH: home.folder } });
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/^tsm: rule 1: there is no \S+ here\n$/) });
});

test("wrong words and damaged rules are said, and change nothing", async () => {
  const home = makeHome();
  for (const words of [
    ["on"],
    ["on", "crash"],
    ["on", "crash", "--exec", ""],
    ["on", "crash,nonsense", "--desktop"],
    ["on", "crash", "--desktop", "--exec", "x"],
    ["on", "crash", "--webhook", "ftp://x"],
    ["on", "crash", "--desktop", "--limit", "0/1m"],
    ["off"],
    ["off", "x"],
    ["list", "--desktop"],
  ])
    expect(await tsm(home, ["notify", ...words]), words.join(" ")).toMatchObject({ code: 64 });
  expect(await tsm(home, ["notify", "off", "7"])).toMatchObject({ code: 1 });
  expect((await tsm(home, ["notify"])).stdout).toContain("nobody is told");
  await on(home, "crash", "--exec", "cat");
  expect(existsSync(join(home.path, "config/notify.json"))).toBe(true);
  await tsm(home, ["notify", "off", "1"]);
  expect(existsSync(join(home.path, "config/notify.json"))).toBe(false);
  for (const text of [
    "[{}]",
    '[{"id":1,"on":["crash"],"via":{"kind":"webhook","url":"http://"},"most":1,"perMs":1000}]',
  ]) {
    writeFileSync(join(home.path, "config/notify.json"), text);
    expect(await tsm(home, ["notify"])).toMatchObject({ code: 65, stderr: expect.stringContaining("rule 1 is none") });
  }
});
