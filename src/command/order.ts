import { TsmError } from "../core/errors.ts";
import type { ProcessSummary } from "../core/process.ts";
import { type Field, fields } from "./where.ts";

/**
 * `mem` from little to much, `-mem` and `mem:desc` from much to little. What has nothing there comes last either way;
 * equals stay in their order.
 * @throws TsmError USAGE
 */
export function sorted(processes: readonly ProcessSummary[], by: string): ProcessSummary[] {
  const { field, direction } = parseOrder(by);
  // Read once for each: the memory of a tree is work.
  const keyed = processes.map((process) => ({ process, key: field.of(process) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return a.key === b.key ? 0 : a.key < b.key ? -direction : direction;
  });
  return keyed.map(({ process }) => process);
}

function parseOrder(by: string): { field: Field; direction: 1 | -1 } {
  const [, minus = "", name = "", suffix = ""] = /^(-?)([a-z]+)(:asc|:desc)?$/i.exec(by) ?? [];
  const lower = name.toLowerCase();
  // As pm2 calls it.
  const known = lower === "memory" ? "mem" : lower;
  const field = Object.hasOwn(fields, known) ? fields[known] : undefined;
  if (field !== undefined && (minus === "" || suffix === ""))
    return { field, direction: minus === "-" || suffix.toLowerCase() === ":desc" ? -1 : 1 };
  throw new TsmError("USAGE", `--sort: '${by}' is not a field`, {
    hint: `Choose one of: ${Object.keys(fields).join(", ")}; -mem or mem:desc is the other way round`,
  });
}
