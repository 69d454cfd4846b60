import type { BootKind, BootPlace } from "../core/boot-place.ts";
import type { BootPlan } from "../core/boot-plan.ts";
import { bootCommand, bootPlist, bootUnit, cronLine, cronMark, plistLabel } from "./boot-unit.ts";

/** What `startup KIND` writes. */
export function bootPlan(kind: BootKind, place: BootPlace): BootPlan {
  switch (kind) {
    case "systemd":
      return place.system ? machineUnit(place) : userUnit(place);
    case "launchd":
      return launchdJob(place);
    case "cron":
      return crontabLine(place);
  }
}

/** What it is, and why it is so: for whoever is to permit it. */
export function explained(plan: BootPlan, place: BootPlace): string[] {
  const { file, link, crontab, commands, notes } = plan;
  return [
    `At boot ${plan.kind} will run, as ${place.user}: ${bootCommand(place).join(" ")}`,
    "It starts what is enabled and what was saved, and leaves what runs as it is.",
    `What came of it is added to ${place.bootLog}.`,
    ...(file === null ? [] : [`Writes ${file.path}`]),
    ...(link === null ? [] : [`Links ${link.path}, which is what enables it`]),
    ...(crontab === null ? [] : ["Adds one line to the crontab and leaves all others as they are"]),
    ...commands.map(({ argv, why }) => `Runs ${argv.join(" ")}: ${why}`),
    ...notes,
  ];
}

/** The text itself, for `--print`. */
export function unitOf({ file, crontab }: BootPlan): string {
  return file?.text ?? `${crontab?.line ?? ""}\n`;
}

function machineUnit(place: BootPlace): BootPlan {
  const name = `${place.unitName || `tsm-${place.user}`}.service`;
  const folder = `${place.root}/etc/systemd/system`;
  return {
    kind: "systemd",
    file: { path: `${folder}/${name}`, text: bootUnit(place) },
    link: { path: `${folder}/multi-user.target.wants/${name}`, target: `/etc/systemd/system/${name}` },
    crontab: null,
    commands: [],
    notes: noted(place),
    needsRoot: place.root === "",
  };
}

function userUnit(place: BootPlace): BootPlan {
  const folder = `${place.configFolder}/systemd/user`;
  const name = `${place.unitName || "tsm"}.service`;
  return {
    kind: "systemd",
    file: { path: `${folder}/${name}`, text: bootUnit(place) },
    link: { path: `${folder}/default.target.wants/${name}`, target: `${folder}/${name}` },
    crontab: null,
    commands: [{ argv: ["loginctl", "enable-linger", place.user], why: "without it the unit waits until you log in" }],
    notes: noted(place),
    needsRoot: false,
  };
}

function launchdJob(place: BootPlace): BootPlan {
  const folder = place.system ? `${place.root}/Library/LaunchDaemons` : `${place.userFolder}/Library/LaunchAgents`;
  const when = place.system ? [] : ["It runs when you log in: a job of your own cannot run before that"];
  return {
    kind: "launchd",
    file: { path: `${folder}/${plistLabel(place)}.plist`, text: bootPlist(place) },
    link: null,
    crontab: null,
    commands: [],
    notes: [...when, ...noted(place)],
    needsRoot: place.system && place.root === "",
  };
}

function crontabLine(place: BootPlace): BootPlan {
  return {
    kind: "cron",
    file: null,
    link: null,
    crontab: { user: place.isOwn ? null : place.user, line: cronLine(place), mark: cronMark(place) },
    commands: [],
    notes: noted(place),
    needsRoot: !place.isOwn,
  };
}

function noted({ nodeNote }: BootPlace): string[] {
  return nodeNote === "" ? [] : [nodeNote];
}
