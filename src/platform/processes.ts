import type { Identity } from "./platform.ts";

/** What is asked of processes, and done to them. */
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
  /**
   * The folder that exactly this process is in; undefined as for `openFile`, and where it has been deleted.
   * @param options.deleted also then, with ` (deleted)` behind it (Linux).
   */
  folder(identity: Identity, options?: { readonly deleted: boolean }): string | undefined;
  /** What the kernel allows exactly this process; undefined when it is gone, or the system does not tell (macOS). */
  limits(identity: Identity): ProcessLimits | undefined;
  /** This program's own identity. */
  self(): Identity;
  /** The terminal that this program reads from or writes to, as `pts/3`; undefined when it is on none. */
  terminal(): string | undefined;
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
    /** Where its files are; null where that is not to be seen. */
    readonly folder: string | null;
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
