import type { FileKind } from "../platform/platform.ts";
import { quoteLine } from "./quote.ts";
import type { WhyFacts } from "./why-facts.ts";

/** What would keep a process from being started now, whatever ended it. */
export interface Blocker {
  readonly kind:
    | "folder-gone"
    | "folder-closed"
    | "program-gone"
    | "not-executable"
    | "script-gone"
    | "hook-gone"
    | "env-file"
    | "disk-full";
  readonly text: string;
  readonly fix: readonly string[];
}

export function blockersOf({
  record,
  cwd,
  cwdAccess,
  program,
  script,
  hook,
  envProblem,
  freeBytes,
}: WhyFacts): Blocker[] {
  const blockers: Blocker[] = [];
  const say = (kind: Blocker["kind"], text: string, fix: readonly string[]) => blockers.push({ kind, text, fix });
  if (isGone(cwd)) say("folder-gone", `its folder ${record.cwd} is gone`, [`mkdir -p ${quoteLine([record.cwd])}`]);
  else if (cwdAccess !== "open")
    say(
      "folder-closed",
      `its folder ${record.cwd} may not be entered`,
      cwdAccess === "closed" ? [] : [`chmod u+rwx ${quoteLine([record.cwd])}`],
    );
  if (program.kind === "missing") say("program-gone", `${program.path} is gone`, []);
  else if (!program.executable)
    say("not-executable", `${program.path} may not be executed`, [`chmod +x ${quoteLine([program.path])}`]);
  if (script !== null && script.kind === "missing" && !isGone(cwd)) say("script-gone", `${script.path} is gone`, []);
  if (hook === "missing") say("hook-gone", `its pre-hook ${record.prehook} is gone`, []);
  if (envProblem !== null) say("env-file", envProblem, []);
  if (freeBytes < leastBytes) say("disk-full", "the disk of tsm's home is full", ["tsm flush '*'"]);
  return blockers;
}

/** A file in the place of a folder is none either. */
export function isGone(folder: FileKind): boolean {
  return folder === "missing" || folder === "file";
}

/** Less than this no start has had room in. */
export const leastBytes = 1024 * 1024;
