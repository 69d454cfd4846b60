import type { BootPlace } from "../core/boot-place.ts";
import { execLine, unitPath, unitText, unitWord } from "./systemd-text.ts";

/** The words that a boot runs. */
export function bootCommand({ node, tsm }: BootPlace): string[] {
  return [node, tsm, "startup", "--boot"];
}

/** What stands in everything that we write for a boot, and says whose it is. */
export const madeBy = "Made by tsm startup; tsm unstartup removes it";

/** A systemd unit: the machine's own, or one of a user who may linger. */
export function bootUnit(place: BootPlace): string {
  const { system, user, home, env } = place;
  const lines = [
    `# ${madeBy}.`,
    "[Unit]",
    `Description=TSM: what is enabled and what was saved in ${unitText(home)}`,
    ...(system ? ["Wants=network-online.target", "After=network-online.target"] : []),
    ...(system && !/[\s"'\\]/.test(home) ? [`RequiresMountsFor=${unitPath(home)}`] : []),
    "",
    "[Service]",
    "# It starts them and goes: each has a runner of its own, and stays when the unit is stopped.",
    "Type=oneshot",
    "RemainAfterExit=yes",
    "KillMode=process",
    "OOMPolicy=continue",
    "TimeoutStartSec=infinity",
    ...(system ? [`User=${user}`] : []),
    ...Object.entries(env).map(([name, value]) => `Environment=${unitWord(`${name}=${value}`)}`),
    `ExecStart=${execLine(bootCommand(place))}`,
    "",
    "[Install]",
    `WantedBy=${system ? "multi-user.target" : "default.target"}`,
    "",
  ];
  return lines.join("\n");
}

/** A launchd job: a daemon of the machine's, or an agent that runs when its user logs in. */
export function bootPlist(place: BootPlace): string {
  const { system, user, env, bootLog } = place;
  const log = xml(`${bootLog}.launchd`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<!-- ${madeBy}. -->`,
    '<plist version="1.0">',
    "<dict>",
    "\t<key>Label</key>",
    `\t<string>${xml(plistLabel(place))}</string>`,
    "\t<key>ProgramArguments</key>",
    "\t<array>",
    ...bootCommand(place).map((word) => `\t\t<string>${xml(word)}</string>`),
    "\t</array>",
    "\t<key>EnvironmentVariables</key>",
    "\t<dict>",
    ...Object.entries(env).flatMap(([name, value]) => [
      `\t\t<key>${xml(name)}</key>`,
      `\t\t<string>${xml(value)}</string>`,
    ]),
    "\t</dict>",
    ...(system ? ["\t<key>UserName</key>", `\t<string>${xml(user)}</string>`] : []),
    "\t<key>RunAtLoad</key>",
    "\t<true/>",
    "\t<key>AbandonProcessGroup</key>",
    "\t<true/>",
    "\t<key>StandardOutPath</key>",
    `\t<string>${log}</string>`,
    "\t<key>StandardErrorPath</key>",
    `\t<string>${log}</string>`,
    "</dict>",
    "</plist>",
    "",
  ].join("\n");
}

export function plistLabel({ system, user }: BootPlace): string {
  return system ? `tetra.tsm.${user}` : "tetra.tsm";
}

/** A line of a crontab. `%` would be a newline to cron. */
export function cronLine(place: BootPlace): string {
  const variables = Object.entries(place.env).map(([name, value]) => `${name}=${quoted(value)}`);
  const command = [...variables, ...bootCommand(place).map(quoted)].join(" ");
  return `@reboot ${command.replaceAll("%", "\\%")} >/dev/null 2>&1 ${cronMark(place)}`;
}

/** By which our line is known again. */
export function cronMark({ home }: BootPlace): string {
  return `# tsm startup: ${unitText(home).replaceAll("%", "_")}`;
}

function quoted(word: string): string {
  return /^[\w@+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** XML 1.0 cannot hold it, not even as a reference: a plist with one is no plist. */
const notInXml = /[^\t\n\r -\uffff]/g;

function xml(text: string): string {
  const allowed = text.replace(notInXml, "");
  return allowed.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
