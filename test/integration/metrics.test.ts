import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import parse from "parse-prometheus-text-format";
import { expect, onTestFinished, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { pidOf } from "../support/record.ts";
import { holdTicker } from "../support/ticker.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* Samples, `metrics` and what Prometheus reads: the built program over real processes. */

interface Metrics {
  readonly name: string;
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly samples: readonly { readonly at: number; readonly cpu: number; readonly memory: number }[];
}

const folder = (home: Home) => join(home.path, "db/metrics");
const dayFile = (home: Home, daysAgo = 0) =>
  join(folder(home), `${new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10)}.samples`);

async function start(home: Home, name: string, ...command: readonly string[]): Promise<void> {
  const words = command.length === 0 ? ["sleep", "600"] : command;
  const { code, stderr } = await tsm(home, ["start", "--name", name, "--settle", "0", "--", ...words]);
  if (code !== 0) throw new Error(stderr);
  // Its pass of each minute would take samples too.
  await holdTicker(home);
}

/** As the ticker does each minute; the last sample counts as that of a minute ago. */
async function pass(home: Home): Promise<void> {
  const path = join(folder(home), "last");
  if (existsSync(path)) {
    const text = readFileSync(path, "utf8");
    writeFileSync(
      path,
      text.replace(/^\d+/, (at) => String(Number(at) - 60_000)),
    );
  }
  expect(await tsm(home, ["patrol", "--quick"])).toMatchObject({ code: 0, stderr: "" });
}

// What tsmJson returns is what the program printed; what is wrong in it fails the expectation.
const metrics = async (home: Home, ...words: readonly string[]) =>
  (await tsmJson(home, ["metrics", ...words])) as Metrics[];

test("a pass writes down a sample of each process that runs, and metrics shows them", async () => {
  const home = makeHome();
  await start(home, "api");
  await start(home, "bl ank");
  await start(home, "rests");
  await tsm(home, ["stop", "rests"]);
  await pass(home);
  await pass(home);
  const found = await metrics(home);
  expect(found.map(({ name, samples }) => [name, samples.length])).toEqual([
    ["api", 2],
    ["bl ank", 2],
    ["rests", 0],
  ]);
  for (const { samples, cpu, memory } of found.slice(0, 2)) {
    expect(memory).toBeGreaterThan(0);
    expect(cpu).toBeGreaterThanOrEqual(0);
    for (const sample of samples) {
      expect(Math.abs(sample.at - Date.now() / 1000)).toBeLessThan(120);
      expect(sample.memory).toBeGreaterThan(0);
    }
  }
  expect(found[2]).toMatchObject({ cpu: null, memory: null });
  const table = await tsm(home, ["metrics"]);
  expect(table.stdout).toMatch(/│ 0 +│ api +│ +\d+\.\d% │/);
  const page = (await tsm(home, ["metrics", "bl ank"])).stdout;
  expect(page).toMatch(/^bl ank \(#1\) \d\d:\d\d to \d\d:\d\d, 2 samples\n\ncpu: now /);
  expect(page).toMatch(/^memory: now /m);
  expect((await tsm(home, ["metrics", "rests"])).stdout).toContain("no samples yet");
});

test("where no process does anything the ticker is told so, until one does", async () => {
  const home = makeHome();
  const idle = join(home.path, "runtime/idle");
  await start(home, "rests");
  await pass(home);
  await pass(home);
  expect(existsSync(idle)).toBe(true);
  await start(home, "works", "bash", "-c", "while :; do :; done");
  await pass(home);
  expect(existsSync(idle)).toBe(false);
  await tsm(home, ["stop", "works"]);
  await pass(home);
  expect(existsSync(idle)).toBe(true);
});

test("passes that follow at once are one sample, also when they come together", async () => {
  const home = makeHome();
  await start(home, "api");
  await Promise.all(Array.from({ length: 6 }, () => tsm(home, ["patrol", "--quick"])));
  await tsm(home, ["patrol"]);
  expect((await metrics(home))[0]?.samples).toHaveLength(1);
});

test("a sample is of the whole tree, with the time of children that have ended", async () => {
  const home = makeHome();
  // The leader itself does nothing but start and wait.
  await start(home, "busy", "bash", "-c", "while :; do bash -c 'for ((n = 0; n < 200000; n++)); do :; done'; done");
  const pid = pidOf(home, "busy");
  const own = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  };
  const counted = async () => {
    const families = parse((await tsm(home, ["metrics", "--prom"])).stdout);
    return Number(families.find(({ name }) => name === "tsm_process_cpu_seconds_total")?.metrics[0]?.value);
  };
  await until("its children have used a second", async () => (await counted()) > 1 + 3 * own());
  await pass(home);
  const [busy] = await metrics(home);
  expect(busy?.samples[0]?.cpu).toBeGreaterThan(0);
});

test("another life begins to count anew", async () => {
  const home = makeHome();
  await start(home, "api", "bash", "-c", "for ((n = 0; n < 300000; n++)); do :; done; exec sleep 600");
  await pass(home);
  await tsm(home, ["restart", "api", "--settle", "0"]);
  await pass(home);
  const [api] = await metrics(home);
  expect(api?.samples).toHaveLength(2);
  for (const { cpu } of api?.samples ?? []) expect(cpu).toBeGreaterThanOrEqual(0);
});

test("what was cut short, and rubbish, costs no sample but itself", async () => {
  const home = makeHome();
  await start(home, "api");
  await pass(home);
  appendFileSync(dayFile(home), `\u0000\xff rubbish\nnames {"0": 7\n${Math.floor(Date.now() / 1000)} 0:99:1`);
  expect((await metrics(home))[0]?.samples).toHaveLength(1);
  await pass(home);
  expect((await metrics(home))[0]?.samples).toHaveLength(2);
  writeFileSync(join(folder(home), "last"), "rubbish");
  await pass(home);
  expect((await metrics(home))[0]?.samples).toHaveLength(3);
  rmSync(folder(home), { recursive: true });
  expect((await metrics(home))[0]?.samples).toEqual([]);
  await pass(home);
  expect((await metrics(home))[0]?.samples).toHaveLength(1);
});

test("an id that is another's by now means the other from then on", async () => {
  const home = makeHome();
  await start(home, "first");
  await pass(home);
  await tsm(home, ["delete", "first"]);
  await start(home, "second");
  await pass(home);
  expect((await metrics(home)).map(({ name, samples }) => [name, samples.length])).toEqual([["second", 1]]);
});

test("samples are kept for seven days, or for as long as the setting says; 0 takes none", async () => {
  const home = makeHome();
  await start(home, "api");
  mkdirSync(folder(home), { recursive: true });
  const at = (daysAgo: number) => Math.floor(Date.now() / 1000 - daysAgo * 86_400);
  for (const daysAgo of [1, 3, 7, 8, 30])
    writeFileSync(dayFile(home, daysAgo), `\nnames {"0":"api"}\n${at(daysAgo)} 0:10:1000 ;\n`);
  writeFileSync(join(folder(home), "notes.txt"), "mine");
  await pass(home);
  const days = () => readdirSync(folder(home)).filter((name) => name.endsWith(".samples"));
  expect(days()).toHaveLength(4);
  expect((await metrics(home, "api", "--since", "2d"))[0]?.samples).toHaveLength(2);
  expect((await metrics(home, "api", "--since", "4d"))[0]?.samples).toHaveLength(3);
  expect((await tsm(home, ["metrics", "api", "--since", "4d"])).stdout).toMatch(/ \d\d-\d\d \d\d:\d\d to \d\d-\d\d /);
  await tsm(home, ["config", "set", "metricsDays", "2"]);
  rmSync(dayFile(home));
  await pass(home);
  expect(days()).toHaveLength(2);
  expect(existsSync(join(folder(home), "notes.txt"))).toBe(true);
  await tsm(home, ["config", "set", "metricsDays", "0"]);
  const before = readFileSync(dayFile(home), "utf8");
  await pass(home);
  expect(readFileSync(dayFile(home), "utf8")).toBe(before);
});

test("what Prometheus reads is what its parser reads, for all processes or those that are named", async () => {
  const home = makeHome();
  await start(home, 'qu"ote\\d');
  await start(home, "api");
  const labels = async (...words: readonly string[]) =>
    parse((await tsm(home, ["metrics", "--prom", ...words])).stdout)
      .find(({ name }) => name === "tsm_process_up")
      ?.metrics.map((each) => each.labels?.["name"]);
  expect(await labels()).toEqual(['qu"ote\\d', "api"]);
  expect(await labels("api")).toEqual(["api"]);
});

test("--listen serves GET /metrics and nothing else, until Ctrl-C", async () => {
  const home = makeHome();
  await start(home, "api");
  const running = startTsm(home, ["metrics", "--prom", "--listen", "127.0.0.1:0"]);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  const url = await until(
    "it says where",
    () => /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(running.printed.stdout)?.[0],
  );
  const { port } = new URL(url);
  const ask = (path: string, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });
  const answer = await ask("/metrics");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  expect(parse(await answer.text()).map(({ name }) => name)).toContain("tsm_process_up");
  await tsm(home, ["stop", "api"]);
  const later = parse(await (await ask("/metrics?x=1")).text());
  expect(later.find(({ name }) => name === "tsm_process_up")?.metrics[0]?.value).toBe("0");
  const statuses = [];
  for (const [path, method] of [
    ["/", "GET"],
    ["/metrics/", "GET"],
    ["/../../etc/passwd", "GET"],
    ["/toString", "GET"],
    ["/metrics", "POST"],
    ["/metrics", "DELETE"],
    ["/metrics", "HEAD"],
  ] as const)
    statuses.push((await ask(path, method)).status);
  expect(statuses).toEqual([404, 404, 404, 404, 405, 405, 200]);
  // Who asks for nothing keeps nobody from leaving.
  const silent = connect(Number(port), "127.0.0.1");
  silent.on("error", () => undefined);
  await until("it is connected", () => silent.readyState === "open");
  running.child.kill("SIGINT");
  expect(await running.outcome).toMatchObject({ code: 0, stderr: "" });
  await expect(ask("/metrics")).rejects.toThrow("fetch failed");
});

test("a place that is taken or that there is not is an error that says so", async () => {
  const home = makeHome();
  const running = startTsm(home, ["metrics", "--listen", "127.0.0.1:0"]);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  const port = await until("it says where", () => /:(\d+)\/metrics/.exec(running.printed.stdout)?.[1]);
  expect(await tsm(home, ["metrics", "--listen", `127.0.0.1:${port}`])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining(`port ${port} of 127.0.0.1 is already in use`),
  });
  for (const word of [":9209", "127.0.0.1", "127.0.0.1:99999", "http://x", "", "1.2.3.4:", "[::1:9"])
    expect(await tsm(home, ["metrics", "--listen", word]), word).toMatchObject({ code: 64, stdout: "" });
});

test("a home without a process has metrics of none, and a length of time may be absurd", async () => {
  const home = makeHome();
  for (const verb of ["metrics", "monit"]) {
    expect(await tsmJson(home, [verb])).toEqual([]);
    expect(await tsm(home, [verb])).toMatchObject({ code: 0, stderr: "" });
  }
  await tsm(home, ["start", "--settle", "0", "--name", "api", "sleep", "600"]);
  const all = await tsm(home, ["metrics", "api", "--since", "999999999999999999w"]);
  expect(all).toMatchObject({ code: 0, stdout: expect.not.stringContaining("NaN") });
});
