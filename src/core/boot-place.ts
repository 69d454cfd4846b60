import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { isErrno, TsmError } from "./errors.ts";
import { homeAt } from "./home.ts";
import type { World } from "./world.ts";

/** What starts TSM when the machine does. */
export const bootKinds = ["systemd", "launchd", "cron"] as const;
export type BootKind = (typeof bootKinds)[number];

/** All that a unit says of this machine and this user. */
export interface BootPlace {
  readonly user: string;
  /** Is it whoever asks? */
  readonly isOwn: boolean;
  /** Is it the machine's, and not only this user's? */
  readonly system: boolean;
  readonly userFolder: string;
  /** Of the user's units: `~/.config`. */
  readonly configFolder: string;
  readonly home: string;
  readonly node: string;
  /** Why this node, where that is not plain; "" where it is. */
  readonly nodeNote: string;
  readonly tsm: string;
  /** What services may ask for: PATH, TSM_HOME, TETRA_DIR, TETRA_SRC. */
  readonly env: Readonly<Record<string, string>>;
  readonly bootLog: string;
  /** Below which all is written; "": the machine's own. */
  readonly root: string;
  /** Of a systemd unit, without its ending; "": what it is usually called. */
  readonly unitName: string;
}

export interface BootRequest {
  /** Whose processes; undefined: one's own. */
  readonly user: string | undefined;
  readonly root: string | undefined;
  /** The user's own folder, where it is not what the system says. */
  readonly hp?: string | undefined;
  readonly serviceName?: string | undefined;
}

/** @throws TsmError when there is no such user */
export async function bootPlace(world: World, request: BootRequest, signal: AbortSignal): Promise<BootPlace> {
  const { platform, env, programs } = world;
  const own = platform.accounts.ownName();
  const user = request.user ?? own;
  const isOwn = user === own;
  const known = isOwn ? (env["HOME"] ?? platform.accounts.homeFolder(user)) : platform.accounts.homeFolder(user);
  if (known === undefined) throw new TsmError("USAGE", `there is no user '${user}'`, { hint: "id NAME shows a user" });
  const folder = request.hp === undefined ? known : resolve(world.cwd, request.hp);
  const isSaid = Boolean(env["TSM_HOME"] || env["TETRA_DIR"]);
  const home = isSaid || (isOwn && request.hp === undefined) ? world.home.root : join(folder, "tetra/tsm");
  const { node, note } = await stableNode(world, signal);
  const notes = [note, ...(inVersion(programs.tsm) ? [tsmNote(programs.tsm)] : [])];
  const path = [...(env["PATH"] ?? "").split(":"), dirname(node)].filter(isAbsolute);
  const kept = ["TETRA_DIR", "TETRA_SRC"].flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  return {
    user,
    isOwn,
    system: platform.accounts.isRoot() || !isOwn || request.root !== undefined,
    userFolder: folder,
    configFolder:
      isOwn && request.hp === undefined && isAbsolute(env["XDG_CONFIG_HOME"] ?? "")
        ? (env["XDG_CONFIG_HOME"] ?? "")
        : join(folder, ".config"),
    home,
    node,
    nodeNote: notes.filter((each) => each !== "").join("; "),
    tsm: programs.tsm,
    env: { PATH: [...new Set(path)].join(":"), TSM_HOME: home, ...Object.fromEntries(kept) },
    bootLog: homeAt(home).bootLog,
    root: request.root === undefined ? "" : resolve(world.cwd, request.root),
    unitName: request.serviceName ?? "",
  };
}

function tsmNote(tsm: string): string {
  return `tsm itself lies with one version of node (${tsm}): when that goes, install tsm and run startup again`;
}

/** What an upgrade leaves in its place: a link to this node, or the machine's own; else this one, which is said. */
async function stableNode(world: World, signal: AbortSignal): Promise<{ node: string; note: string }> {
  const { files } = world.platform;
  const { node } = world.programs;
  if (!inVersion(node)) return { node, note: "" };
  const folders = [...(world.env["PATH"] ?? "").split(":"), ...usualFolders].filter(isAbsolute);
  const others = [...new Set(folders.map((folder) => join(folder, basename(node))))].filter(
    (path) => path !== node && !inVersion(path) && realPath(world, path) !== undefined,
  );
  const link = others.find((path) => realPath(world, path) === (files.realPath(node) ?? node));
  if (link !== undefined) return { node: link, note: "" };
  for (const path of others) {
    const version = await versionOf(world, path, signal);
    if (version !== undefined && isNewEnough(version))
      return { node: path, note: `${path} (${version}) and not ${node}, which goes with its version of node` };
  }
  const manager = /\/\.?(nvm|fnm|volta|asdf|nodenv|mise|n)\//.exec(node)?.[1];
  const whose = manager === undefined ? "lies in a folder of one version" : `is ${manager}'s`;
  return { node, note: `${node} ${whose}: when that version goes, run startup again; startup --check tells` };
}

const usualFolders = ["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"];

/** Does a folder of its path belong to one version? */
function inVersion(path: string): boolean {
  return /\/v?\d+\.\d+(?:\.\d+)*\//.test(path);
}

/** The least that TSM itself asks for. */
function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.replace("v", "").split(".").map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

async function versionOf(world: World, node: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const request = { file: node, args: ["--version"], env: world.env, cwd: "/" };
    const { code, stdout } = await world.platform.spawner.capture(request, 5000, signal);
    return code === 0 ? /^v\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "ENOEXEC")) return undefined;
    throw error;
  }
}

function realPath({ platform: { files } }: World, path: string): string | undefined {
  try {
    return files.isExecutable(path) ? files.realPath(path) : undefined;
  } catch (error) {
    if (isErrno(error, "EACCES", "ELOOP")) return undefined;
    throw error;
  }
}
