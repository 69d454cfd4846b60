/** Whom the kernel has killed for want of memory. */
export interface MemoryKills {
  /** Since the machine was started; undefined where the system does not tell. */
  readonly total: number | undefined;
  /** Those that the kernel's log names. */
  readonly named: readonly MemoryKill[];
  /** Are its pids those that we see? In a container they are others. */
  readonly isOurs: boolean;
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
