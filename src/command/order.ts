import type { ProcessSummary } from "../core/process.ts";
import type { Order } from "./sort-order.ts";
import { ofProcess } from "./where.ts";

/** What has nothing there comes last either way; equals stay in their order. */
export function sorted(processes: readonly ProcessSummary[], { field, direction }: Order): ProcessSummary[] {
  // Read once for each: the memory of a tree is work.
  const keyed = processes.map((process) => ({ process, key: ofProcess[field].of(process) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return a.key === b.key ? 0 : a.key < b.key ? -direction : direction;
  });
  return keyed.map(({ process }) => process);
}
