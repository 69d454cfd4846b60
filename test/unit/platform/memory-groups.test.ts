import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cgroupMounts } from "../../../src/platform/linux/cgroup.ts";
import { linuxMemoryGroups } from "../../../src/platform/linux/memory-groups.ts";
import { layGroups, type PlainGroup, unified } from "../../support/cgroups.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "tsm groups-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const given = "cpu memory pids";
const session: Readonly<Record<string, Partial<PlainGroup>>> = {
  "": { given },
  "user.slice": { given },
  "user.slice/user-0.slice": { given: "memory pids" },
  "user.slice/user-0.slice/session-1.scope": { controllers: "memory pids", processes: "812\n" },
};

test.for([
  {
    who: "root in a login of systemd",
    mounted: [unified],
    own: ["0::/user.slice/user-0.slice/session-1.scope"],
    groups: session,
    finds: "",
  },
  {
    who: "root where nobody has given memory to anybody: the root may do so beside its processes",
    mounted: [unified],
    own: ["0::/"],
    groups: { "": { processes: "1\n2\n" } },
    finds: "",
  },
  {
    who: "a container whose own group the host mounts as the top one",
    mounted: ["1204 1190 0:23 /docker/4f1c AT rw,nosuid - cgroup2 cgroup rw"],
    own: ["0::/docker/4f1c/init"],
    groups: { "": { given, type: true }, init: { processes: "1\n" } },
    finds: "",
  },
  {
    who: "a group that nobody is in, above its own, may give memory where the top one has none",
    mounted: [unified],
    own: ["0::/given/init"],
    groups: {
      "": { controllers: "cpu pids", type: true },
      given: { controllers: "memory" },
      "given/init": { processes: "1\n" },
    },
    finds: "/given",
  },
])("$who", ({ mounted, own, groups, finds }) => {
  const { proc, top } = layGroups(folder(), { mounted, own, groups });
  expect(linuxMemoryGroups(proc).place()).toEqual({ folder: `${top}${finds}` });
});

test.for([
  { who: "v1 alone", mounted: [], own: ["4:memory:/"], groups: {}, says: "cgroup v2 is not mounted here" },
  {
    who: "v2 beside v1, which has memory",
    mounted: ["38 31 0:38 / AT rw,relatime - cgroup2 cgroup2 rw"],
    own: ["4:memory:/", "0::/"],
    groups: { "": { controllers: "hugetlb" } },
    says: "the memory controller is not in cgroup v2 here",
  },
  {
    who: "a container with its processes in its top group",
    mounted: ["640 630 0:28 / AT rw,nosuid - cgroup2 cgroup rw,nsdelegate"],
    own: ["0::/"],
    groups: { "": { processes: "1\n77\n", type: true } },
    says: "the group of cgroup v2 that this user may write to has processes of its own",
  },
  {
    who: "a program that was moved out of what its container sees",
    mounted: [unified],
    own: ["0::/../other"],
    groups: { "": { given } },
    says: "the group of cgroup v2 that tsm is in is not to be seen here",
  },
])("$who: $says", ({ mounted, own, groups, says }) => {
  const { proc } = layGroups(folder(), { mounted, own, groups });
  expect(linuxMemoryGroups(proc).place()).toEqual({ whyNot: says });
});

test("a place with a blank and a backslash is found as it is", () => {
  const made = folder();
  const { proc, top } = layGroups(made, {
    mounted: [unified],
    own: ["0::/"],
    groups: { "": { given } },
    at: "c group",
  });
  expect(linuxMemoryGroups(proc).place()).toEqual({ folder: top });
});

/** Of the kernel itself, where this user may make one; without the memory controller too. */
function realGroup(): string | undefined {
  for (const { folder: mount } of process.platform === "linux" ? cgroupMounts() : []) {
    const group = join(mount, `tsm-test-${process.pid}`);
    try {
      mkdirSync(group);
      rmdirSync(group);
      return group;
    } catch {
      // Not ours to write.
    }
  }
  return undefined;
}

const real = realGroup();

test.runIf(real !== undefined)(
  "the kernel's own: one is left alone while somebody is in it, and goes when nobody is",
  async () => {
    const group = real ?? "";
    const { remove } = linuxMemoryGroups();
    mkdirSync(group);
    const child = spawn("bash", ["-c", 'echo 0 >"$1/cgroup.procs"; echo in; read -r _', "bash", group]);
    await once(child.stdout, "data");
    expect(remove(group)).toBe(false);
    child.stdin.end();
    await once(child, "close");
    expect(remove(group)).toBe(true);
    expect(remove(group)).toBe(true);
  },
);
