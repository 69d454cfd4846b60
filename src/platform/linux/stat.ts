import type { ProcessEntry } from "../processes.ts";

/** Clock ticks per second in everything that /proc tells a program: USER_HZ, 100 on every architecture that Node runs on. */
export const ticksPerSecond = 100;

/** Who a process is: what every `list` asks of each, for half of what a whole entry costs. */
export interface Life {
  readonly parentPid: number;
  readonly groupId: number;
  readonly startMark: string;
}

/** As `parseStat`, of a line as text. */
export function parseLife(line: string): Life | undefined {
  // `) STATE PARENT GROUP SESSION …`: STATE is field 3 of the manual page, SESSION 6, and field 22 is when it began.
  const state = line.lastIndexOf(")") + 2;
  const parent = state + 2;
  const group = line.indexOf(" ", parent) + 1;
  let end = line.indexOf(" ", group);
  let mark = group;
  for (let field = 6; field <= 22; field += 1) {
    if (end === -1) return undefined;
    mark = end + 1;
    end = line.indexOf(" ", mark);
  }
  if (end === -1 || isOver(line.charAt(state))) return undefined;
  return {
    parentPid: Number(line.slice(parent, group - 1)),
    groupId: Number(line.slice(group, line.indexOf(" ", group))),
    startMark: line.slice(mark, end),
  };
}

function isOver(state: string): boolean {
  return state === "Z" || state === "X" || state === "x";
}

/**
 * What one line of /proc/PID/stat says (proc_pid_stat(5)).
 * @param line the file's bytes; `length` of them count.
 * @param pageBytes size of a memory page, for the resident size.
 * @returns undefined for a zombie or a dead entry, and for anything that is no such line.
 */
export function parseStat(line: Buffer, length: number, pageBytes: number): ProcessEntry | undefined {
  const text = line.toString("latin1", 0, length);
  // The name may hold spaces and parentheses of its own; only the last ")" ends it.
  const nameStart = text.indexOf("(") + 1;
  const nameEnd = text.lastIndexOf(")");
  if (nameStart === 0 || nameEnd < nameStart) return undefined;
  const pid = Number(text.slice(0, nameStart - 2));
  // fields[0] is field 3 of the manual page, so field n is fields[n - 3].
  const fields = text.slice(nameEnd + 2).split(" ", 22);
  const state = fields[0];
  const startMark = fields[19];
  if (state === undefined || startMark === undefined || isOver(state)) return undefined;
  return {
    pid,
    parentPid: Number(fields[1]),
    groupId: Number(fields[2]),
    sessionId: Number(fields[3]),
    startMark,
    name: line.toString("utf8", nameStart, nameEnd),
    suspended: state === "T" || state === "t",
    cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond,
    waitedCpuMs: ((Number(fields[13]) + Number(fields[14])) * 1000) / ticksPerSecond,
    memoryBytes: Number(fields[21]) * pageBytes,
  };
}
