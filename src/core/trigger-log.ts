import { type Token, tokenName } from "./token.ts";
import type { Trigger } from "./token-triggers.ts";
import type { World } from "./world.ts";

/** The file that tells which triggers were set off, by what, and what came of it. */
const path = ({ home }: Pick<World, "home">) => `${home.root}/logs/tsm-monitor.log`;

/** Where it grows beyond this it begins anew, and what there was stays as .1. */
const mostBytes = 1024 * 1024;

/** One line: time, process, event, pattern, what came of it, and the command as its file has it. */
export function logTrigger(
  world: World,
  { pattern, command }: Trigger,
  name: string,
  token: Token,
  problem: string | undefined,
): void {
  const { files, clock } = world.platform;
  const log = path(world);
  files.makeFolder(`${world.home.root}/logs`);
  if ((files.stat(log)?.size ?? 0) > mostBytes) files.rename(log, `${log}.1`);
  const time = new Date(clock.nowMs()).toISOString();
  const said = [time, name, `TETRA:${tokenName(token)}`, pattern, problem ?? "done", command];
  files.appendLine(log, said.map(inOneLine).join("\t"));
}

/** Text of a log must not look like a line or a field of this one. */
function inOneLine(text: string): string {
  return text.slice(0, 500).replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ");
}
