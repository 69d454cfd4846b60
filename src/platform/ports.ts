/** Who listens on this machine. */
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

/** A socket that is shared gives one entry for each process, as with ports. */
export interface UnixListener {
  readonly path: string;
  readonly pid: number | undefined;
}
