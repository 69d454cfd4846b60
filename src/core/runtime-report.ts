import { isErrno } from "./errors.ts";
import { processPaths } from "./home.ts";
import type { ProcessRecord } from "./process.ts";
import { maskedValue } from "./secrets.ts";
import type { World } from "./world.ts";

/** What a process says of itself, in `$TSM_RUN_DIR/runtime.json`. */
export type RuntimeReport =
  | {
      /** When it was written, epoch seconds. */
      readonly at: number;
      /** By their paths: `queue.length`. */
      readonly values: Readonly<Record<string, string | number | boolean | null>>;
    }
  | { readonly problem: string };

const mostBytes = 64 * 1024;
const deepest = 4;
const mostValues = 100;
const longestText = 200;
const longestKey = 100;

/**
 * null: it says nothing, or what lies there is of an earlier life. It is text of somebody else's: neither followed where
 * it is a link, nor waited for where it is a pipe, nor believed in its size.
 */
export function readRuntimeReport(world: World, record: ProcessRecord): RuntimeReport | null {
  const path = runtimeReportPath(world, record);
  try {
    const file = world.platform.files.open(path, { followLinks: false });
    if (file === undefined) return null;
    try {
      const { kind, size, modifiedMs } = file.stat();
      const at = Math.floor(modifiedMs / 1000);
      if (kind !== "file") return { problem: "runtime.json is not a file" };
      if (at < record.start_time) return null;
      if (size > mostBytes) return { problem: `runtime.json is longer than ${mostBytes} bytes` };
      const bytes = Buffer.alloc(size);
      return parseReport(bytes.toString("utf8", 0, file.read(bytes, 0)), at);
    } finally {
      file.close();
    }
  } catch (error) {
    if (isErrno(error, "ELOOP")) return { problem: "runtime.json is a link" };
    if (isErrno(error, "EACCES", "EPERM", "ENXIO")) return { problem: "runtime.json cannot be read" };
    throw error;
  }
}

export function runtimeReportPath({ home }: World, { name }: ProcessRecord): string {
  return `${processPaths(home, name).run}/runtime.json`;
}

export function parseReport(text: string, at: number): RuntimeReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: "runtime.json is not JSON" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { problem: "runtime.json is no object" };
  const values = new Map<string, string | number | boolean | null>();
  const problem = gather(value, "", 1, values);
  return problem === undefined ? { at, values: Object.fromEntries(values) } : { problem };
}

/** A service may tell its own settings, and passwords among them: masked like its variables. Numbers count things. */
function shownValue(key: string, value: string | number | boolean | null): string | number | boolean | null {
  return typeof value === "string" ? maskedValue(key, value).slice(0, longestText) : value;
}

/** @returns what is wrong with it; undefined: nothing. */
function gather(
  from: object,
  before: string,
  depth: number,
  into: Map<string, string | number | boolean | null>,
): string | undefined {
  if (depth > deepest) return `runtime.json goes deeper than ${deepest} levels`;
  for (const [key, value] of Object.entries(from)) {
    const path = `${before}${key}`;
    if (path.length > longestKey) return `runtime.json has a key of more than ${longestKey} characters`;
    if (typeof value === "object" && value !== null) {
      const problem = gather(value, `${path}.`, depth + 1, into);
      if (problem !== undefined) return problem;
      continue;
    }
    if (into.size >= mostValues) return `runtime.json has more than ${mostValues} values`;
    into.set(path, shownValue(key, value));
  }
  return undefined;
}
