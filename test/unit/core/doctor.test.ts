import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { BootPlan } from "../../../src/core/boot-plan.ts";
import { foreignOwner } from "../../../src/core/command-note.ts";
import { createDoctor } from "../../../src/core/doctor.ts";
import type { CheckName } from "../../../src/core/doctor-finding.ts";
import { homeAt } from "../../../src/core/home.ts";
import type { ProcessRecord } from "../../../src/core/process.ts";
import { formatRecord } from "../../../src/core/record.ts";
import { readSettings } from "../../../src/core/settings.ts";
import type { World } from "../../../src/core/world.ts";
import { detectPlatform } from "../../../src/platform/detect.ts";
import type { Files, Platform } from "../../../src/platform/platform.ts";
import { noPrograms } from "../../support/programs.ts";

/* What no test can do to a machine, told by a platform that says so. */

const platform = detectPlatform();

function worldWith(fault: {
  readonly files?: Partial<Files>;
  readonly platform?: Partial<Platform>;
  readonly env?: Readonly<Record<string, string>>;
}): World {
  const root = mkdtempSync(join(tmpdir(), "tsm-doctor-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const home = homeAt(root);
  return {
    platform: { ...platform, ...fault.platform, files: { ...platform.files, ...fault.files } },
    home,
    env: { PATH: "/usr/bin:/bin", HOME: join(root, "me"), USER: "somebody", ...fault.env },
    cwd: "/",
    programs: noPrograms,
    settings: () => readSettings(platform.files, home.settings),
    saveSetting: () => Promise.reject(new Error("a check changes nothing")),
  };
}

async function examine(world: World, check: CheckName, boot: readonly BootPlan[] = []) {
  const findings = await createDoctor(world, async () => boot).examine([check]);
  return findings.map(({ level, text }) => `${level}: ${text}`).join("\n");
}

/** systemd runs, and there is such a unit (by its path), whatever this machine has. */
function systemd(unit: string | undefined, lingers: boolean): Partial<Files> {
  const folder = unit?.slice(0, unit.lastIndexOf("/"));
  return {
    kind(path) {
      if (path === "/run/systemd/system" || path === folder) return "directory";
      if (path.startsWith("/var/lib/systemd/linger/")) return lingers ? "file" : "missing";
      if (/systemd/.test(path)) return "missing";
      return platform.files.kind(path);
    },
    list: (path) => (path === folder ? [unit?.slice(unit.lastIndexOf("/") + 1) ?? ""] : platform.files.list(path)),
  };
}

test("setsid is not needed, and it is said why", async () => {
  expect(await examine(worldWith({}), "setsid")).toMatch(/^ok: setsid is not needed: .*setsid\(2\)/);
});

test("what root has written into the home of another is said, and to root before", async () => {
  const { stat } = platform.files;
  const of = (path: string) => (path.endsWith("/config") ? 0 : 1234);
  const files: Partial<Files> = {
    stat: (path) => {
      const found = stat(path);
      return found && { ...found, userId: of(path) };
    },
  };
  const accounts = { ...platform.accounts, isRoot: () => true, loginName: () => "ann" };
  const world = worldWith({ files, platform: { accounts } });
  mkdirSync(join(world.home.root, "config"));
  expect(await examine(world, "permissions")).toContain("/config belongs to another user than the home");
  expect(foreignOwner(world)).toBe("ann");
  expect(
    foreignOwner(worldWith({ files, platform: { accounts: { ...accounts, isRoot: () => false } } })),
  ).toBeUndefined();
});

test("a disk with little space is a problem", async () => {
  expect(await examine(worldWith({}), "disk")).toMatch(/^ok: /);
  const full = worldWith({ files: { freeBytes: () => 5_000_000 } });
  expect(await examine(full, "disk")).toMatch(/^problem: Only 5 MB are free .*diskFloor \(2\d\d MB\)$/);
});

test("a disk without inodes is a problem, and one that does not count them is none", async () => {
  const none = worldWith({ files: { inodes: () => ({ free: 3, total: 1000 }) } });
  expect(await examine(none, "inodes")).toMatch(/^problem: Only 3 of 1000 files can still be made/);
  expect(await examine(worldWith({ files: { inodes: () => undefined } }), "inodes")).toMatch(/^ok: /);
});

test("a clock before TSM was made is a problem", async () => {
  const clock = { ...platform.clock, nowMs: () => Date.UTC(1970, 0, 2) };
  expect(await examine(worldWith({ platform: { clock } }), "clock")).toBe(
    "problem: The clock says 1970-01-02T00:00:00, which cannot be",
  );
});

test.for([
  { stdout: "5.2.15(1)-release\n", says: /^ok: / },
  { stdout: "3.2.57(1)-release\n", says: /^ok: / },
  { stdout: "3.1.0(1)-release\n", says: /^problem: \S+bash is not a bash that we can use: 3\.1\.0/ },
  { stdout: "\n", says: /^problem: \S+bash is not a bash that we can use: it says no version/ },
])("a bash that says $stdout", async ({ stdout, says }) => {
  const spawner = { ...platform.spawner, capture: async () => ({ code: 0, stdout, stderr: "" }) };
  expect(await examine(worldWith({ platform: { spawner } }), "bash")).toMatch(says);
});

test("no bash at all is a problem", async () => {
  const gone = Object.assign(new Error("spawn bash ENOENT"), { code: "ENOENT" });
  const spawner = { ...platform.spawner, capture: () => Promise.reject(gone) };
  expect(await examine(worldWith({ platform: { spawner } }), "bash")).toBe("problem: There is no bash");
});

test("without systemd it is said who could start services", async () => {
  const world = worldWith({
    platform: { name: "linux" },
    files: { kind: (path) => (path === "/run/systemd/system" ? "missing" : platform.files.kind(path)) },
  });
  expect(await examine(world, "boot")).toMatch(/^note: There is no systemd here/);
});

test("no unit is worth knowing, and wants something done once a service is enabled", async () => {
  const world = worldWith({ platform: { name: "linux" }, files: systemd(undefined, false) });
  expect(await examine(world, "boot")).toBe("note: No unit starts services when the machine does");
  mkdirSync(world.home.servicesEnabled);
  writeFileSync(join(world.home.servicesEnabled, "tetra-api.tsm"), "");
  expect(await examine(world, "boot")).toBe("warning: No unit starts services when the machine does, and 1 is enabled");
});

/** As startup would write it. */
function bootPlan(path: string, home: string): BootPlan {
  const text = `Environment="TSM_HOME=${home}"\nExecStart="/bin/sh" "startup" "--boot"\n`;
  const none = { link: null, crontab: null, commands: [], notes: [], needsRoot: false };
  return { kind: "systemd", file: { path, text }, ...none };
}

test("what startup --check finds counts, whatever its name, with all that it runs", async () => {
  const world = worldWith({ platform: { name: "linux" }, files: systemd(undefined, false) });
  const path = join(world.home.root, "mine.unit");
  const plan = bootPlan(path, world.home.root);
  writeFileSync(path, plan.file?.text ?? "");
  expect(await examine(world, "boot", [plan])).toMatch(/^ok: /);
  writeFileSync(path, plan.file?.text.replace("/bin/sh", "/gone/node") ?? "");
  expect(await examine(world, "boot", [plan])).toBe("warning: At boot: /gone/node, which it runs, is gone");
  writeFileSync(path, bootPlan(path, "/another/home").file?.text ?? "");
  expect(await examine(world, "boot", [plan])).toBe(
    `warning: At boot: ${path} starts the home /another/home, and not this one`,
  );
});

test("a unit of another home is none of ours", async () => {
  const path = "/etc/systemd/system/tsm-bob.service";
  const files = systemd(path, false);
  const readText = (asked: string) =>
    asked === path ? 'Environment="TSM_HOME=/home/bob/tetra/tsm"\n' : platform.files.readText(asked);
  const world = worldWith({ platform: { name: "linux" }, files: { ...files, readText } });
  expect(await examine(world, "boot")).toBe("note: No unit starts services when the machine does");
});

test("a unit of the system needs nobody to linger, one of a user does", async () => {
  const linux = { name: "linux" } as const;
  const whole = worldWith({ platform: linux, files: systemd("/etc/systemd/system/tsm.service", false) });
  expect(await examine(whole, "boot")).toMatch(/^ok: /);
  expect(await examine(whole, "linger")).toMatch(/^ok: /);
  const own = "/home/me/.config/systemd/user/tsm.service";
  const env = { HOME: "/home/me" };
  const leaves = worldWith({ platform: linux, files: systemd(own, false), env });
  expect(await examine(leaves, "boot")).toMatch(/^ok: /);
  expect(await examine(leaves, "linger")).toBe("warning: The units of somebody end when somebody logs out");
  expect(await examine(worldWith({ platform: linux, files: systemd(own, true), env }), "linger")).toMatch(/^ok: /);
});

test("what runs without a runner is a warning, and getting it one is the plan", async () => {
  const world = worldWith({});
  const self = platform.processes.self();
  const record: ProcessRecord = {
    tsm_id: 0,
    name: "api",
    pid: self.pid,
    command: "",
    port: "none",
    cwd: "/",
    interpreter: "",
    process_type: "command",
    env_file: "",
    prehook: "",
    start_time: 1,
    status: "online",
    restarts: 0,
    unstable_restarts: 0,
    start_mark: self.startMark,
    boot_id: self.bootId,
    runner_pid: self.pid,
    runner_mark: "not this one's",
    retry_at: 0,
    reason: "",
    last_exit: null,
    actual_port: null,
    restart_policy: "no",
    created: 1,
  };
  mkdirSync(join(world.home.processes, "api"), { recursive: true });
  writeFileSync(join(world.home.processes, "api/meta.json"), formatRecord(record));
  const doctor = createDoctor(world, async () => []);
  const findings = await doctor.examine(["runners"]);
  expect(findings).toMatchObject([{ level: "warning", text: expect.stringContaining("'api' has lost its runner") }]);
  expect(doctor.plan(findings)).toEqual([{ does: "adopt" }]);
});
