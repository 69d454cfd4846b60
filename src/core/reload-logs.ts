import type { Identity } from "../platform/platform.ts";
import { processPaths } from "./home.ts";
import { filesOf } from "./log-files.ts";
import type { Stream } from "./log-parts.ts";
import { livingIdentity, observe } from "./observe.ts";
import { knownPolicy } from "./policy.ts";
import type { ProcessRecord } from "./process.ts";
import { stamperOf } from "./stamper.ts";
import type { World } from "./world.ts";

/** Where a stream goes after somebody has moved its log away, or has not. */
export interface ReloadedLog {
  readonly name: string;
  readonly stream: Stream;
  readonly path: string | null;
  readonly found: Found;
}

/**
 * `own`: it writes into the file in its place. `moved`: into one that was moved away, and rotation takes that over.
 * `reopened`: its stamper writes into the file in its place from now on. `unknown`: the system does not tell, or the
 * process has redirected itself to what is no file.
 */
export type Found = "own" | "moved" | "reopened" | "resting" | "nothing-kept" | "unknown";

/** Tells for both streams, and makes a stamper open its files anew. */
export async function reloadLogs(world: World, record: ProcessRecord): Promise<ReloadedLog[]> {
  const { files, processes } = world.platform;
  const paths = processPaths(world.home, record.name);
  const { streams } = knownPolicy(files, paths.launch, record.restart_policy);
  const places = filesOf(streams, paths);
  const living = livingIdentity(observe(record, processes));
  const stamper = streams.stamp === null ? undefined : stamperOf(world, record.name);
  if (stamper !== undefined) processes.signal(stamper, "SIGHUP");
  const found = async (stream: Stream): Promise<Found> => {
    const path = places[stream];
    if (path === null) return "nothing-kept";
    if (living === undefined) return "resting";
    if (streams.stamp === null) return whereItWrites(world, living, stream, path);
    if (stamper === undefined) return "unknown";
    await untilOpen(world, stamper, path);
    return "reopened";
  };
  return await Promise.all(
    (["out", "err"] as const).map(async (stream) => ({
      name: record.name,
      stream,
      path: places[stream],
      found: await found(stream),
    })),
  );
}

function whereItWrites({ platform }: World, living: Identity, stream: Stream, path: string): Found {
  const open = platform.processes.openFile(living, stream === "out" ? 1 : 2, { patient: true });
  if (open === undefined) return "unknown";
  return open.inode === platform.files.stat(path)?.inode ? "own" : "moved";
}

/** Whoever asked may pack the old file next: by then nobody writes to it. Where the system does not tell, nothing is waited for. */
async function untilOpen(
  { platform: { files, processes, clock } }: World,
  stamper: Identity,
  path: string,
): Promise<void> {
  const deadline = clock.monotonicMs() + mostMs;
  const isOpen = () => {
    const inode = files.stat(path)?.inode;
    return descriptors.some((descriptor) => processes.openFile(stamper, descriptor)?.inode === inode);
  };
  if (descriptors.every((descriptor) => processes.openFile(stamper, descriptor) === undefined)) return;
  while (processes.isAlive(stamper) && clock.monotonicMs() < deadline) {
    if (files.kind(path) === "file" && isOpen()) return;
    await clock.sleep(5);
  }
}

const mostMs = 2000;
/** It has a few of Node's own, its two pipes, and its logs. */
const descriptors = Array.from({ length: 61 }, (_, index) => index + 3);
