import { isErrno } from "../core/errors.ts";
import type { Account, Accounts } from "./platform.ts";

/** Users and groups of this machine, wherever it keeps them: `id` and `getent` (macOS: `dscl`) ask what the system asks. */
export function systemAccounts(lines: {
  readonly group: (name: string) => readonly string[];
  readonly user: (name: string) => readonly string[];
  readonly all: readonly string[];
}): Accounts {
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
    loginName: (name) => ask(name, ["id", "-un", name]).trim() || undefined,
    // `name:x:12:members`, or `PrimaryGroupID: 12`.
    groupId: (name) =>
      numbers(/(?:^[^:]*:[^:]*:|^PrimaryGroupID: )(\d+)/.exec(ask(name, lines.group(name)))?.[1] ?? "")[0],
    // `name:x:1000:1000:A Person:/home/name:/bin/bash`, or `NFSHomeDirectory: /Users/name`.
    // As the line of one user above, or `name   /Users/name`.
    all: () =>
      outputOf(lines.all)
        .split("\n")
        .flatMap((line) => {
          const [, name, homeFolder] = /^([^:\s]+)(?::(?:[^:]*:){4}|\s+)(\/[^:\n]*)/.exec(line) ?? [];
          return name === undefined || homeFolder === undefined ? [] : [{ name, homeFolder }];
        }),
    homeFolder: (name) => /^(?:(?:[^:]*:){5}|NFSHomeDirectory: )(\/[^:\n]*)/.exec(ask(name, lines.user(name)))?.[1],
  };
}

export const linuxAccountLines = {
  group: (name: string) => ["getent", "group", name],
  user: (name: string) => ["getent", "passwd", name],
  all: ["getent", "passwd"],
};
export const darwinAccountLines = {
  group: (name: string) => ["dscl", ".", "-read", `/Groups/${name}`, "PrimaryGroupID"],
  user: (name: string) => ["dscl", ".", "-read", `/Users/${name}`, "NFSHomeDirectory"],
  all: ["dscl", ".", "-list", "/Users", "NFSHomeDirectory"],
};

/** What the program prints; empty when it fails, which is how it says that there is no such name. */
function ask(name: string, command: readonly string[]): string {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) ? outputOf(command) : "";
}

function outputOf([file = "", ...args]: readonly string[]): string {
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
