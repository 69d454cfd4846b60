import type { Files } from "../platform/platform.ts";
import { processPaths } from "./home.ts";
import { logFiles } from "./log-files.ts";
import type { Stream } from "./logs.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** A line of a log, with what its clock tells of it. */
export interface TimedLine {
  readonly text: string;
  /** Epoch seconds; null when nothing tells. */
  readonly time: number | null;
  /** Which life of the process wrote it; null when nothing tells. */
  readonly run: number | null;
}

/** All lines of one stream of a process, the oldest first, a chunk of them at a time. */
export function* timedLines(world: World, record: ProcessRecord, stream: Stream): Generator<TimedLine[]> {
  const { files } = world.platform;
  const paths = processPaths(world.home, record.name);
  const places = logFiles(files, paths);
  const path = places[stream];
  if (path === null || (stream === "err" && path === places.out)) return;
  const clock = readClock(files, `${paths.folder}/clock.${stream}`);
  const stat = files.stat(path);
  if (stat === undefined) return;
  const lastTime = clock === undefined ? null : Math.floor(stat.modifiedMs / 1000);
  let rest: Buffer = Buffer.alloc(0);
  for (let position = 0; position < stat.size; ) {
    const bytes = files.readRange(path, position, Math.min(chunkBytes, stat.size - position));
    if (bytes === undefined || bytes.length === 0) break;
    position += bytes.length;
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const end = all.lastIndexOf(0x0a) + 1;
    const isLast = position >= stat.size;
    // A line that is too long to be kept is looked at in pieces.
    const taken = isLast || all.length - end > longestLine ? all.length : end;
    const begin = position - all.length;
    yield linesOf(all.subarray(0, taken), begin, clock, lastTime);
    rest = Buffer.from(all.subarray(taken));
  }
}

const chunkBytes = 1024 * 1024;
const longestLine = 4 * chunkBytes;

function linesOf(bytes: Buffer, begin: number, clock: Clock | undefined, lastTime: number | null): TimedLine[] {
  const lines: TimedLine[] = [];
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(0x0a, from);
    const to = found === -1 ? bytes.length : found;
    const text = bytes.toString("utf8", from, to);
    lines.push({
      text: text.endsWith("\r") ? text.slice(0, -1) : text,
      time: clock === undefined ? null : (clock.timeOf(begin + to + 1) ?? lastTime),
      run: clock?.runOf(begin + from) ?? null,
    });
    from = to + 1;
  }
  return lines;
}

interface Clock {
  timeOf(end: number): number | undefined;
  runOf(start: number): number | undefined;
}

/** `TIME SIZE`, `@ TIME SIZE RUN …`; behind `= BASE` the sizes are those of the file as it is now. */
function readClock(files: Files, path: string): Clock | undefined {
  if (files.kind(path) !== "file") return undefined;
  const text = files.readText(path) ?? "";
  const now = text.slice(text.lastIndexOf("= ") + 1);
  const times: { time: number; size: number }[] = [];
  const runs: { run: number; size: number }[] = [];
  for (const line of now.split("\n")) {
    const [, life, time = "", size = "", run = ""] = /^(@ )?(\d+) (\d+)(?: (\d+))?/.exec(line) ?? [];
    if (time === "") continue;
    times.push({ time: Number(time), size: Number(size) });
    if (life !== undefined) runs.push({ run: Number(run), size: Number(size) });
  }
  return {
    timeOf: (end) => times.find(({ size }) => size >= end)?.time,
    runOf: (start) => runs.findLast(({ size }) => size <= start)?.run,
  };
}
