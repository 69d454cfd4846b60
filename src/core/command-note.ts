import { appendToJournal } from "./journal.ts";
import { quoteLine } from "./quote.ts";
import { maskedArguments, maskInside } from "./secrets.ts";
import type { World } from "./world.ts";

/** A command that changes something, as it was typed. */
export interface TypedCommand {
  readonly words: readonly string[];
  /** The processes that it names. */
  readonly names: readonly string[];
  readonly door: "shell" | "command line";
}

const longestLine = 1000;
const mostNames = 200;

/**
 * Puts on record who typed what, and where: `pid` is the shell's, of TSM or of whoever called the command line. It is
 * history: what keeps it from being written does not stop the command.
 */
export function noteCommand(world: World, { words, names, door }: TypedCommand): void {
  const { processes, accounts } = world.platform;
  const self = processes.self();
  const terminal = processes.terminal();
  const sudo = world.env["SUDO_USER"];
  const user = accounts.ownName();
  appendToJournal(world, {
    event: "command",
    names: names.slice(0, mostNames),
    line: quoteLine(maskedLine(words)).slice(0, longestLine),
    door,
    pid: door === "shell" ? self.pid : (processes.parentOf(self) ?? 0),
    user: sudo === undefined || sudo === user ? user : `${sudo} as ${user}`,
    ...(terminal === undefined ? {} : { terminal }),
  });
}

/** Also inside of words that are commands themselves: what an alias stands for. */
function maskedLine(words: readonly string[]): string[] {
  return maskedArguments(words).map(maskInside);
}

/** Whose home it is, where root works in another user's; undefined: it is no such. */
export function foreignOwner({ platform: { accounts, files }, home }: World): string | undefined {
  if (!accounts.isRoot()) return undefined;
  const userId = files.stat(home.root)?.userId ?? 0;
  return userId === 0 ? undefined : (accounts.loginName(String(userId)) ?? String(userId));
}
