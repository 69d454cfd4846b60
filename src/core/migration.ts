/** What a migration did, or would do. */
export interface Migration {
  readonly home: string;
  /** Where the old files are now; null where nothing was taken away. */
  readonly backup: string | null;
  readonly processes: readonly MigratedProcess[];
  readonly services: readonly MigratedService[];
  /** What could not be brought over, and what else there is to know: a sentence each. */
  readonly notes: readonly string[];
  /** Files of theirs that stay where they are, as their name begins with a dot: no reason to begin anew each time. */
  readonly left: readonly string[];
}

export interface MigratedProcess {
  readonly id: number;
  /** What it was; null: none was on record. */
  readonly formerId: number | null;
  readonly name: string;
  /** It runs on and is watched from now on; or it rests. */
  readonly outcome: "adopted" | "stopped" | "crashed";
  readonly pid: number | null;
  readonly port: number | "none";
  /** Is it known what to start? */
  readonly startable: boolean;
}

/** A definition that has moved, or a service that was enabled and is so at its new place. */
export interface MigratedService {
  readonly what: "moved" | "enabled";
  /** ORG/NAME. */
  readonly ref: string;
  readonly from: string;
  readonly to: string;
}

/** Is there nothing to tell? */
export function isEmpty({ processes, services, notes, backup }: Migration): boolean {
  return processes.length === 0 && services.length === 0 && notes.length === 0 && backup === null;
}
