import type { LookedAt } from "./doctor-look.ts";
import type { World } from "./world.ts";

/** What a check has to say. */
export interface Finding {
  readonly check: CheckName;
  /** `warning` and `problem` want something done; `note` is worth knowing. */
  readonly level: "ok" | "note" | "warning" | "problem";
  readonly text: string;
  readonly hint: string | null;
  /** What `--fix` would do about it; null: nothing that a program should. */
  readonly fix: Fix | null;
}

export const checkNames = [
  "setsid",
  "directories",
  "permissions",
  "disk",
  "inodes",
  "clock",
  "bash",
  "node",
  "boot",
  "linger",
  "settings",
  "notify",
  "records",
  "runtime",
  "runners",
  "orphans",
  "locks",
  "leftovers",
  "ports",
  "services",
  "logs",
] as const;
export type CheckName = (typeof checkNames)[number];

/** Looks, and changes nothing. Without a finding all is well, and `fine` says so. */
export interface Check {
  readonly name: CheckName;
  readonly fine: string;
  look(world: World, looked: LookedAt): Finding[] | Promise<Finding[]>;
}

export type Fix =
  | { readonly does: "make-folder"; readonly path: string }
  | { readonly does: "set-mode"; readonly path: string; readonly mode: number }
  | { readonly does: "release-lock"; readonly path: string }
  | { readonly does: "remove"; readonly path: string }
  | { readonly does: "end"; readonly pid: number; readonly name: string }
  | { readonly does: "mend-record"; readonly name: string }
  | { readonly does: "adopt" }
  | { readonly does: "rotate"; readonly name: string }
  | SetAside
  | { readonly does: "comment-out"; readonly path: string; readonly lines: readonly number[] };

/** A file that cannot be used gets another name, and nothing of it is lost. */
export interface SetAside {
  readonly does: "set-aside";
  readonly path: string;
  /** Its new name, which nobody has. */
  readonly to: string;
  readonly what: "settings" | "notify" | "runtime";
  /** The values that are taken out where all others stay; none: it is of no use as it is. */
  readonly without: readonly string[];
  /** What holds then, in words. */
  readonly then: string;
}

/** "make the folder /x". */
export function fixWords(fix: Fix): string {
  switch (fix.does) {
    case "make-folder":
      return `make the folder ${fix.path}`;
    case "set-mode":
      return `close ${fix.path} to others (${fix.mode.toString(8).padStart(4, "0")})`;
    case "release-lock":
      return `remove the stale lock ${fix.path}`;
    case "remove":
      return `remove ${fix.path}`;
    case "end":
      return `end PID ${fix.pid}, which '${fix.name}' has left behind`;
    case "mend-record":
      return `write the record of '${fix.name}' anew, from its launch files`;
    case "adopt":
      return "give runners to those that have lost theirs";
    case "rotate":
      return `rotate the logs of '${fix.name}'`;
    case "set-aside":
      return fix.without.length === 0
        ? `set ${fix.path} aside as ${fix.to}: ${fix.then}`
        : `take ${fix.without.join(", ")} out of ${fix.path}, which stays as it is in ${fix.to}: ${fix.then}`;
    case "comment-out":
      return `put # before ${fix.lines.length === 1 ? "line" : "lines"} ${fix.lines.slice(0, 5).join(", ")}${fix.lines.length > 5 ? ` and ${fix.lines.length - 5} more` : ""} of ${fix.path}: what they say counts for nothing as it is`;
  }
}

/** What is there to say besides that all is well. */
export function finding(
  check: CheckName,
  level: Finding["level"],
  text: string,
  more: { readonly hint?: string; readonly fix?: Fix } = {},
): Finding {
  return { check, level, text, hint: more.hint ?? null, fix: more.fix ?? null };
}
