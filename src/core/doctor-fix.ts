import { type Finding, type Fix, fixWords } from "./doctor-finding.ts";
import { setAside } from "./doctor-set-aside.ts";
import { isErrno, TsmError } from "./errors.ts";
import { endHolders } from "./port-holders.ts";
import { lookForOwners } from "./port-owners.ts";
import { commentOutBadLines } from "./port-registry.ts";
import { goodRecord } from "./records.ts";
import type { World } from "./world.ts";

/** What became of one thing that was to be done. */
export interface Fixed {
  readonly fix: Fix;
  readonly words: string;
  /** null: it is done. */
  readonly problem: string | null;
}

/** What would be done, each thing once. */
export function planFrom(findings: readonly Finding[]): Fix[] {
  const fixes = findings.flatMap(({ fix }) => fix ?? []);
  return [...new Map(fixes.map((fix) => [fixWords(fix), fix])).values()];
}

/** One after the other; one that fails does not stop the others. */
export async function applyFixes(world: World, fixes: readonly Fix[], signal: AbortSignal): Promise<Fixed[]> {
  const done: Fixed[] = [];
  for (const fix of fixes) {
    let problem: string | null = null;
    try {
      await apply(world, fix, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof TsmError) problem = error.message;
      else if (isErrno(error, "EACCES", "EPERM", "EROFS", "ENOSPC", "ENOTDIR", "EEXIST")) problem = error.message;
      else throw error;
    }
    done.push({ fix, words: fixWords(fix), problem });
  }
  return done;
}

async function apply(world: World, fix: Fix, signal: AbortSignal): Promise<void> {
  const { files, locks } = world.platform;
  switch (fix.does) {
    case "make-folder":
      files.makeFolder(fix.path);
      return;
    case "set-mode":
      files.setMode(fix.path, fix.mode);
      return;
    case "release-lock":
      // To take a stale lock over is the one safe way to remove it: somebody may be about to do the same.
      if (locks.look(fix.path)?.stale === true) (await locks.acquire(fix.path, { timeoutMs: 1000, signal }))();
      return;
    case "remove":
      files.removeFolder(fix.path);
      return;
    case "end": {
      // Looked at again: it may be somebody else by now.
      const owner = lookForOwners(world).of(fix.pid);
      if (owner.kind === "orphan" && owner.name === fix.name) await endHolders(world, [fix.pid], signal);
      return;
    }
    case "mend-record": {
      const { mendRecord } = await import("./mend-record.ts");
      await mendRecord(world, fix.name, signal);
      return;
    }
    case "adopt": {
      const { patrol } = await import("./patrol.ts");
      await patrol(world, { orphans: false });
      return;
    }
    case "rotate": {
      const record = goodRecord(world, fix.name);
      const { rotateLogs } = await import("./rotate-logs.ts");
      if (record !== undefined) await rotateLogs(world, record, signal);
      return;
    }
    case "set-aside":
      setAside(world, fix);
      return;
    case "comment-out":
      await commentOutBadLines(world, signal);
      return;
  }
}
