import type { WatchOptions } from "../core/watch-options.ts";

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
}

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

export interface MemoryKills {
  /** Since the machine was started; undefined where the system does not tell. */
  readonly total: number | undefined;
  /** Those that the kernel's log names. */
  readonly named: readonly MemoryKill[];
  /** So far back the log tells all, in milliseconds; 0 when it cannot be read. */
  readonly knownForMs: number;
}

export interface MemoryKill {
  readonly pid: number;
  /** Short kernel name. */
  readonly name: string;
  readonly agoMs: number;
  /** The line of the log. */
  readonly text: string;
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

/** One line of the process table. Zombies and dead entries are never in it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  /** 0 where the system does not tell (macOS). */
  readonly sessionId: number;
  readonly startMark: string;
  /** Short kernel name, at most 15 characters on Linux. */
  readonly name: string;
  /** True while stopped by SIGSTOP, SIGTSTP or a debugger. */
  readonly suspended: boolean;
  /** User and system time it has used itself, without its children, in milliseconds. */
  readonly cpuMs: number;
  /** The same of children that have ended and that it has waited for, and theirs; 0 where the system does not tell (macOS). */
  readonly waitedCpuMs: number;
  /** Resident memory in bytes. */
  readonly memoryBytes: number;
}

export interface Processes {
  /** Identifies this boot. Changes with every restart of the machine. */
  bootId(): string;
  /** The identity of a live process; undefined when it is gone or only a zombie is left of it. */
  identify(pid: number): Identity | undefined;
  /** True only when exactly this process lives: same boot, same pid, same start mark, no zombie. */
  isAlive(identity: Identity): boolean;
  /** The pid of its parent, of exactly this process while it lives; undefined when it is gone. */
  parentOf(identity: Identity): number | undefined;
  /**
   * Every live process that this user may see, none of the kernel's own threads. One pass over the system: call once and keep.
   * @param without pids that nobody will ask for: they may be left out.
   */
  table(without?: ReadonlySet<number>): ProcessEntry[];
  /** The environment a process began with; undefined when it is gone or belongs to another user. */
  environment(pid: number): ReadonlyMap<string, string> | undefined;
  /** Its argument vector; undefined when it is gone or cannot be read. On macOS an argument with spaces comes back as several. */
  commandLine(pid: number): string[] | undefined;
  /** True where one process costs as much as all of them (`ps`): whoever asks for many asks for the table first. */
  readonly prefersTable: boolean;
  /**
   * Looks at the clock, once for all: the answer tells for how many milliseconds a live process has run. From a clock
   * that does not jump; on macOS there is only the wall clock.
   */
  ages(): (identity: Identity) => number;
  /**
   * Signals exactly this process. False when it is already gone (or was never this one).
   * @throws the system's error when it exists and may not be signalled (EPERM); also for pid 1.
   */
  signal(identity: Identity, signal: NodeJS.Signals): boolean;
  /**
   * Signals the whole process group that this identity leads; false when it is gone or leads none.
   * Same errors as `signal`; EPERM also for the group that this program runs in.
   */
  signalGroup(leader: Identity, signal: NodeJS.Signals): boolean;
  /**
   * Makes exactly this process so nice, -20 to 19; false when it is gone. @throws the system's error when that is not
   * allowed (EACCES, EPERM).
   */
  renice(identity: Identity, niceness: number): boolean;
  /**
   * The file that exactly this process has open under a descriptor; undefined when it is gone, or that is no file, or
   * the system does not tell at once. A deleted file's path ends with ` (deleted)`.
   * @param options.patient also where a fifth of a second goes by until it tells (macOS).
   */
  openFile(
    identity: Identity,
    descriptor: number,
    options?: { readonly patient: boolean },
  ): { path: string; inode: number } | undefined;
  /** The folder that exactly this process is in; undefined as for `openFile`, and where it has been deleted. */
  folder(identity: Identity): string | undefined;
  /** What the kernel allows exactly this process; undefined when it is gone, or the system does not tell (macOS). */
  limits(identity: Identity): ProcessLimits | undefined;
  /** This program's own identity. */
  self(): Identity;
  /** The terminal that this program reads from or writes to, as `pts/3`; undefined when it is on none. */
  terminal(): string | undefined;
}

/** null: no limit, or it is not known. */
export interface ProcessLimits {
  readonly nice: number;
  readonly openFiles: Limit;
  /** Of all processes of its user together. */
  readonly processes: Limit;
  readonly coreSize: Limit;
  readonly addressSpace: Limit;
  /** Its group of cgroup v2; null where there is none. */
  readonly cgroup: {
    readonly path: string;
    readonly memoryMax: number | null;
    readonly memoryUsed: number | null;
    readonly processesMax: number | null;
  } | null;
}

export interface Limit {
  readonly soft: number | null;
  readonly hard: number | null;
  readonly used: number | null;
}

export interface Listener {
  readonly port: number;
  /** Local address as text: "0.0.0.0", "127.0.0.1", "::". */
  readonly address: string;
  /**
   * undefined when it belongs to another user's process that this one may not look into.
   * A socket that several processes share (a server and its forked workers) gives one entry for each.
   */
  readonly pid: number | undefined;
}

export interface Ports {
  /** TCP sockets in state LISTEN (never clients) on this port, IPv4 and IPv6. */
  listenersOn(port: number): Listener[];
  /** All TCP sockets in state LISTEN, sorted by port. */
  listeners(): Listener[];
  /** Is some socket listening on the port? Without a search for owners; some milliseconds. */
  isListening(port: number): boolean;
  /** Does any of these processes listen on the port? Made for polling: next to nothing as long as none has a socket. */
  isListenedBy(pids: readonly number[], port: number): boolean;
  /** The ports that any of these processes listens on. Cheap when few pids are given. */
  portsOf(pids: readonly number[]): number[];
  /** Is this connection to the port, whose other end is at `from`, one that nobody has accepted yet? macOS does not tell: false. */
  isWaiting(port: number, from: number): boolean;
  /** Unix sockets with a path in the file system on which somebody listens, sorted by path. macOS: also their connections. */
  unixListeners(): UnixListener[];
}

/** A socket that is shared gives one entry for each process, as with ports. */
export interface UnixListener {
  readonly path: string;
  readonly pid: number | undefined;
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
  stat(path: string): { size: number; inode: number; modifiedMs: number; mode: number } | undefined;
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
   * @param options.timeoutMs default 30 000.
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
  /** Writes to a TCP connection. "words": anything came back, or it was closed; undefined: it did not come about. Never rejects. */
  ask(
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
