import { dirname } from "node:path";
import { isErrno, TsmError } from "./errors.ts";
import { isName, withoutPort } from "./names.ts";
import { validPort } from "./port-choice.ts";
import type { ProcessRecord } from "./process.ts";
import { lockIds, lockPortsFile } from "./process-lock.ts";
import { readRecords } from "./records.ts";
import type { World } from "./world.ts";

/** A port that the registry promises to a name: by a person's line, not by a process's. */
export interface Promised {
  readonly name: string;
  readonly port: number;
}

/**
 * Writes the lines of the records that declare a port, `name:port`, into their block of the registry; every other line
 * stays as it is. Called under the ids lock.
 */
export async function writePortRegistry(world: World, records: readonly ProcessRecord[]): Promise<void> {
  await rewrite(world, records, (lines) => lines);
}

/** What people have declared: by `ports set`, or with an editor. */
export function promisedPorts(world: World): Promised[] {
  return linesOf(world).flatMap((line) => promiseIn(line) ?? []);
}

/** Lines of theirs that promise nothing and are no comment, in words. */
export function strangeLines(world: World): string[] {
  const path = world.home.ports;
  return textOf(world)
    .split("\n")
    .flatMap((line, index) =>
      /^\s*(?:#|$)/.test(line) || promiseIn(line) !== undefined
        ? []
        : [`${path}: line ${index + 1} is no NAME:PORT, and means nothing: ${line.slice(0, 100)}`],
    );
}

/** Changes people's lines. @param change is handed what they say now; what it returns stands there from now on. */
export async function changePromises(
  world: World,
  change: (promised: readonly Promised[]) => { readonly keep: (line: Promised) => boolean; readonly add: Promised[] },
  signal: AbortSignal,
): Promise<void> {
  const release = await lockIds(world, signal);
  try {
    await rewrite(world, readRecords(world).records, (lines) => {
      const { keep, add } = change(lines.flatMap((line) => promiseIn(line) ?? []));
      const kept = lines.filter((line) => {
        const promise = promiseIn(line);
        return promise === undefined || keep(promise);
      });
      return [...kept, ...add.map(({ name, port }) => `${name}:${port}`)];
    });
  } finally {
    release();
  }
}

/** People's lines that say nothing: neither name:port nor a comment. */
export function badPortLines(world: World): { readonly number: number; readonly text: string }[] {
  const lines = textOf(world).split("\n");
  const own = blockIn(lines, world);
  return lines
    .map((text, index) => ({ number: index + 1, text }))
    .filter(({ number, text }) => (number <= own.from || number > own.from + own.length) && isBad(text));
}

/** They stay, as comments. */
export async function commentOutBadLines(world: World, signal: AbortSignal): Promise<void> {
  const release = await lockIds(world, signal);
  try {
    await rewrite(world, readRecords(world).records, (lines) =>
      lines.map((line) => (isBad(line) ? `# ${line}` : line)),
    );
  } finally {
    release();
  }
}

function isBad(line: string): boolean {
  return line.trim() !== "" && !line.trimStart().startsWith("#") && promiseIn(line) === undefined;
}

/** `devpages:3000`; undefined for a comment, and for what is no such line. */
export function promiseIn(line: string): Promised | undefined {
  const [, name = "", digits = ""] = /^\s*([^#:\s][^:]*?)\s*:\s*(\d{1,5})\s*(?:#.*)?$/.exec(line) ?? [];
  const port = validPort(digits);
  return port === undefined || !isName(name) ? undefined : { name, port };
}

/** Another home may have its processes in the same file: each keeps its own block. */
function blockOf({ home }: World): { readonly begin: string; readonly end: string } {
  return { begin: `# processes of ${home.root}, kept by tsm`, end: "# end of processes" };
}

/** Those that are not ours to write. */
function linesOf(world: World): string[] {
  const lines = textOf(world).split("\n");
  if (lines.at(-1) === "") lines.pop();
  const { from, length } = blockIn(lines, world);
  return [...lines.slice(0, from), ...lines.slice(from + length)];
}

/** Where our block stands; a length of 0: nowhere. */
function blockIn(lines: readonly string[], world: World): { readonly from: number; readonly length: number } {
  const { begin, end } = blockOf(world);
  const from = lines.indexOf(begin);
  if (from === -1) return { from: lines.length, length: 0 };
  const length = lines.slice(from).indexOf(end);
  // Without its end somebody has edited it: what stands there is theirs now.
  return { from, length: length === -1 ? 1 : length + 1 };
}

async function rewrite(
  world: World,
  records: readonly ProcessRecord[],
  change: (lines: string[]) => readonly string[],
): Promise<void> {
  const { files } = world.platform;
  // What a person has linked to stays where it is, and open to whom it was.
  const path = files.realPath(world.home.ports) ?? world.home.ports;
  files.makeFolder(dirname(path));
  // Only where it is not in the home does anybody else write it.
  const release = world.home.ports.startsWith(`${world.home.root}/`) ? undefined : await lockPortsFile(world);
  try {
    const changed = change(linesOf(world));
    const { begin, end } = blockOf(world);
    const own = records
      .filter((record) => record.port !== "none")
      .sort((a, b) => a.tsm_id - b.tsm_id)
      .map((record) => `${withoutPort(record.name, record.port)}:${record.port}`);
    const lines = [...(own.length === 0 ? [] : [begin, ...own, end]), ...changed];
    const text = lines.map((line) => `${line}\n`).join("");
    // Of many that are started at once few have a port.
    if (files.readText(path) === text) return;
    const mode = files.stat(path)?.mode;
    files.writeWhole(path, text, mode === undefined ? {} : { mode: mode & 0o777 });
  } finally {
    release?.();
  }
}

function textOf({ platform: { files }, home }: World): string {
  try {
    return files.readText(home.ports) ?? "";
  } catch (error) {
    if (!isErrno(error, "EISDIR", "EACCES", "EPERM")) throw error;
    throw new TsmError("HOME", `the registry of ports ${home.ports} cannot be read (${error.code})`, {
      hint: "It is a file of lines name:port; TSM_PORTS_FILE names another",
    });
  }
}
