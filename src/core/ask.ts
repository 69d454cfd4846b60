import type { Files } from "../platform/platform.ts";
import { processPaths } from "./home.ts";
import { readWords } from "./launch-words.ts";
import { listens } from "./listening.ts";
import { logFiles } from "./log-files.ts";
import type { Probe } from "./probe.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** Asks once. undefined: yes; else why not, in words. */
export type Ask = (timeoutMs: number, signal: AbortSignal) => Promise<string | undefined>;

/** A probe put to one life of a process, as often as one likes. */
export function asking(world: World, record: ProcessRecord, probe: Probe): Ask {
  const { probes } = world.platform;
  switch (probe.kind) {
    case "port":
      return async () => notListening(world, record, probe.port ?? record.port);
    case "http":
      return (timeoutMs, signal) => probes.http(probe.url, timeoutMs, signal);
    case "command": {
      const request = { command: probe.command, cwd: record.cwd, env: environmentOf(world, record) };
      return (timeoutMs, signal) => probes.command(request, timeoutMs, signal);
    }
    case "ipc":
      return async () => {
        const said = world.platform.files.readText(processPaths(world.home, record.name).saidReady);
        return said?.trim() === String(record.pid) ? undefined : "it has not said process.send('ready')";
      };
    case "log": {
      const search = new LogSearch(world, record, probe.pattern);
      return async () => (search.found() ? undefined : `no line of its log matches ${probe.text.slice("log:".length)}`);
    }
  }
}

function notListening(world: World, record: ProcessRecord, port: ProcessRecord["port"]): string | undefined {
  if (port === "none") return "it has no port";
  return listens(world, record, port, true) ? undefined : `it does not listen on port ${port}`;
}

/** As the process began. */
function environmentOf(world: World, record: ProcessRecord): Record<string, string> {
  const { launch } = processPaths(world.home, record.name);
  const pairs = [...(readWords(world, launch, "env") ?? []), ...(readWords(world, launch, "overlay") ?? [])];
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

/** Looks through what this life has written, each byte once. */
class LogSearch {
  readonly #files: Files;
  readonly #pattern: RegExp;
  readonly #logs: { readonly path: string; position: number; rest: Buffer }[];
  #found = false;

  constructor(world: World, record: ProcessRecord, pattern: RegExp) {
    const { files } = world.platform;
    const paths = processPaths(world.home, record.name);
    const { out, err } = logFiles(files, paths);
    // Written by the runner when the life began.
    const [outAt = 0, errAt = 0] = (files.readText(paths.offsets) ?? "").trim().split(/\s+/).map(Number);
    this.#files = files;
    this.#pattern = pattern;
    const places = [
      { path: out, position: outAt || 0 },
      { path: err === out ? null : err, position: errAt || 0 },
    ];
    this.#logs = places.flatMap(({ path, position }) =>
      path === null ? [] : [{ path, position, rest: Buffer.alloc(0) }],
    );
  }

  found(): boolean {
    for (const log of this.#logs) {
      const size = this.#files.stat(log.path)?.size ?? 0;
      // Cut off meanwhile: what is there now is new.
      if (size < log.position) log.position = 0;
      while (!this.#found && log.position < size) {
        const bytes = this.#files.readRange(log.path, log.position, Math.min(size - log.position, chunkBytes));
        if (bytes === undefined || bytes.length === 0) break;
        log.position += bytes.length;
        const text = Buffer.concat([log.rest, bytes]);
        this.#found = text
          .toString("utf8")
          .split("\n")
          .some((line) => this.#pattern.test(line.replace(/\r$/, "")));
        // A line that is still being written is looked at again when there is more of it.
        log.rest = Buffer.from(text.subarray(text.lastIndexOf(0x0a) + 1).subarray(-longestLine));
      }
    }
    return this.#found;
  }
}

const chunkBytes = 256 * 1024;
const longestLine = 64 * 1024;
