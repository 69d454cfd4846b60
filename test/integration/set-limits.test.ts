import { readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { isAlive, pidOf } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";
import { tsmAsUser, userHome } from "../support/user-home.ts";

const isLinux = process.platform === "linux";
const isRoot = process.getuid?.() === 0;
const quick = ["--settle", "50"];
const nice = getPriority() + 4;

/** A line of /proc/PID/limits: soft and hard. */
function limitOf(pid: number, title: "Max open files" | "Max processes"): string[] {
  const text = readFileSync(`/proc/${pid}/limits`, "utf8");
  const line = text.split("\n").find((each) => each.startsWith(title)) ?? "";
  return line.slice(title.length).trim().split(/\s+/).slice(0, 2);
}

/** Starts `it`, which starts another. @returns both pids */
async function startTwo(home: Home): Promise<number[]> {
  script(home, "two.sh", "sleep 600 &\necho $! >child\nexec sleep 600");
  const words = ["start", ...quick, "--restart", "always", "--name", "it", "--interpreter", "bash", "two.sh"];
  expect(await tsm(home, words)).toMatchObject({ code: 0, stderr: "" });
  return await until("both run", () => {
    const pids = [pidOf(home, "it"), Number(read(`${home.folder}/child`))];
    return pids.every(sleeps) ? pids : undefined;
  });
}

function sleeps(pid: number): boolean {
  return pid > 0 && isAlive(pid) && read(`/proc/${pid}/comm`) === "sleep\n";
}

/** "" for what is not there. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

async function nextPid(home: Home, before: number): Promise<number> {
  return await until("it is brought back", () => {
    const pid = pidOf(home, "it");
    return pid !== before && sleeps(pid) ? pid : undefined;
  });
}

describe.runIf(isLinux)("set-limits", () => {
  test("sets them on all that runs, on what its runner brings back, and on what a restart makes", async () => {
    const home = makeHome();
    const pids = await startTwo(home);
    const limits = ["--nice", String(nice), "--nofile", "300", "--nproc", "5000"];
    expect(await tsm(home, ["set-limits", "it", ...limits])).toEqual({
      code: 0,
      signal: null,
      stderr: "",
      stdout: `tsm: limits of 'it': nice ${nice}, 300 open files, 5000 processes of its user\n  now, on 2 processes: nice ${nice}, 300 open files, 5000 processes of its user\n`,
    });
    const holds = (pid: number) => {
      expect(getPriority(pid)).toBe(nice);
      expect(limitOf(pid, "Max open files")).toEqual(["300", "300"]);
      expect(limitOf(pid, "Max processes")).toEqual(["5000", "5000"]);
    };
    for (const pid of pids) holds(pid);
    const [first = 0] = pids;
    process.kill(first, "SIGKILL");
    holds(await nextPid(home, first));
    expect(await tsm(home, ["restart", "it", ...quick])).toMatchObject({ code: 0 });
    holds(await nextPid(home, 0));
    expect(await tsmJson(home, ["limits", "it"])).toMatchObject({
      asked: { nice, openFiles: 300, processes: 5000, maxMemory: null },
    });
  });

  test("one leaves the others as they are; none takes one away, --reset all that are not given", async () => {
    const home = makeHome();
    await tsm(home, ["start", ...quick, "--limit-nofile", "300", "--name", "it", "--", "sleep", "600"]);
    const asked = async () => Object((await tsmJson(home, ["limits", "it"])) as object).asked;
    await tsm(home, ["set-limits", "it", "--nice", String(nice)]);
    expect(await asked()).toMatchObject({ nice, openFiles: 300, processes: null, maxMemory: null });
    await tsm(home, ["set-limits", "it", "--nofile", "none", "--memory", "1G"]);
    expect(await asked()).toMatchObject({ nice, openFiles: null, maxMemory: 1024 ** 3 });
    await tsm(home, ["set-limits", "it", "--reset", "--nproc", "5000"]);
    expect(await asked()).toMatchObject({ nice: null, openFiles: null, processes: 5000, maxMemory: null });
  });

  test("of what rests they hold from its next start on", async () => {
    const home = makeHome();
    await tsm(home, ["start", ...quick, "--name", "it", "--", "sleep", "600"]);
    await tsm(home, ["stop", "it"]);
    const said = await tsm(home, ["set-limits", "it", "--nofile", "300"]);
    expect(said).toMatchObject({ code: 0, stderr: "" });
    expect(said.stdout).toContain("from its next start on: nothing of it runs");
    await tsm(home, ["start", "it", ...quick]);
    expect(limitOf(await nextPid(home, 0), "Max open files")).toEqual(["300", "300"]);
  });

  test("memory is watched from now on: who uses more is restarted", async () => {
    const home = makeHome();
    script(home, "eats.cjs", "globalThis.kept = Buffer.alloc(120e6, 1); setInterval(() => {}, 1000)");
    await tsm(home, ["start", "--name", "it", "--", process.execPath, "eats.cjs"]);
    expect(await tsm(home, ["set-limits", "it", "--memory", "60M"])).toMatchObject({ code: 0, stderr: "" });
    await until(
      "it is restarted for its memory",
      async () => {
        const { stdout } = await tsm(home, ["events", "it"]);
        return /memory/.test(stdout);
      },
      { timeoutMs: 40_000 },
    );
  });

  test.for([
    { words: [], says: "no limit was given" },
    { words: ["--nice", "20"], says: "'20' is not a niceness" },
    { words: ["--nofile", "3"], says: "'3' is out of range" },
    { words: ["--nproc", "-1"], says: "'-1' is out of range" },
    { words: ["--memory", "much"], says: "'much' is not a size" },
  ])("$words is refused, and nothing changes", async ({ words, says }) => {
    const home = makeHome();
    await tsm(home, ["start", ...quick, "--nice", String(nice), "--name", "it", "--", "sleep", "600"]);
    const refused = await tsm(home, ["set-limits", "it", ...words]);
    expect(refused).toMatchObject({ code: 64, stdout: "" });
    expect(refused.stderr).toContain(says);
    expect(await tsmJson(home, ["limits", "it"])).toMatchObject({ asked: { nice, openFiles: null } });
  });

  test.runIf(isRoot)("whoever is not root is told what waits for a restart, and what is never permitted", async () => {
    const home = userHome();
    await tsmAsUser(home, ["start", ...quick, "--nice", "9", "--limit-nofile", "300", "--name", "it", "sleep", "600"]);
    const said = await tsmAsUser(home, ["set-limits", "it", "--nice", "3", "--nofile", "400", "--nproc", "5000"]);
    expect(said).toMatchObject({ code: 0, stderr: "" });
    expect(said.stdout).toContain("now, on 1 process: 5000 processes of its user");
    expect(said.stdout).toContain("from the next restart on: nice 3 (only root may make what runs less nice)");
    expect(said.stdout).toContain("from the next restart on: 400 open files");
    expect(getPriority(pidOf(home, "it"))).toBe(9);
    const refused = await tsmAsUser(home, ["set-limits", "it", "--nice", "-5"]);
    expect(refused).toMatchObject({ code: 64, stdout: "" });
    expect(refused.stderr).toContain("only root may make a process less nice than");
  });
});
