import { basename, dirname, join } from "node:path";
import { bytesIn, megabytes } from "./amounts.ts";
import { checkFiles } from "./boot-check.ts";
import { homeIn } from "./boot-plan.ts";
import { type Check, type Finding, finding } from "./doctor-finding.ts";
import type { LookedAt } from "./doctor-look.ts";
import { isErrno } from "./errors.ts";
import { isLive, observe } from "./observe.ts";
import { quoteWord } from "./quote.ts";
import { enabledLinks } from "./service-store.ts";
import type { World } from "./world.ts";

/** What is wrong with the machine, as far as processes depend on it. */
export const machineChecks: readonly Check[] = [
  {
    name: "setsid",
    fine: "setsid is not needed: a session of its own is made by Node for each runner (setsid(2)), on macOS too",
    look: () => [],
  },
  { name: "disk", fine: "There is space on the disk", look: disk },
  { name: "inodes", fine: "Files can be made on the disk", look: inodes },
  { name: "clock", fine: "The clock agrees with what is on record", look: clock },
  { name: "bash", fine: "There is a bash that can run processes", look: bash },
  { name: "node", fine: "Node is where it was for every process", look: node },
  { name: "boot", fine: "A unit starts services when the machine does", look: boot },
  { name: "linger", fine: "Nothing ends when you log out", look: linger },
];

/** The nearest folder that is there: of the home, or of where it will be. */
function place({ platform: { files }, home }: World): string {
  let path = home.root;
  while (files.kind(path) !== "directory" && path !== "/") path = dirname(path);
  return path;
}

function disk(world: World): Finding[] {
  const free = world.platform.files.freeBytes(place(world));
  const floor = bytesIn(world.settings().diskFloor) ?? 0;
  if (free >= floor) return [];
  return [
    finding(
      "disk",
      "problem",
      `Only ${megabytes(free)} are free on the disk of ${place(world)}, less than the setting diskFloor (${megabytes(floor)})`,
      {
        hint: "Free some space: tsm flush NAME throws logs away",
      },
    ),
  ];
}

/** A start makes some thirty files. */
const leastInodes = 1000;

function inodes(world: World): Finding[] {
  const found = world.platform.files.inodes(place(world));
  if (found === undefined || found.free >= leastInodes) return [];
  return [
    finding(
      "inodes",
      "problem",
      `Only ${found.free} of ${found.total} files can still be made on the disk of ${place(world)}`,
      { hint: "Remove files: df -i shows it" },
    ),
  ];
}

/** TSM is younger than that. */
const firstDay = Date.UTC(2025, 0, 1);
const toleranceSeconds = 60;

function clock(world: World, { records: { records } }: LookedAt): Finding[] {
  const now = world.platform.clock.nowMs();
  const shown = new Date(now).toISOString().slice(0, 19);
  if (now < firstDay)
    return [
      finding("clock", "problem", `The clock says ${shown}, which cannot be`, {
        hint: "Set it, or let NTP do that: timedatectl",
      }),
    ];
  return records.flatMap(({ name, start_time, created }): Finding[] => {
    const latest = Math.max(start_time, created);
    if (latest * 1000 <= now + toleranceSeconds * 1000) return [];
    const then = new Date(latest * 1000).toISOString().slice(0, 19);
    return [
      finding("clock", "warning", `'${name}' was started at ${then}, which is yet to come: the clock was set back`, {
        hint: "Times in lists and logs are off until then",
      }),
    ];
  });
}

async function bash(world: World): Promise<Finding[]> {
  const { platform, env } = world;
  // As runners find it. Not from the caller's folder, which could be gone, or closed to whoever has taken on another user.
  const file = platform.files.isExecutable("/bin/bash") ? "/bin/bash" : "bash";
  const request = { file, args: ["-c", 'echo "$BASH_VERSION"'], env, cwd: "/" };
  const hint = "Install bash 3.2 or newer: each process is watched by one";
  try {
    const { code, stdout } = await platform.spawner.capture(request, 5000, new AbortController().signal);
    const [, major = "0", minor = "0"] = /^(\d+)\.(\d+)/.exec(stdout) ?? [];
    const isOld = Number(major) * 100 + Number(minor) < 302;
    if (code !== 0 || isOld)
      return [
        finding("bash", "problem", `${file} is not a bash that we can use: ${stdout.trim() || "it says no version"}`, {
          hint,
        }),
      ];
    return [];
  } catch (error) {
    if (!isErrno(error, "ENOENT", "EACCES", "ENOEXEC")) throw error;
    return [finding("bash", "problem", "There is no bash", { hint })];
  }
}

/** nvm gives each version of node a folder of its own: what a process was started with may be gone, or old. */
function node(world: World, { records: { records } }: LookedAt): Finding[] {
  const { files, processes } = world.platform;
  const now = (world.env["PATH"] ?? "")
    .split(":")
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, "node"))
    .find((path) => files.kind(path) === "file" && files.isExecutable(path));
  return records.flatMap(({ name, interpreter, ...record }): Finding[] => {
    if (!/^(?:node|nodejs)$/.test(basename(interpreter))) return [];
    if (!files.isExecutable(interpreter)) {
      return [
        finding("node", "problem", `'${name}' runs ${interpreter}, which is gone: it cannot be started again`, {
          hint: `tsm delete ${quoteWord(name)}, then start it anew${now === undefined ? "" : ` with ${now}`}`,
        }),
      ];
    }
    const isSame = now === undefined || files.realPath(now) === files.realPath(interpreter);
    if (isSame || !isLive(observe({ name, interpreter, ...record }, processes))) return [];
    return [
      finding("node", "note", `'${name}' runs ${interpreter}, and node is ${now} now`, {
        hint: `A restart keeps it; tsm delete ${quoteWord(name)} and a new start take the other`,
      }),
    ];
  });
}

/** Units that could be ours, by their name, and do not say another home. */
const unitName = /^(?:tsm|tetra)[\w@.-]*\.(?:service|plist)$/;

function unitsOf(world: World): string[] {
  const { files } = world.platform;
  const own = world.env["HOME"] ?? "";
  const folders =
    world.platform.name === "darwin"
      ? [`${own}/Library/LaunchAgents`, "/Library/LaunchDaemons"]
      : [`${own}/.config/systemd/user`, "/etc/systemd/user", "/etc/systemd/system"];
  return folders
    .flatMap((folder) => namesIn(world, folder).map((name) => join(folder, name)))
    .filter((path) => !isOtherHomes(path));

  function isOtherHomes(path: string): boolean {
    try {
      const home = homeIn(files.readText(path) ?? "");
      return home !== undefined && home !== world.home.root;
    } catch (error) {
      if (!isErrno(error, "EACCES", "EPERM", "EISDIR", "ELOOP")) throw error;
      return false;
    }
  }

  function namesIn({ platform }: World, folder: string): string[] {
    try {
      return files.kind(folder) === "directory"
        ? platform.files.list(folder).filter((name) => unitName.test(name))
        : [];
    } catch (error) {
      if (!isErrno(error, "EACCES", "EPERM")) throw error;
      return [];
    }
  }
}

async function boot(world: World, looked: LookedAt): Promise<Finding[]> {
  const { files, name } = world.platform;
  const plans = await looked.boot();
  if (plans.length > 0)
    return plans
      .flatMap((plan) => checkFiles(world, plan))
      .filter(({ good }) => good === false)
      .map(({ what }) => finding("boot", "warning", `At boot: ${what}`, { hint: "tsm startup --check tells more" }));
  if (name === "linux" && files.kind("/run/systemd/system") !== "directory")
    return [
      finding("boot", "note", "There is no systemd here: nothing starts services when the machine does", {
        hint: "tsm startup cron does it by the crontab; tsm startup starts what is enabled now",
      }),
    ];
  if (unitsOf(world).length > 0) return [];
  const enabled = enabledLinks(world).length;
  const text = "No unit starts services when the machine does";
  const hint = "tsm startup systemd (or launchd, cron) shows what does";
  return [
    enabled === 0
      ? finding("boot", "note", text, { hint })
      : finding("boot", "warning", `${text}, and ${enabled} ${enabled === 1 ? "is" : "are"} enabled`, { hint }),
  ];
}

/** Units of a user live as long as somebody is logged in, unless they may linger. */
async function linger(world: World, looked: LookedAt): Promise<Finding[]> {
  const { files, name } = world.platform;
  const user = world.env["USER"] ?? world.env["LOGNAME"] ?? "";
  const planned = (await looked.boot()).flatMap(({ file }) => file?.path ?? []);
  const isUsers = [...unitsOf(world), ...planned].some((path) =>
    /\/\.config\/systemd\/user\/|\/systemd\/user\/tsm\.service$/.test(path),
  );
  if (name !== "linux" || !isUsers || user === "" || user.includes("/")) return [];
  if (files.kind(`/var/lib/systemd/linger/${user}`) !== "missing") return [];
  return [
    finding("linger", "warning", `The units of ${user} end when ${user} logs out`, {
      hint: `loginctl enable-linger ${user}`,
    }),
  ];
}
