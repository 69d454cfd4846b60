import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { identify, list, type Meta, meta, metaPath, row } from "../support/managed.ts";
import { tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** Traps what it can and says so; leads a group of its own, so that a signal to the group would be seen too. */
const bystanderScript = `
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP", "SIGCONT", "SIGUSR1", "SIGUSR2"])
    process.on(name, () => process.stdout.write(name + "\\n"));
  process.stdout.write("ready\\n");
  setInterval(() => {}, 1e6);
`;

const verbs = [
  ["list", "all"],
  ["info", "api"],
  ["kill", "api", "--signal", "SIGUSR1"],
  ["kill", "api"],
  ["stop", "api"],
  ["stop", "*"],
  ["restart", "api", "--settle", "0"],
  ["start", "--name", "api", "--settle", "0", "--", "sleep", "3600"],
  ["delete", "api"],
];

test.for([
  { what: "a recycled pid", change: (pid: number): Partial<Meta> => ({ pid, start_mark: "12345" }) },
  {
    what: "the same pid and mark in another boot",
    change: (pid: number): Partial<Meta> => ({
      pid,
      start_mark: identify(pid).startMark,
      boot_id: "00000000-0000-4000-8000-000000000000",
    }),
  },
  {
    what: "a runner's recycled pid",
    change: (pid: number): Partial<Meta> => ({ pid: 0, start_mark: "0", runner_pid: pid, runner_mark: "12345" }),
  },
  {
    what: "both, in another boot",
    change: (pid: number): Partial<Meta> => ({
      pid,
      start_mark: identify(pid).startMark,
      runner_pid: pid,
      runner_mark: identify(pid).startMark,
      boot_id: "00000000-0000-4000-8000-000000000000",
    }),
  },
  {
    what: "init",
    change: (): Partial<Meta> => ({
      pid: 1,
      start_mark: identify(1).startMark,
      runner_pid: 1,
      runner_mark: identify(1).startMark,
    }),
  },
])("$what: never shown online, never signalled, by no verb", async ({ change }) => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "api", "--settle", "0", "--", "sleep", "3600"]);
  await tsm(home, ["stop", "api"]);
  const record = meta(home, "api");
  const bystander = await startBystander();
  const pid = bystander.child.pid ?? 0;
  for (const status of ["online", "starting", "waiting", "stopping", "stopped", "crashed"]) {
    for (const words of verbs) {
      craft(home, { ...record, status, ...change(pid) });
      expect(["crashed", "stopped"]).toContain((await row(home, "api")).status);
      await tsm(home, words);
      if (words[0] === "restart" || words[0] === "start") {
        const [only] = await list(home);
        expect(only?.pid).not.toBe(pid);
        await tsm(home, ["stop", "api"]);
      }
      if (words[0] === "delete") await tsm(home, ["start", "--name", "api", "--settle", "0", "--", "true"]);
      if (status !== "online" && words[0] === "list") break; // the whole row of verbs for the most tempting status only
    }
  }
  expect(bystander.heard()).toEqual(["ready"]);
  expect(bystander.child.exitCode ?? bystander.child.signalCode).toBeNull();
});

test("a runner that is handed init by a record watches nobody: it goes on from an unseen end", async () => {
  const home = makeHome();
  await tsm(home, ["start", "--name", "api", "--restart", "no", "--settle", "0", "--", "sleep", "3600"]);
  await tsm(home, ["stop", "api"]);
  const nobody = { runner_pid: 99_999_999, runner_mark: "1" };
  craft(home, { ...meta(home, "api"), status: "online", pid: 1, start_mark: identify(1).startMark, ...nobody });
  await tsm(home, ["patrol"]);
  await until("its end is on record", () => meta(home, "api").status === "crashed");
  expect(meta(home, "api")).toMatchObject({ last_exit: { code: null, signal: null, by: "crash" } });
  await until("its runner has gone", () => home.processes().length === 0);
});

function craft(home: Home, record: Meta): void {
  writeFileSync(metaPath(home, "api"), `${JSON.stringify(record, null, 2)}\n`);
}

async function startBystander(): Promise<{ child: ChildProcess; heard: () => string[] }> {
  const child = spawn(process.execPath, ["-e", bystanderScript], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  await once(child.stdout, "data");
  return { child, heard: () => text.trim().split("\n") };
}
