import type { BootFinding } from "./boot-check.ts";

/** What a word of `daemon` has to say. */
export type DaemonSaid =
  /** Another verb was run, and has said what there is to say. */
  | { readonly does: "ran"; readonly exitCode: number; readonly told: unknown }
  | { readonly does: "disable"; readonly removed: string | null }
  | {
      readonly does: "status";
      readonly installed: boolean;
      readonly enabled: boolean;
      readonly units: readonly string[];
      readonly findings: readonly BootFinding[];
    }
  /** @param source where they come from: a file, or systemd's journal. */
  | { readonly does: "logs"; readonly source: string; readonly lines: readonly string[] };
