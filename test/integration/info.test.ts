import { realpathSync } from "node:fs";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { folderOf, pidOf, readMeta } from "../support/record.ts";
import { script, server, tick } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

function rowsOf(stdout: string): Record<string, string> {
  return Object.fromEntries(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => [line.slice(0, 12).trim(), line.slice(13)]),
  );
}

test.for(["info", "describe", "show"])("%s says everything on one screen", async (verb) => {
  const home = makeHome();
  script(home, "server.cjs", server);
  const env = script(home, "env/local.env", "A=1\n");
  const port = await freePort();
  await tsm(home, [
    "start",
    "--settle",
    "30000",
    "--port",
    String(port),
    "--env",
    "local",
    "--restart",
    "on-failure",
    "node",
    "server.cjs",
  ]);
  const name = `work-server-${port}`;
  await until("it has written", async () => (await tsm(home, ["logs", name])).stdout.includes("up"));
  const { code, stdout } = await tsm(home, [verb, "server"]);
  expect(code).toBe(0);
  expect(stdout.trimEnd().split("\n").length).toBeLessThanOrEqual(24);
  const rows = rowsOf(stdout);
  const pid = pidOf(home, name);
  expect(rows).toMatchObject({
    name,
    id: "0",
    status: "online",
    pid: `${pid} (start mark ${readMeta(home, name)["start_mark"]})`,
    started: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
    "last exit": "none",
    restarts: "0 (policy on-failure)",
    port: `${port} (listening)`,
    tree: expect.stringContaining(String(pid)),
    command: expect.stringMatching(/node server\.cjs$/),
    type: "node",
    cwd: home.folder,
    "env file": env,
    "out log": expect.stringMatching(new RegExp(`^${folderOf(home, name)}/current\\.out \\(\\d+ B\\)$`)),
    "err log": expect.stringContaining("current.err"),
    runner: String(readMeta(home, name)["runner_pid"]),
    created: expect.stringMatching(/ UTC$/),
  });
  expect(realpathSync(rows["interpreter"] ?? "")).toBe(realpathSync(process.execPath));
});

test("info of a stopped process still says how it ended", async () => {
  const home = makeHome();
  script(home, "tick.sh", tick);
  await tsm(home, ["start", "--settle", "50", "tick.sh"]);
  await tsm(home, ["stop", "tick"]);
  const rows = rowsOf((await tsm(home, ["info", "tick"])).stdout);
  expect(rows).toMatchObject({ status: "stopped", uptime: "-", pid: "-", tree: "-", runner: "-", port: "none" });
  expect(rows["last exit"]).toMatch(/^killed by SIGTERM, .* UTC, after \d+s, wanted by user$/);
});

test("a port that nobody listens on is said to be so, and one nobody declared is found", async () => {
  const home = makeHome();
  const [declared, actual] = [await freePort(), await freePort()];
  script(home, "other.cjs", `require("node:net").createServer().listen(${actual}, () => console.log("up"))`);
  await tsm(home, ["start", "--settle", "0", "--port", String(declared), "node", "other.cjs"]);
  await until("it listens", async () => (await tsm(home, ["logs", "other"])).stdout === "up\n");
  const rows = rowsOf((await tsm(home, ["info", "other"])).stdout);
  expect(rows["port"]).toBe(`${declared} (not listening), also listens on ${actual}`);
  expect(await tsmJson(home, ["info", "other"])).toMatchObject({ port: declared, listening: false, ports: [actual] });
});

test("§6.2 the recorded pid is the program's own, and the tree is all of it", async () => {
  const home = makeHome();
  script(home, "tree.sh", "echo $$\nsleep 600 &\nwait\n");
  await tsm(home, ["start", "--settle", "50", "tree.sh"]);
  const info = (await tsmJson(home, ["info", "tree"])) as { pid: number; tree: { pid: number; command: string }[] };
  expect((await tsm(home, ["logs", "tree"])).stdout).toBe(`${info.pid}\n`);
  expect(info.tree.map(({ command }) => command).sort()).toEqual(["bash", "sleep"]);
});
