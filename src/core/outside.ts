import type { Captured, FileKind } from "../platform/platform.ts";
import { isErrno, TsmError } from "./errors.ts";
import { quoteLine } from "./quote.ts";
import type { World } from "./world.ts";

/** What integrations ask of the machine: other people's folders and programs. */
export interface Outside {
  readonly isRoot: boolean;
  readonly hasIpv6: boolean;
  /** Where a program on this machine reaches what listens on the port: an address. */
  addressOf(port: number): string;
  kind(path: string): FileKind;
  /** undefined when missing. */
  read(path: string): string | undefined;
  list(folder: string): string[];
  /** What a symbolic link says; undefined when there is none. */
  linkTarget(path: string): string | undefined;
  /** Ends with the program, or after so long. undefined when there is no such program. */
  run(words: readonly string[], signal: AbortSignal): Promise<Captured | undefined>;
  /** Is sudo needed to make these changes? */
  needsRoot(changes: readonly Change[]): boolean;
  /** @returns what takes them back, in the order for that */
  apply(changes: readonly Change[], signal: AbortSignal): Promise<Change[]>;
  /** A folder of its own, with files in it, for as long as it is used. */
  scratch<T>(files: Made, use: (folder: string) => Promise<T>): Promise<T>;
  /** Absolute, from the folder the caller is in. */
  absolute(path: string): string;
}

/** The texts of files by their names, told the folder that they will be in. */
type Made = (folder: string) => Readonly<Record<string, string>>;

/** One change to a file of another program. */
export type Change =
  | { readonly does: "write"; readonly path: string; readonly text: string }
  | { readonly does: "link"; readonly path: string; readonly target: string }
  | { readonly does: "remove"; readonly path: string };

export function createOutside(world: World): Outside {
  const { files, accounts, ports, spawner } = world.platform;
  const run = async (words: readonly string[], signal: AbortSignal): Promise<Captured | undefined> => {
    const [file = "", ...args] = words;
    // Where servers are installed is not in everybody's PATH.
    const env = { ...world.env, PATH: `${world.env["PATH"] ?? "/usr/bin:/bin"}:/usr/sbin:/usr/local/sbin:/sbin` };
    try {
      return await spawner.capture({ file, args, env, cwd: "/" }, patienceMs, signal);
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
  };
  async function scratch<T>(made: Made, use: (folder: string) => Promise<T>): Promise<T> {
    const folder = `${world.home.root}/runtime/scratch-${world.platform.processes.self().pid}`;
    files.makeFolder(folder);
    try {
      for (const [name, text] of Object.entries(made(folder))) files.writeWhole(`${folder}/${name}`, text);
      return await use(folder);
    } finally {
      files.removeFolder(folder);
    }
  }
  /** Where sudo would ask for a password, nobody can answer here: it is told instead. */
  const asRoot = async (words: readonly string[], signal: AbortSignal) => {
    const ended = await run(["sudo", "-n", ...words], signal);
    if (ended?.code === 0) return;
    const why = ended === undefined ? "there is no sudo here" : ended.stderr.trim();
    throw new TsmError("NOT_PERMITTED", `sudo ${quoteLine(words)} failed: ${why}`, {
      hint: "It takes root: run it as root, or sudo -v first and then again",
    });
  };
  const needsRoot = (changes: readonly Change[]) =>
    !accounts.isRoot() && changes.some(({ path }) => !files.isWritable(path.slice(0, path.lastIndexOf("/")) || "/"));
  const back = (path: string): Change => {
    const target = files.linkTarget(path);
    if (target !== undefined) return { does: "link", path, target };
    const text = files.readText(path);
    return text === undefined ? { does: "remove", path } : { does: "write", path, text };
  };
  const applyOne = (change: Change) => {
    if (change.does === "write") files.writeWhole(change.path, change.text, { mode: 0o644, durable: true });
    else {
      files.remove(change.path);
      if (change.does === "link") files.link(change.target, change.path);
    }
  };
  const applyAsRoot = async (change: Change, signal: AbortSignal) => {
    if (change.does === "write")
      await scratch(
        () => ({ text: change.text }),
        (folder) => asRoot(["install", "-m", "644", `${folder}/text`, change.path], signal),
      );
    else if (change.does === "link") await asRoot(["ln", "-sfn", change.target, change.path], signal);
    else await asRoot(["rm", "-f", change.path], signal);
  };

  return {
    isRoot: accounts.isRoot(),
    hasIpv6: world.platform.name === "darwin" || files.kind("/proc/net/if_inet6") === "file",
    addressOf: (port) => addressAmong(ports.listenersOn(port).map(({ address }) => address)),
    kind: (path) => files.kind(path),
    read: (path) => files.readText(path),
    list: (folder) => files.list(folder),
    linkTarget: (path) => files.linkTarget(path),
    run,
    needsRoot,
    async apply(changes, signal) {
      const sudo = needsRoot(changes);
      const undo: Change[] = [];
      for (const change of changes) {
        undo.unshift(back(change.path));
        if (sudo) await applyAsRoot(change, signal);
        else applyOne(change);
      }
      return undo;
    },
    scratch,
    absolute: (path) => (path.startsWith("/") ? path : `${world.cwd}/${path}`),
  };
}

const patienceMs = 30_000;

/** The loopback address that reaches one of these; without any, where a service will most likely listen. */
export function addressAmong(addresses: readonly string[]): string {
  const all = ["0.0.0.0", "::", "127.0.0.1"];
  if (addresses.length === 0 || addresses.some((address) => all.includes(address))) return "127.0.0.1";
  return addresses[0] ?? "127.0.0.1";
}
