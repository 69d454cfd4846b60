import { isErrno } from "../core/errors.ts";
import type { Account, Accounts } from "./platform.ts";

/** Users and groups of this machine, wherever it keeps them: `id` and `getent` (macOS: `dscl`) ask what the system asks. */
export function systemAccounts(groupLine: (name: string) => readonly string[]): Accounts {
  return {
    isRoot: () => process.geteuid?.() === 0,
    niceness: () => process.getBuiltinModule("node:os").getPriority(),
    ownName() {
      try {
        return process.getBuiltinModule("node:os").userInfo().username;
      } catch (error) {
        if (!isErrno(error, "ENOENT", "ERR_SYSTEM_ERROR")) throw error;
        return String(process.geteuid?.() ?? 0);
      }
    },
    user(name) {
      const [userId] = numbers(ask(name, ["id", "-u", name]));
      const groupIds = numbers(ask(name, ["id", "-G", name]));
      const [groupId] = groupIds; // the first is the user's own
      return userId === undefined || groupId === undefined
        ? undefined
        : ({ userId, groupId, groupIds } satisfies Account);
    },
    // `name:x:12:members`, or `PrimaryGroupID: 12`.
    groupId: (name) =>
      numbers(/(?:^[^:]*:[^:]*:|^PrimaryGroupID: )(\d+)/.exec(ask(name, groupLine(name)))?.[1] ?? "")[0],
  };
}

export const linuxGroupLine = (name: string) => ["getent", "group", name];
export const darwinGroupLine = (name: string) => ["dscl", ".", "-read", `/Groups/${name}`, "PrimaryGroupID"];

/** What the program prints; empty when it fails, which is how it says that there is no such name. */
function ask(name: string, [file = "", ...args]: readonly string[]): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) return "";
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const run = spawnSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  if (run.error !== undefined) throw run.error;
  return run.status === 0 ? run.stdout : "";
}

function numbers(text: string): number[] {
  return text
    .trim()
    .split(/\s+/)
    .filter((word) => /^\d+$/.test(word))
    .map(Number);
}
