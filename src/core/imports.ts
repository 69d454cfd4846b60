import { basename, dirname, join, resolve } from "node:path";
import { parseEnvFile } from "./env-file.ts";
import { isErrno, TsmError } from "./errors.ts";
import type { ImportedApp, ImportSource, Remark } from "./imported-app.ts";
import { startable } from "./imported-check.ts";
import { type ImportedService, servicesFrom, writeServices } from "./imported-services.ts";
import type { World } from "./world.ts";

/** What `import` asks of the machine: files to read, and one place to write. */
export interface Imports {
  /** Where the caller stands. */
  readonly folder: string;
  /** @throws TsmError when there is no file that could be read as text. */
  read(path: string, options: Pick<ImportSource, "keepEnv" | "only">): ImportSource;
  /** The folder's own files of these names. */
  among(folder: string, names: readonly string[]): string[];
  isFolder(path: string): boolean;
  /** Where pm2 keeps what it saved. @throws TsmError when there is nothing. */
  pm2Dump(): string;
  /** The names of what a live pm2 runs; undefined when none lives. */
  pm2Runs(): readonly string[] | undefined;
  /** Where an ecosystem file is to be written. @throws TsmError when that is no place for one. */
  place(path: string): string;
  /** @throws TsmError NAME_TAKEN when there is another one and it is not to be replaced. */
  write(file: string, text: string, force: boolean): void;
  /** The apps as they can be started, and what of them could not. */
  startable(apps: readonly ImportedApp[]): { apps: readonly ImportedApp[]; remarks: Remark[] };
  services(org: string, apps: readonly ImportedApp[]): { services: readonly ImportedService[]; remarks: Remark[] };
  /** All of them, or none. */
  writeServices(services: readonly ImportedService[], force: boolean): void;
}

export function createImports(world: World): Imports {
  const { files } = world.platform;
  return {
    folder: world.cwd,
    read: (path, options) => sourceOf(world, resolve(world.cwd, path), path, options),
    among: (folder, names) =>
      names.map((name) => join(resolve(world.cwd, folder), name)).filter((file) => kindOf(world, file) === "file"),
    isFolder: (path) => kindOf(world, resolve(world.cwd, path)) === "directory",
    pm2Dump: () => pm2Dump(world),
    pm2Runs: () => pm2Runs(world),
    place: (path) => placeOf(world, path),
    write(file, text, force) {
      const before = files.readBytes(file);
      if (before !== undefined && before.toString("utf8") === text) return;
      if (before !== undefined && !force) {
        throw new TsmError("NAME_TAKEN", `${file} is there already`, {
          hint: "--force replaces it, --output FILE writes another one, --print shows what would be written",
        });
      }
      // 0600: an environment may hold secrets.
      files.writeWhole(file, text, { durable: true });
    },
    startable: (apps) => startable(world, apps),
    services: (org, apps) => servicesFrom(world, org, apps),
    writeServices: (services, force) => writeServices(world, services, force),
  };
}

/** Longer ones nobody writes, and nobody would wait for. */
const mostBytes = 16 * 1024 * 1024;

function sourceOf(
  world: World,
  file: string,
  shown: string,
  options: Pick<ImportSource, "keepEnv" | "only">,
): ImportSource {
  const folder = dirname(file);
  const missing = { missing: "there is no", directory: "is a folder, not a", other: "is no", file: "" }[
    kindOf(world, file)
  ];
  if (missing !== "") {
    const what = missing === "there is no" ? `there is no file '${shown}'` : `'${shown}' ${missing} file`;
    throw new TsmError("NO_FILE", what, { hint: "Name a file, as in: tsm import Procfile" });
  }
  return {
    file,
    folder,
    text: textOf(world, file),
    env: world.env,
    hostName: world.platform.hostName(),
    ...options,
    has: (path) => kindOf(world, resolve(folder, path)) !== "missing",
    variables(path) {
      const near = resolve(folder, path);
      if (kindOf(world, near) !== "file") return undefined;
      return parseEnvFile(bytesOf(world, near), near, world.env);
    },
    matching(pattern) {
      const inside = dirname(pattern);
      const parts = basename(pattern)
        .replace(/\*+/g, "*")
        .split("*")
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      const shape = new RegExp(`^${parts.join(".*")}$`, "s");
      // More stars than anybody writes, and each makes the search longer.
      const names = kindOf(world, inside) === "directory" && parts.length < 5 ? world.platform.files.list(inside) : [];
      return names
        .filter((name) => shape.test(name) && !name.startsWith(".") && kindOf(world, join(inside, name)) === "file")
        .sort()
        .map((name) => ({ file: join(inside, name), text: textOf(world, join(inside, name)) }));
    },
  };
}

function textOf(world: World, file: string): string {
  const bytes = bytesOf(world, file);
  const bad = (what: string) => new TsmError("BAD_DATA", `${file} ${what}`, { hint: "Nothing was written" });
  if (bytes.includes(0)) throw bad("is not text: it holds a NUL character");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll("\r\n", "\n");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw bad("is not UTF-8");
  }
}

function bytesOf({ platform: { files } }: World, file: string): Uint8Array {
  const bytes = files.readRange(file, 0, mostBytes + 1) ?? new Uint8Array();
  if (bytes.length <= mostBytes) return bytes;
  throw new TsmError("BAD_DATA", `${file} is longer than ${mostBytes / 1024 / 1024} megabytes`, {
    hint: "Nothing was written",
  });
}

/** Where nobody may look there is nothing. */
function kindOf({ platform: { files } }: World, path: string) {
  try {
    return files.kind(path);
  } catch (error) {
    if (isErrno(error, "EACCES", "ELOOP", "ENAMETOOLONG")) return "missing";
    throw error;
  }
}

function placeOf(world: World, path: string): string {
  const { files } = world.platform;
  const wanted = resolve(world.cwd, path);
  const kind = kindOf(world, wanted);
  if (kind === "directory" || kind === "other")
    throw new TsmError("USAGE", `'${path}' is ${kind === "directory" ? "a folder" : "not a file"}`, {
      hint: "--output names a file, as ecosystem.config.cjs",
    });
  if (kindOf(world, dirname(wanted)) !== "directory")
    throw new TsmError("NO_FILE", `there is no folder '${dirname(wanted)}'`, { hint: `mkdir -p ${dirname(wanted)}` });
  // Through a link, as an editor would write.
  return files.realPath(wanted) ?? wanted;
}

/** `PM2_HOME`, else `~/.pm2`. */
function pm2Home({ env }: World): string {
  return env["PM2_HOME"] || join(env["HOME"] ?? "/", ".pm2");
}

function pm2Dump(world: World): string {
  const file = join(pm2Home(world), "dump.pm2");
  if (kindOf(world, file) === "file") return file;
  const spare = `${file}.bak`;
  const hint =
    kindOf(world, spare) === "file" ? `There is an older one: tsm import pm2 ${spare}` : "pm2 save writes it";
  throw new TsmError("NO_FILE", `there is no ${file}`, { hint });
}

function pm2Runs(world: World): readonly string[] | undefined {
  const home = pm2Home(world);
  const alive = (file: string) => {
    if (kindOf(world, file) !== "file") return undefined;
    const [, digits] =
      /^(\d{1,10})\s*$/.exec(world.platform.files.readRange(file, 0, 20)?.toString("latin1") ?? "") ?? [];
    return digits === undefined ? undefined : world.platform.processes.identify(Number(digits));
  };
  const daemon = alive(join(home, "pm2.pid"));
  const isPm2 = daemon !== undefined && /pm2/i.test(world.platform.processes.commandLine(daemon.pid)?.join(" ") ?? "");
  if (!isPm2) return undefined;
  const folder = join(home, "pids");
  const running = world.platform.files
    .list(folder)
    .filter((name) => name.endsWith(".pid") && alive(join(folder, name)) !== undefined)
    .map((name) => name.replace(/-\d+\.pid$/, ""));
  return [...new Set(running)].sort();
}
