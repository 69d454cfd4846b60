import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { getPriority } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { isAlive, logOf, pidOf } from "../support/record.ts";
import { script, seenIn, showing } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";
import { tsmAsUser, userHome } from "../support/user-home.ts";

const quick = ["--settle", "50"];
const isLinux = process.platform === "linux";
const isRoot = process.getuid?.() === 0;
const nobodyHome = isLinux
  ? readFileSync("/etc/passwd", "utf8").match(/^nobody:(?:[^:]*:){4}([^:\n]*)/m)?.[1]
  : undefined;
const nobodyGroup = isLinux ? readFileSync("/etc/passwd", "utf8").match(/^nobody:[^:]*:\d+:(\d+):/m)?.[1] : undefined;

/** A line of /proc/PID/limits: soft and hard. */
function limitOf(pid: number, title: string): string[] {
  const line = readFileSync(`/proc/${pid}/limits`, "utf8")
    .split("\n")
    .find((each) => each.startsWith(title));
  return (line ?? "").slice(title.length).trim().split(/\s+/).slice(0, 2);
}

/** Real and effective id, as numbers. */
function idsOf(pid: number, which: "Uid" | "Gid"): number[] {
  const ids = new RegExp(`^${which}:\\s+(.*)$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
  return ids.split(/\s+/).slice(0, 2).map(Number);
}

/** Brought back by its runner: another pid. */
async function nextPid(home: Home, name: string, before: number): Promise<number> {
  return await until(`${name} is another process`, () => {
    const pid = pidOf(home, name);
    return pid !== before && pid > 0 && isAlive(pid) ? pid : undefined;
  });
}

test("niceness and limits are the program's own, also after a crash and a restart", async () => {
  const home = makeHome();
  const nice = Math.min(19, getPriority() + 5);
  const limits = ["--nice", String(nice), "--limit-nofile", "100", "--limit-nproc", "5000"];
  const started = await tsm(home, [
    "start",
    ...quick,
    ...limits,
    "--name",
    "it",
    "--restart",
    "always",
    "--",
    "sleep",
    "600",
  ]);
  expect(started).toMatchObject({ code: 0, stderr: "" });
  const holds = (pid: number) => {
    expect(getPriority(pid)).toBe(nice);
    if (!isLinux) return;
    expect(limitOf(pid, "Max open files")).toEqual(["100", "100"]);
    expect(limitOf(pid, "Max processes")).toEqual(["5000", "5000"]);
    expect(readFileSync(`/proc/${pid}/comm`, "utf8")).toBe("sleep\n");
  };
  const first = pidOf(home, "it");
  holds(first);
  process.kill(first, "SIGKILL");
  const second = await nextPid(home, "it", first);
  await until("it sleeps", () => getPriority(second) === nice);
  await until("it is the program", () => readFileSync(`/proc/${second}/comm`, "utf8") === "sleep\n");
  holds(second);
  await tsm(home, ["restart", "it", ...quick]);
  holds(pidOf(home, "it"));
  const info = await tsm(home, ["info", "it"]);
  expect(info.stdout).toContain(`nice ${nice}, 100 open files, 5000 processes of its user`);
});

test("what nobody asked for is not shown", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "it", "--", "sleep", "600"]);
  expect((await tsm(home, ["info", "it"])).stdout).not.toContain("limits");
  expect(await tsmJson(home, ["info", "it"])).toMatchObject({
    limits: { nice: null, openFiles: null, processes: null, runAs: null },
  });
});

test("a process that lost its runner has its limits and its user after the next crash too", async () => {
  const home = makeHome();
  const nice = Math.min(19, getPriority() + 3);
  await tsm(home, ["start", ...quick, "--nice", String(nice), "--name", "it", "--restart", "always", "sleep", "600"]);
  const { runnerPid, pid } = (await tsmJson(home, ["info", "it"])) as { runnerPid: number; pid: number };
  process.kill(runnerPid, "SIGKILL");
  await tsm(home, ["patrol"]);
  process.kill(pid, "SIGKILL");
  const next = await nextPid(home, "it", pid);
  await until("its niceness is back", () => getPriority(next) === nice);
});

test.for([
  { flags: ["--nice", "20"], says: "'20' is not a niceness" },
  { flags: ["--nice", "-21"], says: "'-21' is not a niceness" },
  { flags: ["--nice", "low"], says: "'low' is not a niceness" },
  { flags: ["--limit-nofile", "0"], says: "'0' is out of range" },
  { flags: ["--limit-nproc", "none"], says: "'none' is not a whole number" },
])("start $flags is refused", async ({ flags, says }) => {
  const home = makeHome();
  const refused = await tsm(home, ["start", ...flags, "--", "sleep", "600"]);
  expect(refused).toMatchObject({ code: 64, stdout: "", stderr: expect.stringContaining(says) });
});

test.for([
  { flags: ["--nice", "-5"], says: "only root may make a process less nice than" },
  { flags: ["--user", "nobody"], says: "only root may run a process as another user or group" },
  { flags: ["--group", "daemon"], says: "only root may run a process as another user or group" },
])("who is not root is refused $flags", async ({ flags, says }) => {
  const home = userHome();
  const refused = await tsmAsUser(home, ["start", ...flags, "--name", "it", "--", "sleep", "600"]);
  expect(refused).toMatchObject({ code: 64, stdout: "", stderr: expect.stringContaining(says) });
  expect(await tsmJson(home, ["list", "all"])).toEqual([]);
});

test("more open files than this user may have: the start fails and says how many there may be", async () => {
  const home = userHome();
  const failed = await tsmAsUser(home, ["start", "--limit-nofile", "1048576", "--name", "it", "--", "sleep", "600"]);
  const most = Number(limitOf(process.pid, "Max open files")[1]);
  if (most >= 1_048_576) expect(failed.code).toBe(0);
  else expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining(`at most ${most} files`) });
});

describe.runIf(isRoot && isLinux)("root", () => {
  /** A home that others may pass through: as them the program must reach its folder. */
  function openHome(): Home {
    const home = makeHome();
    chmodSync(dirname(home.path), 0o755);
    chmodSync(home.folder, 0o777);
    return home;
  }

  /** A PATH with everything but setpriv, as on macOS. */
  function pathWithoutSetpriv(home: Home): string {
    const folder = join(home.folder, "bin");
    mkdirSync(folder);
    for (const from of ["/usr/bin", "/bin"])
      for (const name of readdirSync(from)) {
        if (name === "setpriv") continue;
        try {
          symlinkSync(join(from, name), join(folder, name));
        } catch (error) {
          if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
        }
      }
    // In front of it: one that fails, for the runner's own PATH goes on to the system's.
    script(home, "bin/setpriv", "#!/bin/sh\nexit 1\n", 0o755);
    return folder;
  }

  test.for([{ by: "setpriv" }, { by: "perl" }])(
    "runs it as another user by $by: same words, same environment, same pid",
    async ({ by }) => {
      const home = openHome();
      script(home, "show.cjs", showing);
      const node = process.execPath;
      const path = by === "perl" ? `${pathWithoutSetpriv(home)}:${process.env["PATH"]}` : (process.env["PATH"] ?? "");
      const words = ["a b", "", "$x", "it's", "*", "--user", "line\nend", "ü\\n"];
      const args = ["--nice", "-3", "--user", "nobody", "--name", "it", "--restart", "always", "--"];
      const env = { PATH: path, MINE: "x y" };
      const started = await tsm(home, ["start", ...quick, ...args, node, "show.cjs", ...words], { env });
      expect(started).toMatchObject({ code: 0, stderr: "" });
      const seen = await seenIn(home.folder);
      expect(seen.argv).toEqual(words);
      expect(seen.pid).toBe(pidOf(home, "it"));
      expect(seen.env).toMatchObject({ MINE: "x y", PATH: path, TSM_NAME: "it" });
      expect(seen.env).toMatchObject({ HOME: nobodyHome, USER: "nobody", LOGNAME: "nobody" });
      for (const added of ["_", "OLDPWD"]) expect(seen.env).not.toHaveProperty(added);
      expect(seen.env["SHLVL"]).toBe(process.env["SHLVL"]);
      expect(idsOf(seen.pid, "Uid")).toEqual([65_534, 65_534]);
      expect(idsOf(seen.pid, "Gid")).toEqual([Number(nobodyGroup), Number(nobodyGroup)]);
      const groups = /^Groups:\s*(.*?)\s*$/m.exec(readFileSync(`/proc/${seen.pid}/status`, "utf8"))?.[1];
      expect(groups).toBe(nobodyGroup);
      expect(getPriority(seen.pid)).toBe(-3);
      process.kill(seen.pid, "SIGKILL");
      const next = await seenIn(home.folder, seen.pid);
      expect(idsOf(next.pid, "Uid")).toEqual([65_534, 65_534]);
      const restarted = await tsm(home, ["restart", "it", ...quick]);
      expect(restarted).toMatchObject({ code: 0, stderr: "" });
      expect(idsOf(pidOf(home, "it"), "Uid")).toEqual([65_534, 65_534]);
      expect(await tsm(home, ["info", "it"])).toMatchObject({
        stdout: expect.stringContaining("nice -3, user nobody"),
      });
      expect(await tsm(home, ["stop", "it"])).toMatchObject({ code: 0 });
    },
  );

  test("a group of its own choice", async () => {
    const home = openHome();
    const flags = ["--user", "nobody", "--group", "daemon", "--name", "it"];
    const started = await tsm(home, ["start", ...quick, ...flags, "--", "sleep", "600"]);
    expect(started).toMatchObject({ code: 0, stderr: "" });
    expect(idsOf(pidOf(home, "it"), "Uid")).toEqual([65_534, 65_534]);
    expect(idsOf(pidOf(home, "it"), "Gid")).toEqual([1, 1]);
  });

  test.for([
    { flags: ["--user", "nosuchuser"], says: "there is no user 'nosuchuser'" },
    { flags: ["--user", "-x; id"], says: "there is no user '-x; id'" },
    { flags: ["--group", "nosuchgroup"], says: "there is no group 'nosuchgroup'" },
  ])("start $flags is refused", async ({ flags, says }) => {
    const home = makeHome();
    const refused = await tsm(home, ["start", ...flags, "--name", "it", "--", "sleep", "600"]);
    expect(refused).toMatchObject({ code: 64, stdout: "", stderr: expect.stringContaining(says) });
    expect(await tsmJson(home, ["list", "all"])).toEqual([]);
  });

  test("a process whose user cannot be read any more is not started as root", async () => {
    const home = openHome();
    await tsm(home, ["start", ...quick, "--user", "nobody", "--name", "it", "--", "sleep", "600"]);
    await tsm(home, ["stop", "it"]);
    const policy = join(home.path, "runtime/processes/it/launch/policy.json");
    const text = readFileSync(policy, "utf8").replace(/"userId": \d+/, '"userId": "x"');
    writeFileSync(policy, text);
    expect(await tsm(home, ["restart", "it"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("policy.json"),
    });
    expect(logOf(home, "it")).toBe("");
  });
});
