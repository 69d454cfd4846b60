import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { layGroups, unified } from "../support/cgroups.ts";
import { type Home, makeHome } from "../support/home.ts";
import { pidOf } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { type RunOptions, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";
import { giveToUser } from "../support/user.ts";
import { tsmAsUser, userHome } from "../support/user-home.ts";

const given = "memory pids";
const manager = "user.slice/user-1000.slice/user@1000.service";

/** What `tsm` sees of a kernel that has these groups. @param own the group that tsm is in. */
function pretend(home: Home, own: string): { options: RunOptions & { env: Record<string, string> }; top: string } {
  const folder = join(home.folder, "pretend");
  mkdirSync(folder);
  const { top } = layGroups(folder, {
    mounted: [unified],
    own: [`0::/${own}`],
    groups: {
      "": { given },
      "user.slice": { given },
      "user.slice/user-1000.slice": { given },
      "user.slice/user-1000.slice/session-3.scope": { processes: "900\n" },
      [manager]: { given },
      [`${manager}/app.slice`]: { given },
      [`${manager}/app.slice/shell.scope`]: { processes: "812\n" },
    },
  });
  // Where an ordinary user can read it.
  const preload = join(folder, "pretend-cgroups.mjs");
  cpSync(new URL("../fixtures/pretend-cgroups.mjs", import.meta.url), preload);
  return {
    options: { env: { NODE_OPTIONS: `--import=${pathToFileURL(preload).href}`, PRETEND_CGROUPS: folder } },
    top,
  };
}

describe.runIf(process.platform === "linux")("memory that the kernel holds", () => {
  test("from its restart on it is in a group of its own, which goes with it", async () => {
    const home = makeHome();
    const { options, top } = pretend(home, `${manager}/app.slice/shell.scope`);
    const start = ["start", "--settle", "0", "--restart", "no", "--name", "it one", "--", "sleep", "600"];
    expect(await tsm(home, start, options)).toMatchObject({ code: 0, stderr: "" });
    const set = await tsm(home, ["set-limits", "it one", "--memory", "200M"], options);
    expect(set.stdout).toContain("memory: 200M (sampled every 5 s: until its next restart)");
    expect(await tsm(home, ["restart", "it one", "--settle", "0"], options)).toMatchObject({ code: 0, stderr: "" });
    const groupNow = () => readdirSync(top).filter((name) => name.startsWith("tsm-"));
    const [name = ""] = await until("it has a group", () => (groupNow().length > 0 ? groupNow() : undefined));
    expect(name).toMatch(/^tsm-[0-9a-f]{12}-it one$/);
    const group = join(top, name);
    const file = (which: string) => readFileSync(join(group, which), "utf8").trim();
    await until("it is in it", () => file("cgroup.procs") === "0");
    expect(["memory.max", "memory.oom.group", "memory.swap.max", "cgroup.procs"].map(file)).toEqual([
      String(200 * 1024 ** 2),
      "1",
      "0",
      "0",
    ]);
    expect((await tsm(home, ["limits", "it one"], options)).stdout).toContain(`200M (cgroup v2: ${group})\n`);
    expect((await tsm(home, ["info", "it one"], options)).stdout).toContain(`200M = 210 MB (cgroup v2: ${group})`);

    await tsm(home, ["set-limits", "it one", "--memory", "100M"], options);
    expect(file("memory.max")).toBe(String(100 * 1024 ** 2));
    expect(await tsmJson(home, ["limits", "it one"], options)).toMatchObject({
      asked: { maxMemory: 100 * 1024 ** 2, memoryBy: "kernel" },
      memoryHolder: { by: "kernel", group, now: true },
    });

    writeFileSync(join(group, "memory.events"), "low 0\nhigh 0\nmax 12\noom 1\noom_kill 2\noom_group_kill 1\n");
    process.kill(pidOf(home, "it one"), "SIGKILL");
    await until(
      "it is over",
      async () => Object((await tsmJson(home, ["info", "it one"], options)) as object).status !== "online",
    );
    expect((await tsm(home, ["why", "it one"], options)).stdout).toContain("killed it for its own limit of memory");
    expect(await tsmJson(home, ["why", "it one"], options)).toMatchObject({
      cause: "oom-killed",
      confidence: "certain",
      limit: 100 * 1024 ** 2,
      evidence: expect.arrayContaining([{ from: "kernel", text: `${group}/memory.events: oom_kill 2` }]),
      fix: ["tsm set-limits 'it one' --memory 200M", "tsm restart 'it one'"],
    });

    expect(await tsm(home, ["delete", "it one", "--yes"], options)).toMatchObject({ code: 0, stderr: "" });
    expect(groupNow()).toEqual([]);
  });

  test("a kernel that refuses the group does not stop a start, and that is said", async () => {
    const home = makeHome();
    const { options, top } = pretend(home, "");
    await tsm(home, ["start", "--settle", "0", "--name", "it", "--", "sleep", "600"], options);
    await tsm(home, ["set-limits", "it", "--memory", "200M"], options);
    // A file in its place: not even root can make that group.
    await tsm(home, ["stop", "it"], options);
    const { memoryHolder } = (await tsmJson(home, ["limits", "it"], options)) as { memoryHolder: { group: string } };
    expect(memoryHolder).toEqual({ by: "kernel", group: expect.stringContaining(`${top}/tsm-`), now: false });
    writeFileSync(memoryHolder.group, "");
    expect(await tsm(home, ["start", "it", "--settle", "50"], options)).toMatchObject({ code: 0, stderr: "" });
    expect((await tsm(home, ["limits", "it"], options)).stdout).toContain(
      `200M (sampled every 5 s: the kernel did not let it into ${memoryHolder.group})`,
    );
    expect(readFileSync(join(home.path, "runtime/processes/it/current.err"), "utf8")).toBe("");
  });

  test("patrol removes the group of what ended by itself, and of what nobody knows any more", async () => {
    const home = makeHome();
    const { options, top } = pretend(home, "");
    script(home, "it.sh", "while [ ! -e over ]; do sleep 0.05; done\n");
    await tsm(home, ["start", "--settle", "0", "--name", "it", "it.sh"], options);
    await tsm(home, ["set-limits", "it", "--memory", "200M"], options);
    await tsm(home, ["restart", "it", "--settle", "50"], options);
    const ours = () => readdirSync(top).filter((name) => name.startsWith("tsm-"));
    const [mine = ""] = await until("it has a group", () => ours().length > 0 && ours());
    mkdirSync(join(top, mine.replace(/-it$/, "-gone")));
    mkdirSync(join(top, "tsm-0123456789ab-it"));
    await tsm(home, ["patrol"], options);
    expect(ours().sort()).toEqual([mine, "tsm-0123456789ab-it"].sort());
    script(home, "over", "");
    await until(
      "it has ended",
      async () => Object((await tsmJson(home, ["info", "it"], options)) as object).status === "stopped",
    );
    await tsm(home, ["patrol"], options);
    expect(ours()).toEqual(["tsm-0123456789ab-it"]);
  });
});

describe.runIf(process.platform === "linux" && process.getuid?.() === 0)("an ordinary user", () => {
  test.for([
    { in: "what the user's own systemd has started", own: `${manager}/app.slice/shell.scope`, says: "cgroup v2" },
    {
      in: "a login by ssh, out of which only root may move anything",
      own: "user.slice/user-1000.slice/session-3.scope",
      says: "sampled every 5 s: this user may not make a group of cgroup v2 above what tsm is in",
    },
  ])("in $in: $says", async ({ own, says }) => {
    const home = userHome();
    const { options, top } = pretend(home, own);
    for (const path of ["", "/cgroup.procs", "/cgroup.subtree_control"]) giveToUser(`${top}/${manager}${path}`);
    const user = (...args: string[]) => tsmAsUser(home, args, options.env);
    await user("start", "--settle", "0", "--name", "it", "--", "sleep", "600");
    await user("set-limits", "it", "--memory", "200M");
    expect(await user("restart", "it", "--settle", "50")).toMatchObject({ code: 0, stderr: "" });
    const where = says === "cgroup v2" ? `: ${top}/${manager}/tsm-` : ")";
    const wanted = `200M (${says}${where}`;
    // Its record is there a moment before it has entered.
    await until("limits says so", async () => {
      const { stdout } = await user("limits", "it");
      if (!stdout.includes(wanted)) throw new Error(stdout);
      return true;
    });
  });
});
