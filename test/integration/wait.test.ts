import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { script, server } from "../support/scripts.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** A process that is starting until its file `go` is there. */
async function startHeld(home: Home, ...flags: string[]): Promise<() => void> {
  const go = join(home.folder, "go");
  const held = startTsm(home, [
    "start",
    "--name",
    "held",
    "--ready",
    `cmd:test -e ${go}`,
    ...flags,
    "--",
    "sleep",
    "600",
  ]);
  await until("it is starting", async () => (await tsm(home, ["list"])).stdout.includes("starting"));
  return () => {
    writeFileSync(go, "");
    held.outcome.catch(() => undefined);
  };
}

test("what is so already is reached at once, in a line and as JSON", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "it", "--settle", "0", "--", "sleep", "600"]);
  expect(await tsm(home, ["wait", "it", "online"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^tsm: 'it' is online \(\d+ ms\)\n$/),
    stderr: "",
  });
  await tsm(home, ["stop", "it"]);
  expect(await tsmJson(home, ["wait", "it", "stopped"])).toEqual({
    name: "it",
    status: "stopped",
    waitedMs: expect.any(Number),
  });
});

test("online is waited for while it is starting, and reached when it is ready", async () => {
  const home = makeHome();
  const release = await startHeld(home);
  const waiting = startTsm(home, ["wait", "held", "online"]);
  const late = await tsm(home, ["wait", "held", "online", "--timeout", "0.2s"]);
  expect(late).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("'held' is not online after 0.2 s: it is starting"),
  });
  expect(waiting.child.exitCode).toBeNull();
  release();
  expect(await waiting.outcome).toMatchObject({ code: 0, stdout: expect.stringContaining("'held' is online") });
});

test("a crash that nobody mends ends the wait for online with 1, also while it waits", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "dies", "--restart", "no", "--settle", "0", "--", "sh", "-c", "exit 3"]);
  await until("it has crashed", async () => (await tsm(home, ["list"])).stdout.includes("crashed"));
  expect(await tsm(home, ["wait", "dies", "online"])).toMatchObject({
    code: 1,
    stdout: "",
    stderr:
      "tsm: 'dies' has crashed and nothing brings it back: it will not be online\n  tsm restart dies starts it again\n",
  });
  expect(await tsm(home, ["wait", "dies", "stopped"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("will not be stopped"),
  });
  await tsm(home, ["start", "--name", "lives", "--settle", "0", "--", "sleep", "600"]);
  const waiting = startTsm(home, ["wait", "lives", "port:1"]);
  await tsm(home, ["stop", "lives"]);
  expect(await waiting.outcome).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("'lives' is stopped and nothing brings it back"),
  });
});

test("what its policy brings back is waited for", async () => {
  const home = makeHome();
  const flag = join(home.folder, "well");
  await tsm(home, [
    "start",
    "--name",
    "again",
    "--settle",
    "0",
    "--restart",
    "always",
    "--restart-delay",
    "300ms",
    "--max-restarts",
    "1000",
    "--",
    "sh",
    "-c",
    `test -e ${flag} && exec sleep 600`,
  ]);
  await until("it waits for its restart", async () => (await tsm(home, ["list"])).stdout.includes("waiting"));
  const waiting = startTsm(home, ["wait", "again", "online"]);
  writeFileSync(flag, "");
  expect((await waiting.outcome).code).toBe(0);
  rmSync(flag);
});

test("a restart between its halves is no end", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "it", "--settle", "0", "--", "sleep", "600"]);
  const waiting = startTsm(home, ["wait", "it", "port:1", "--timeout", "30s"]);
  for (let turn = 0; turn < 5; turn += 1) await tsm(home, ["restart", "it", "--settle", "0"]);
  expect(waiting.printed.stderr).toBe("");
  await tsm(home, ["stop", "it"]);
  expect((await waiting.outcome).stderr).toContain("it will not listen");
});

test("port:N is reached when its tree listens there, and not when somebody else does", async () => {
  const home = makeHome();
  const port = await freePort();
  script(home, "server.js", server);
  await tsm(home, ["start", "--name", "other", "--settle", "0", "--", "sleep", "600"]);
  await tsm(home, ["start", "--name", "web", "--port", String(port), "node", "server.js"]);
  expect(await tsm(home, ["wait", "web", `port:${port}`])).toMatchObject({ code: 0 });
  expect(await tsm(home, ["wait", "other", `port:${port}`, "--timeout", "100ms"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`'other' does not listen on port ${port} after 0.1 s`),
  });
});

test("deleted meanwhile it will not be online; stopped it is", async () => {
  const home = makeHome();
  const release = await startHeld(home);
  const [online, stopped] = [startTsm(home, ["wait", "held", "port:1"]), startTsm(home, ["wait", "held", "stopped"])];
  release();
  await until("both have looked", async () => (await tsm(home, ["wait", "held", "online"])).code === 0);
  await tsm(home, ["delete", "held"]);
  expect(await online.outcome).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/was deleted|is stopped|not found/),
  });
  expect(await stopped.outcome).toMatchObject({ code: 0, stdout: expect.stringContaining("'held' is stopped") });
});

test("what is nothing to wait for is refused with 64", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "it", "--settle", "0", "--", "sleep", "600"]);
  for (const word of ["up", "port:0", "port:", "port:x", ""])
    expect(await tsm(home, ["wait", "it", word]), word).toMatchObject({ code: 64, stdout: "" });
});

test("Ctrl-C ends a wait with 130", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "it", "--settle", "0", "--", "sleep", "600"]);
  const waiting = startTsm(home, ["repl", "-c", "version; wait it stopped"]);
  await until("it waits", () => waiting.printed.stdout.includes("."));
  waiting.child.kill("SIGINT");
  expect((await waiting.outcome).code).toBe(130);
});
