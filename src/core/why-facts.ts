import type { MemoryKills } from "../platform/memory-kills.ts";
import type { FileKind } from "../platform/platform.ts";
import type { DeedBy, DeedVerb } from "./deeds.ts";
import type { WrittenOversight } from "./oversight.ts";
import type { Exit, ProcessRecord, Status } from "./process.ts";
import type { Sightings } from "./sightings.ts";
import type { Silent } from "./silent.ts";
import type { Unanswered } from "./unanswered.ts";
import type { JournalLine } from "./why-journal.ts";

/** All that is known of one process when somebody asks why. What nothing tells is null or empty, and never guessed. */
export interface WhyFacts {
  readonly record: ProcessRecord;
  readonly status: Status;
  readonly supervised: boolean;
  /** Epoch seconds. */
  readonly now: number;
  /** Seconds; null unless it runs. */
  readonly upFor: number | null;
  /** Stopped by SIGSTOP or a debugger. */
  readonly suspended: boolean;
  readonly retryInMs: number | null;
  /** Has the machine been started anew since the record was written? */
  readonly rebooted: boolean;
  /** The life that is asked about: the one that ended last, or the one that runs. null: not known. */
  readonly run: number | null;
  readonly stopExitCodes: readonly number[];
  readonly oversight: WrittenOversight;
  readonly sightings: Sightings;
  /** Of this process alone, the newest last; empty when the journal says nothing. */
  readonly journal: readonly JournalLine[];
  /** The last command of a person that ended it, where it is still on record. */
  readonly deed: { readonly verb: DeedVerb; readonly by: DeedBy; readonly at: number } | null;
  /** The last lines of that life, secrets masked. */
  readonly said: { readonly stream: "stderr" | "stdout"; readonly lines: readonly string[] };
  readonly program: { readonly path: string; readonly kind: FileKind; readonly executable: boolean };
  readonly script: { readonly path: string; readonly kind: FileKind } | null;
  readonly cwd: FileKind;
  /** Which files of its folder say what it needs: `package.json`, … */
  readonly manifests: readonly string[];
  /** May whoever asks enter that folder? Where not even its owner may, chmod helps. */
  readonly cwdAccess: "open" | "closed" | "closed to its owner";
  /** Why its env file cannot be used; null when it can, or there is none. */
  readonly envProblem: string | null;
  readonly hook: "none" | "running" | "done" | "missing";
  /** Who listens on its declared port now; null without one. */
  readonly holder: Holder | null;
  /** The ports that its own tree listens on. */
  readonly ownPorts: readonly number[];
  /** It listens on its declared port and takes nobody; null: it does, or that is not known. */
  readonly unanswered: Unanswered | null;
  /** It takes whoever connects and says nothing; null: it does, or that is not known. */
  readonly silent: Silent | null;
  readonly freeBytes: number;
  /** undefined unless it was killed by SIGKILL, or says that what it had started was. */
  readonly memoryKills: MemoryKills | undefined;
  /** How many of that life the kernel has killed in its own group, for its limit; undefined where it had none. */
  readonly groupKills: { readonly group: string; readonly kills: number } | undefined;
  readonly needs: readonly Need[];
  /** Who listens on the port that its last words name, when that is another one than its own. */
  readonly holderOf: (port: number) => Holder | null;
}

/** Who has a port. */
export interface Holder {
  readonly port: number;
  /** null: another user's, which cannot be read. */
  readonly pid: number | null;
  readonly command: string;
  /** The name under which we run it; null: a stranger. */
  readonly name: string | null;
}

/** A service that this one depends on. */
export interface Need {
  readonly ref: string;
  /** null: never started. */
  readonly status: Status | null;
}

/** The end that is asked about. */
export interface Ended extends WhyFacts {
  readonly exit: Exit;
}

/** The last line of this kind. */
export function lastEvent(
  { journal }: Pick<WhyFacts, "journal">,
  ...events: readonly string[]
): JournalLine | undefined {
  return journal.findLast(({ event }) => events.includes(event));
}
