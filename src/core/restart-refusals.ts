import { isErrno, TsmError } from "./errors.ts";
import type { LaunchSpec } from "./launch.ts";
import { refuseLostPort, refusePortOfOthers } from "./port-conflict.ts";
import type { ProcessRecord } from "./process.ts";
import { quoteWord } from "./quote.ts";
import { hasRoomToStart } from "./room.ts";
import { plainScript } from "./script-of.ts";
import type { Turn } from "./turns.ts";
import type { World } from "./world.ts";

/** What would keep a process from coming back, found while it still runs. @throws TsmError */
export function refuseBeforeEnd(world: World, record: ProcessRecord, spec: LaunchSpec, turn: Turn | undefined): void {
  const { home } = world;
  const mayMove = turn?.isOnly === false;
  if (spec.port === record.port) refuseLostPort(world, record, mayMove);
  else refusePortOfOthers(world, spec.name, spec.port, mayMove);
  if (!hasRoomToStart(world)) {
    throw new TsmError("HOME", `the disk of ${home.root} is full`, {
      hint: "Free some space and try again; what runs goes on as it was",
    });
  }
  // A pre-hook may write it, or go elsewhere.
  const script = spec.preHook.file === "" ? plainScript(spec) : undefined;
  if (script !== undefined && isMissing(world, script)) {
    throw new TsmError("NO_FILE", `the script ${script} is gone`, {
      hint: `Put it back, or tsm stop ${quoteWord(spec.name)}; what runs goes on as it was`,
    });
  }
}

function isMissing({ platform: { files } }: World, path: string): boolean {
  try {
    return files.kind(path) === "missing";
  } catch (error) {
    // Whoever it runs as may see it.
    if (isErrno(error, "EACCES", "ELOOP", "ENAMETOOLONG")) return false;
    throw error;
  }
}
