import type { Files, OpenFile } from "../platform/platform.ts";
import { isErrno } from "./errors.ts";
import { archivesOf, type LogArchive } from "./log-archives.ts";
import { type LogShelf, namedShelf, ownShelf } from "./log-shelf.ts";
import { baseAfter, type Moving, parseState, tokenBytes } from "./rotation-state.ts";

export type Stream = "out" | "err";

export const streams: readonly Stream[] = ["out", "err"];

/** What of a process's paths its logs are found by. */
export interface LogPaths {
  /** Where archives, clocks and the state of a rotation are. */
  readonly folder: string;
  readonly out: string;
  readonly err: string;
  /** A person has named the file: a link in its place is followed. */
  readonly named?: boolean;
}

/** Where one stream's log is rotated. */
export function shelfOf(paths: LogPaths, stream: Stream): LogShelf {
  const live = paths[stream];
  // Both streams may go into the file of one.
  const own = streams.find((each) => ownShelf(paths.folder, each).live === live);
  if (own !== undefined || paths.named !== true) return ownShelf(paths.folder, own ?? stream, live);
  return namedShelf(live);
}

/** A stretch of a log: bytes `start` to `end`, counted from the log's beginning. */
export interface LogPart {
  readonly start: number;
  readonly end: number;
  readonly path: string;
  readonly compressed: boolean;
}

/** A log as it lies on disk at one moment. */
export interface LogParts {
  /** Oldest first, each beginning where the one before ends; the last is the live file, also when that is missing. */
  readonly parts: readonly LogPart[];
  readonly live: LogPart & { readonly inode: number; readonly modifiedMs: number | null };
  /** The live file's first bytes, while a rotation has its mark over them. */
  readonly front: Buffer | undefined;
  /** Why the live file is not read, in words. */
  readonly refused: string | undefined;
  /** The same before and after a reading: what was read is what it was taken for. */
  readonly version: string;
  /** The same for who reads the live file alone: see `liveVersion`. */
  readonly liveVersion: string;
  /** Is a rotation under way? */
  readonly isMoving: boolean;
}

/**
 * Where the bytes of a log are now, also in the middle of a rotation. Reads and never writes. An archive that gets another
 * name between its listing and the look at it would be missed, and its lines with it: then all is looked at again.
 */
export function logParts(files: Files, paths: LogPaths, stream: Stream): LogParts {
  const shelf = shelfOf(paths, stream);
  for (let look = 1; ; look += 1) {
    const text = textOf(files, shelf.state);
    const archives = archivesOf(files, shelf);
    const parts = partsOf(files, paths, stream, { text, listed: archives });
    const isSame = textOf(files, shelf.state) === text && named(archivesOf(files, shelf)) === named(archives);
    if (isSame || look === mostLooks) return parts;
  }
}

/** A rotation takes longer than a few looks, and does not come back at once. */
const mostLooks = 20;

function named(archives: readonly LogArchive[]): string {
  return archives.map(({ path }) => path).join("\n");
}

function partsOf(
  files: Files,
  paths: LogPaths,
  stream: Stream,
  { text, listed }: { readonly text: string; readonly listed: readonly LogArchive[] },
): LogParts {
  const path = paths[stream];
  const version = liveVersion(files, paths, stream, false);
  const shelf = shelfOf(paths, stream);
  const state = parseState(text);
  const moved = shelf.moving;
  const live = look(files, path, paths.named === true, state.moving === undefined ? 0 : tokenBytes);
  const isStamped = state.moving !== undefined && isToken(live.first, state.moving);
  const hasLeft = state.moving?.phase === "stamped" && !isStamped;
  const base = hasLeft ? baseAfter(state.base, state.moving) : state.base;
  const archives = measured(files, listed);
  // Out of the live file, and not yet named as the archive that it is.
  if ((hasLeft || state.moving?.phase === "placing") && state.moving?.to === undefined) {
    const size = sizeOf(files, moved);
    if (size !== undefined) archives.unshift({ path: moved, compressed: false, length: size });
  }
  const parts: LogPart[] = [];
  let end = base;
  for (const { path: archive, compressed, length } of archives) {
    parts.unshift({ start: end - length, end, path: archive, compressed });
    end -= length;
  }
  const livePart = {
    start: base,
    end: base + live.size,
    path,
    compressed: false,
    inode: live.inode,
    modifiedMs: live.modifiedMs,
  };
  const isMoving = state.moving !== undefined;
  const ofLive = isMoving ? `${version} ${live.first.toString("latin1")}` : version;
  return {
    parts: [...parts, livePart],
    live: livePart,
    front: isStamped ? firstBytes(files, moved) : undefined,
    refused: live.refused,
    version: [text, ofLive, live.inode, ...archives.map((each) => `${each.path} ${each.length}`)].join("\n"),
    liveVersion: ofLive,
    isMoving,
  };
}

/** A log that is shorter than the token begins with so much of it. */
function isToken(front: Buffer, { token, bytes }: Moving): boolean {
  const length = Math.min(tokenBytes, bytes);
  return front.toString("latin1", 0, length) === token.slice(0, length);
}

/** Of what `logParts` says, only what a reader of the live file must have seen unchanged. Costs a stat. */
export function liveVersion(files: Files, paths: LogPaths, stream: Stream, isMoving: boolean): string {
  const state = files.stat(shelfOf(paths, stream).state);
  const version = state === undefined ? "" : `${state.inode} ${state.modifiedMs} ${state.size}`;
  if (!isMoving) return version;
  // The mark goes with the bytes, and no state tells when.
  const first = look(files, paths[stream], paths.named === true, tokenBytes).first;
  return `${version} ${first.toString("latin1")}`;
}

interface Archive {
  readonly path: string;
  readonly compressed: boolean;
  /** Of what is in it, uncompressed. */
  readonly length: number;
}

function measured(files: Files, archives: readonly LogArchive[]): Archive[] {
  return archives.flatMap(({ path, compressed }) => {
    const length = compressed ? uncompressedSize(files, path) : sizeOf(files, path);
    return length === undefined ? [] : [{ path, compressed, length }];
  });
}

/** What gzip writes last: the length of what went in, modulo 2^32. */
function uncompressedSize(files: Files, path: string): number | undefined {
  return inside(files, path, false, (file, { size }) => {
    const last = Buffer.alloc(4);
    const said = file.read(last, Math.max(0, size - 4)) < 4 ? 0 : last.readUInt32LE(0);
    // An archive that was cut says anything. No gzip grows by more, nor holds more: what is between is believed.
    const most = size * 1032;
    return said > most || said < size * 0.999 - 64 ? most : said;
  });
}

function sizeOf(files: Files, path: string): number | undefined {
  return inside(files, path, false, (_file, { size }) => size);
}

function firstBytes(files: Files, path: string): Buffer | undefined {
  return inside(files, path, false, (file) => {
    const bytes = Buffer.alloc(tokenBytes);
    return bytes.subarray(0, file.read(bytes, 0));
  });
}

interface Looked {
  readonly size: number;
  readonly inode: number;
  readonly modifiedMs: number | null;
  readonly first: Buffer;
  readonly refused: string | undefined;
}

function look(files: Files, path: string, followLinks: boolean, firstLength: number): Looked {
  const opened = openLog(files, path, followLinks);
  const nothing = { size: 0, inode: 0, modifiedMs: null, first: Buffer.alloc(0), refused: undefined };
  if (opened === undefined) return nothing;
  if (typeof opened === "string") return { ...nothing, refused: opened };
  try {
    const { size, inode, modifiedMs } = opened.stat();
    const first = Buffer.alloc(firstLength);
    return { size, inode, modifiedMs, first: first.subarray(0, opened.read(first, 0)), refused: undefined };
  } finally {
    opened.close();
  }
}

/** A log file or an archive, open; undefined when missing; in words why it is none that is read. */
export function openLog(files: Files, path: string, followLinks: boolean): OpenFile | string | undefined {
  let opened: OpenFile | undefined;
  try {
    opened = files.open(path, { followLinks });
  } catch (error) {
    if (isErrno(error, "ELOOP", "EMLINK")) return `${path} is a link and is not followed`;
    if (isErrno(error, "EACCES", "EPERM")) return `${path} may not be read`;
    if (isErrno(error, "ENXIO", "ENODEV")) return `${path} is not a file`;
    throw error;
  }
  const kind = opened?.stat().kind;
  if (opened === undefined || kind === "file") return opened;
  opened.close();
  if (kind === "directory") return `${path} is a folder where a log should be`;
  // `--out-file /dev/null`: nothing to read, and nothing to say about it.
  return followLinks ? undefined : `${path} is not a file`;
}

function inside<T>(
  files: Files,
  path: string,
  followLinks: boolean,
  action: (file: OpenFile, stat: ReturnType<OpenFile["stat"]>) => T,
): T | undefined {
  const opened = openLog(files, path, followLinks);
  if (opened === undefined || typeof opened === "string") return undefined;
  try {
    return action(opened, opened.stat());
  } finally {
    opened.close();
  }
}

function textOf(files: Files, path: string): string {
  try {
    return files.readText(path) ?? "";
  } catch (error) {
    if (isErrno(error, "EISDIR", "EACCES", "EPERM", "ELOOP")) return "";
    throw error;
  }
}
