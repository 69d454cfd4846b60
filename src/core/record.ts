import { isObject } from "./is-object.ts";
import { type Exit, exitCauses, type ProcessRecord, recordedStatuses, restartPolicies } from "./process.ts";

/**
 * Text of `meta.json` to a record.
 * @returns the reason, in words, when it is not a whole and valid one.
 */
export function parseRecord(text: string, folder: string): ProcessRecord | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: text.trim() === "" ? "meta.json is empty" : "meta.json is not valid JSON" };
  }
  if (!isObject(value)) return { problem: "meta.json is not an object" };
  if (isOlder(value)) return { problem: "meta.json is an older TSM's: tsm migrate brings it over" };
  const fields = new Fields(value);
  const port = value["port"];
  const record: ProcessRecord = {
    tsm_id: fields.count("tsm_id"),
    name: fields.text("name"),
    pid: fields.count("pid"),
    command: fields.text("command"),
    port: port === "none" ? "none" : fields.count("port"),
    cwd: fields.text("cwd"),
    interpreter: fields.text("interpreter"),
    process_type: fields.text("process_type"),
    env_file: fields.text("env_file"),
    prehook: fields.text("prehook"),
    start_time: fields.count("start_time"),
    status: fields.oneOf("status", recordedStatuses),
    restarts: fields.count("restarts"),
    unstable_restarts: fields.count("unstable_restarts"),
    start_mark: fields.text("start_mark"),
    boot_id: fields.text("boot_id"),
    runner_pid: fields.count("runner_pid"),
    runner_mark: fields.text("runner_mark"),
    retry_at: fields.count("retry_at"),
    reason: fields.text("reason"),
    last_exit: parseExit(value["last_exit"], fields),
    actual_port: typeof value["actual_port"] === "number" ? fields.count("actual_port") : null,
    restart_policy: fields.oneOf("restart_policy", restartPolicies),
    created: fields.count("created"),
    ...(value["namespace"] === undefined ? {} : { namespace: fields.text("namespace") }),
  };
  if (fields.problem !== undefined) return { problem: fields.problem };
  // The folder's name is what paths are made of; a record that names another would lead out of it.
  if (record.name !== folder)
    return { problem: `meta.json names another process, ${JSON.stringify(record.name.slice(0, 40))}` };
  return record;
}

/** The 14 fields, and none of ours. */
function isOlder(value: Record<string, unknown>): boolean {
  return "tsm_id" in value && "status" in value && !("start_mark" in value) && !("restart_policy" in value);
}

/** The 14 fields first, in their order; one field a line; ends with a newline. */
export function formatRecord(record: ProcessRecord): string {
  return `${JSON.stringify(record, inOrder(record), 2)}\n`;
}

/**
 * The same text in the parts between which the runner prints what it knows: pid; start_time to runner_mark and last_exit.
 * `head` + pid + `body` + … + `tail`, each without a newline at its end.
 */
export function recordParts(record: ProcessRecord): { head: string; body: string; tail: string } {
  const line = (key: keyof ProcessRecord) => `  ${JSON.stringify(key)}: ${JSON.stringify(record[key])}`;
  const tail = (["restart_policy", "created", "namespace"] as const).filter((key) => record[key] !== undefined);
  return {
    head: `{\n${line("tsm_id")},\n${line("name")},`,
    body: `${(["command", "port", "cwd", "interpreter", "process_type", "env_file", "prehook"] as const).map(line).join(",\n")},`,
    tail: `${tail.map(line).join(",\n")}\n}`,
  };
}

function inOrder(record: ProcessRecord): string[] {
  // `last_exit` holds an object whose own keys must be listed too.
  return [...Object.keys(record), "code", "signal", "core", "at", "uptime", "by"];
}

function parseExit(value: unknown, fields: Fields): Exit | null {
  if (value === null || value === undefined) return null;
  if (!isObject(value)) {
    fields.fail("last_exit");
    return null;
  }
  const inner = new Fields(value);
  const { code, signal } = value;
  const exit: Exit = {
    code: typeof code === "number" ? code : null,
    signal: typeof signal === "string" ? signal : null,
    core: value["core"] === true,
    at: inner.count("at"),
    uptime: inner.number("uptime"),
    by: inner.oneOf("by", exitCauses),
  };
  if (inner.problem !== undefined) fields.fail("last_exit");
  return exit;
}

/** Reads fields of an object and remembers the first that is wrong. */
class Fields {
  problem: string | undefined;
  readonly #values: Record<string, unknown>;
  constructor(values: Record<string, unknown>) {
    this.#values = values;
  }
  fail(key: string): void {
    this.problem ??= `meta.json has no valid "${key}"`;
  }
  text(key: string): string {
    const value = this.#values[key];
    if (typeof value === "string") return value;
    this.fail(key);
    return "";
  }
  number(key: string): number {
    const value = this.#values[key];
    if (typeof value === "number" && Number.isFinite(value)) return value;
    this.fail(key);
    return 0;
  }
  /** A whole number from 0. */
  count(key: string): number {
    const value = this.number(key);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    this.fail(key);
    return 0;
  }
  oneOf<T extends string>(key: string, allowed: readonly T[]): T {
    const value = this.#values[key];
    const found = allowed.find((word) => word === value);
    if (found !== undefined) return found;
    this.fail(key);
    // `allowed` is a non-empty constant; the record is refused because of `fail`.
    return allowed[0] as T;
  }
}
