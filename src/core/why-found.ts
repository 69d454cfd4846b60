import { quoteLine } from "./quote.ts";
import type { Holder } from "./why-facts.ts";

/** A cause, and what speaks for it. */
export interface Found<C> {
  readonly cause: C;
  /** Is it named by whoever must know, or does it only look like it? */
  readonly confidence: "certain" | "likely";
  readonly evidence: readonly Evidence[];
  /** Commands that make it go away. */
  readonly fix: readonly string[];
  /** Does it run after that only when somebody starts it? */
  readonly restart: boolean;
  /** Epoch seconds, where it is not since the last end or start. */
  readonly since?: number;
}

/** What somebody who was there says. */
export interface Evidence {
  readonly from: "record" | "journal" | "stderr" | "stdout" | "files" | "ports" | "kernel" | "patrol" | "services";
  readonly text: string;
}

/** Who holds a port, and the command that ends it. */
export function heldBy({ port, pid, command, name }: Holder): { readonly evidence: Evidence; readonly fix: string[] } {
  if (pid === null)
    return { evidence: { from: "ports", text: `port ${port} is held by a process of another user` }, fix: [] };
  const called = command === "" ? "" : ` (${command})`;
  const who = name === null ? `${called}, which tsm did not start` : `${called}, which is '${name}'`;
  return {
    evidence: { from: "ports", text: `port ${port} is held by PID ${pid}${who}` },
    fix: [name === null ? `kill ${pid}` : `tsm stop ${quoteLine([name])}`],
  };
}

/** As the journal writes it. What a damaged record holds may be later than any date. */
export function isoTime(seconds: number): string {
  return new Date(Math.min(seconds, latest) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

const latest = 8_640_000_000_000;
