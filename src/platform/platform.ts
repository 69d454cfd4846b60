import type { WatchOptions } from "../core/watch-options.ts";
import type { MemoryKills } from "./memory-kills.ts";
import type { Ports } from "./ports.ts";
import type { Processes } from "./processes.ts";

/**
 * The one interface between TSM and the operating system. `src/platform/linux` answers it from /proc,
 * `src/platform/darwin` from `ps` and `lsof`; nothing else in TSM knows which it is talking to.
 * Every method is synchronous unless it says otherwise: a one-shot command reads 100 small files in
 * 0.6 ms that way and in 14 ms when it awaits each.
 */
export interface Platform {
  readonly name: "linux" | "darwin";
  readonly files: Files;
  readonly processes: Processes;
  readonly ports: Ports;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly spawner: Spawner;
  readonly probes: Probes;
  readonly accounts: Accounts;
  /** How many processes this machine runs at the same time. */
  processors(): number;
  /** What the machine is called. */
  hostName(): string;
  /** What is written to this program, up to its end or to so many bytes. */
  readInput(mostBytes: number): Promise<Buffer>;
  /** From now on these signals to this program mean what the handler does, and nothing else. @returns what gives them back. */
  takeSignals(signals: readonly NodeJS.Signals[], handler: () => void): () => void;
  /** undefined for what is no signal here. */
  signalNumber(name: string): number | undefined;
  /** Loaded when it is first asked for. */
  logSurgery(): Promise<LogSurgery>;
  /**
   * A small server: GET and HEAD of a few paths, a few connections at a time, until the signal.
   * @throws the system's error when it cannot listen there (EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND).
   */
  serve(request: HttpService, signal: AbortSignal): Promise<Serving>;
  /** Whom the kernel has killed for want of memory. Loaded when it is first asked for. */
  memoryKills(): Promise<MemoryKills>;
  /** Groups of processes whose memory the kernel limits. Loaded when it is first asked for. */
  memoryGroups(): Promise<MemoryGroups>;
}

export interface MemoryGroups {
  /** The folder in which this program may make one for what it starts. */
  place(): MemoryPlace;
  /** The limit of one (null: none), and how many of it the kernel has killed for it; undefined when there is none. */
  look(group: string): { readonly most: number | null; readonly kills: number } | undefined;
  /** False when the system does not let this user do that. */
  setMax(group: string, bytes: number | null): boolean;
  /** Nothing when it is gone. False when somebody is in it. */
  remove(group: string): boolean;
}

export type MemoryPlace = { readonly folder: string } | { readonly whyNot: string };

export interface HttpService {
  readonly host: string;
  /** 0: the system chooses one that is free. */
  readonly port: number;
  /** What each path is answered with, by its path; whatever else is asked for is not there. */
  readonly pages: Readonly<Record<string, () => Promise<Page>>>;
}

export interface Page {
  readonly type: string;
  readonly body: string;
}

export interface Serving {
  readonly host: string;
  readonly port: number;
  /** When all of it has ended. */
  readonly ended: Promise<void>;
}

/**
 * Which process, beyond doubt: a pid alone is reused, a pid with the kernel's start mark in one boot is not.
 * `startMark` is opaque (Linux: field 22 of /proc/PID/stat in clock ticks since boot, as decimal text;
 * macOS: `lstart` of `ps` as epoch seconds, as decimal text). `bootId` names the boot that `startMark` counts from.
 */
export interface Identity {
  readonly pid: number;
  readonly startMark: string;
  readonly bootId: string;
}

export type FileKind = "file" | "directory" | "other" | "missing";

export interface Files {
  /** Whole file as text; undefined when it does not exist. @throws other errors (EACCES, EISDIR). */
  readText(path: string): string | undefined;
  /** As `readText`, as bytes. */
  readBytes(path: string): Buffer | undefined;
  /** At most `length` bytes from `position`; shorter at the end of the file. undefined when missing. */
  readRange(path: string, position: number, length: number): Buffer | undefined;
  /**
   * Opens for reading; undefined when missing. The caller closes it.
   * @throws other errors: ELOOP for a link that is not to be followed.
   */
  open(path: string, options: { readonly followLinks: boolean }): OpenFile | undefined;
  /**
   * Writes the file whole: temp file beside it, then rename, so a reader sees the old or the new and never a part.
   * @param options.mode permission bits, default 0o600. @param options.durable fsync file and folder before and after the rename.
   */
  writeWhole(path: string, data: string | Uint8Array, options?: { mode?: number; durable?: boolean }): void;
  /** Puts it in place of what the file holds, or in a new one, 0600: for a file that nobody reads yet. */
  overwrite(path: string, data: string): void;
  /** One O_APPEND write of the line and its newline; creates the file 0600. */
  appendLine(path: string, line: string): void;
  /** Creates an empty file, 0600, when there is none. @throws the system's error when it cannot be opened for appending. */
  touch(path: string): void;
  /** Makes an empty file, 0600; false when there is one. */
  make(path: string): boolean;
  /** Creates the folder and its parents, 0700 by default; nothing when it is there. */
  makeFolder(path: string, options?: { mode?: number }): void;
  /** Names in a folder; empty when the folder does not exist. */
  list(path: string): string[];
  /** Those of regular files alone: no folder, and no link. */
  listFiles(path: string): string[];
  /** Follows links. */
  kind(path: string): FileKind;
  /** Follows links. undefined when missing. */
  stat(path: string): { size: number; inode: number; modifiedMs: number; mode: number; userId: number } | undefined;
  /** May this user execute it? */
  isExecutable(path: string): boolean;
  isReadable(path: string): boolean;
  isWritable(path: string): boolean;
  /** Makes a symbolic link at `path`. @throws the system's errors: EEXIST when something is there. */
  link(target: string, path: string): void;
  /** What a symbolic link says; undefined when there is none. */
  linkTarget(path: string): string | undefined;
  /** Absolute path with links resolved; undefined when missing. */
  realPath(path: string): string | undefined;
  /** Removes a file; nothing when missing. Never a folder. */
  remove(path: string): void;
  /** Removes a folder and all in it, following no links; nothing when missing. */
  removeFolder(path: string): void;
  rename(from: string, to: string): void;
  /** Calls back when the folder or file may have changed; returns the function that ends it. Never keeps the program alive. */
  watch(path: string, changed: () => void): () => void;
  /**
   * Calls back with each path that is made, changed or removed below the paths; what is ignored is not looked into.
   * Keeps the program alive. @returns the function that ends it.
   */
  watchTree(
    paths: readonly string[],
    ignored: (path: string) => boolean,
    changed: (path: string) => void,
    options: WatchOptions,
  ): Promise<() => Promise<void>>;
  /** @throws the system's errors: it is not ours. */
  setMode(path: string, mode: number): void;
  /** Bytes available to this user on the file system that holds the path. */
  freeBytes(path: string): number;
  /** Files that can still be made there, of how many; undefined on file systems that do not count them. */
  inodes(path: string): { readonly free: number; readonly total: number } | undefined;
}

/** What rotation does to files that others are appending to. None of it follows a link. @throws the system's errors. */
export interface LogSurgery {
  /** The size of the blocks that `removeFront` can take out of files on this file system; undefined where it cannot. */
  frontUnit(path: string): number | undefined;
  /**
   * Copies this range to the same place of another file and waits until it is on disk; `to` is made anew when the range
   * begins at 0. @returns the bytes copied: fewer at the end of the file.
   */
  copy(from: string, to: string, range: { position: number; length: number }): Promise<number>;
  /** A gzip of the whole file, on disk. */
  compress(from: string, to: string): Promise<void>;
  /**
   * Takes the first bytes out of a file, in one step and under whoever writes to it. They are whole blocks (see
   * `frontUnit`), and fewer than the file has. False when the system would not: nothing was changed.
   * @param marks by which the program that does it is known, should it outlive this one.
   */
  removeFront(path: string, bytes: number, marks: Readonly<Record<string, string>>): Promise<boolean>;
  overwriteFront(path: string, bytes: Uint8Array): Promise<void>;
  /** Makes it empty. */
  empty(path: string): Promise<void>;
  /** Gives a file a second name. */
  link(from: string, to: string): void;
  /** What lies there, links not followed; undefined when nothing does. */
  entry(path: string): LogEntry | undefined;
}

export interface LogEntry {
  readonly kind: "file" | "directory" | "link" | "other";
  readonly size: number;
  readonly inode: number;
  readonly bornMs: number;
  /** In how many places of the file system it lies. */
  readonly names: number;
  /** Does it belong to the user that this program runs as? */
  readonly isOurs: boolean;
}

/** A file that stays the same one, whatever its path is given to. */
export interface OpenFile {
  /** Fills the buffer from a position on; the count of bytes is smaller at the end of the file. */
  read(into: Uint8Array, position: number): number;
  stat(): {
    readonly kind: "file" | "directory" | "other";
    readonly size: number;
    readonly inode: number;
    readonly modifiedMs: number;
  };
  /** Idempotent. */
  close(): void;
}

export interface Locks {
  /**
   * Waits for the lock file and holds it. A lock whose holder is dead (by identity) is taken over, by exactly one of those who wait.
   * @param options.timeoutMs how long one and the same holder is waited for; default 30 000.
   * @returns the function that releases it (idempotent).
   * @throws LockTimeout naming the holder; the signal's reason when aborted.
   */
  acquire(path: string, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<() => void>;
  /** Who holds the lock, and whether that is over: its holder is dead. undefined when nobody does. Changes nothing. */
  look(path: string): { readonly holder: Identity | undefined; readonly stale: boolean } | undefined;
}

export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  nowMs(): number;
  /** Never jumps; only differences mean anything. */
  monotonicMs(): number;
  /** Milliseconds since this machine started: the clock that runners write down. undefined where runners have none (macOS). */
  sinceBootMs(): number | undefined;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface SpawnRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface Spawner {
  /**
   * Starts a program in a session of its own, nothing inherited (stdio from and to /dev/null), not waited for.
   * @returns undefined when it began and has already ended. @throws the system's error (ENOENT, also for `cwd`; EACCES).
   */
  spawnDetached(request: SpawnRequest): Promise<Identity | undefined>;
  /**
   * Starts a program in a session of its own that answers each of what it is asked with one line. Nothing else is inherited.
   */
  openCoprocess(request: SpawnRequest): Coprocess;
  /**
   * Starts a program in a session of its own that reads what is written here. Its input ends with `end`, which waits for
   * it, and with this program.
   */
  spawnFed(request: SpawnRequest): { write(text: string): void; end(): Promise<void> };
  /**
   * Runs a program to its end, with this input or none, in a group of its own, which is killed when it is late, prints more
   * than a megabyte, or the signal is aborted. @throws the system's error when it cannot be started.
   */
  capture(
    request: SpawnRequest & { readonly input?: string },
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Captured>;
  /** Runs a program on this program's own terminal to its end. Its exit code. @throws the system's error when it cannot be started. */
  onTerminal(request: SpawnRequest): Promise<number>;
}

/** A program that reads what it is asked and answers on lines, in the same order. Its input ends with this program, too. */
export interface Coprocess {
  /** false: it has ended, or is told to. */
  readonly isOpen: boolean;
  /** @returns undefined when it has ended without an answer. @throws the system's error when it could not be started. */
  ask(text: string): Promise<string | undefined>;
  /** Its input ends; what was asked before is answered. */
  end(): void;
}

/** What a program came to. */
export interface Captured {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it was ended before it was done: its time was up, or it printed more than is kept. */
  readonly cut?: "late" | "long";
}

export interface Account {
  readonly userId: number;
  /** Its own group. */
  readonly groupId: number;
  /** All its groups, its own among them. */
  readonly groupIds: readonly number[];
}

/** Users and groups. */
export interface Accounts {
  /** May this program become anybody? */
  isRoot(): boolean;
  /** Of this program: -20 to 19. */
  niceness(): number;
  /** Whose program this is; the number where the user has no name. */
  ownName(): string;
  /** undefined when there is none of this name. */
  user(name: string): Account | undefined;
  groupId(name: string): number | undefined;
  /** Every user that the machine lists, with the folder that is theirs. */
  all(): readonly { readonly name: string; readonly homeFolder: string }[];
  /** Of a user who may be named by number; undefined when there is none. */
  loginName(name: string): string | undefined;
  /** Of a user; undefined when there is none of this name. */
  homeFolder(name: string): string | undefined;
}

/** All end early when the signal is aborted. */
export interface Probes {
  /** GET. undefined when it answers 200 to 399, else why not, in words. Never rejects. */
  http(url: string, timeoutMs: number, signal: AbortSignal): Promise<string | undefined>;
  /** A TCP connection, held open until it is closed. "late": it did not come about in time; undefined: nobody listens there. Never rejects. */
  connect(
    host: string,
    port: number,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly localPort: number; close(): void } | "late" | undefined>;
  /**
   * Writes to a TCP connection, or over TLS to whomever it is. "words": anything came back, or it was closed; "silence": nor
   * did TLS come about, perhaps; undefined: there was no connection. Never rejects.
   */
  ask(
    over: "tcp" | "tls",
    host: string,
    port: number,
    words: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<"words" | "silence" | undefined>;
  /** `bash -c`. undefined when it ends with 0, else why not, in words; killed with all it started when it is late. Never rejects. */
  command(
    request: {
      readonly command: string;
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      /** What it may read; without it, nothing. */
      readonly input?: string;
      /** Is the last line that it wrote on stderr to be told where it failed? What it has left behind cannot write there any more. */
      readonly hears?: boolean;
    },
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /**
   * POST of JSON. undefined when it answers 200 to 299, else why not, in words, and whether it may be otherwise the next
   * time. Redirects are not followed. Never rejects.
   */
  post(
    url: string,
    body: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly why: string; readonly again: boolean } | undefined>;
}

/** The lock was held by a live process for the whole time that was given. */
export class LockTimeout extends Error {
  readonly path: string;
  readonly holder: Identity | undefined;
  constructor(path: string, holder: Identity | undefined) {
    super(`lock ${path} is held${holder ? ` by process ${holder.pid}` : ""}`);
    this.name = "LockTimeout";
    this.path = path;
    this.holder = holder;
  }
}
