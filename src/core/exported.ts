import { dirname, join, resolve } from "node:path";
import { controlCharacters } from "./control-characters.ts";
import { TsmError } from "./errors.ts";
import type { LaunchSpec } from "./launch.ts";
import { overlayOf } from "./launch-files.ts";
import { plainRequest } from "./plain-request.ts";
import type { Policy } from "./policy.ts";
import type { ProcessRecord } from "./process.ts";
import { serviceFileOf } from "./service-of.ts";
import { endsInTest, readService, readToStart } from "./service-read.ts";
import { serviceSpec } from "./service-start.ts";
import { placeOfFile, type ServicePlace, servicesNamed } from "./service-store.ts";
import { specOf } from "./spec-of.ts";
import type { World } from "./world.ts";

/** All that a service manager of another kind needs to run what we would run. */
export interface Exported {
  readonly name: string;
  readonly description: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Whole: with the env file's values and PORT in it. */
  readonly env: Readonly<Record<string, string>>;
  /** Sourced by bash before. */
  readonly preHook: ExportedHook | null;
  readonly policy: Policy;
  /** What is to be up before, by the names under which they would be exported. */
  readonly needs: readonly string[];
  /** Events of which its file of apps wants a command to hear. */
  readonly hooks: readonly string[];
  /** Whose it is. */
  readonly user: string;
  /** Where its files are to lie. */
  readonly folder: string;
}

export interface ExportedHook {
  readonly file: string;
  /** That it ends with 1 is no failure: its last line is `[ … ] && …`. */
  readonly endsInTest: boolean;
  /** TETRA_DIR for a hook in whose environment there is none. */
  readonly tetraFolder: string;
  /** The program to look for in PATH once it is done; "" for none. */
  readonly lookup: string;
}

/** Where they would lie who does not say. */
const usualFolder = "/etc/tsm";

export interface ExportedFile {
  readonly name: string;
  readonly text: string;
  readonly mode: number;
}

/**
 * A process as a restart would run it, or a service as its file says. Reads, and runs nothing.
 * @throws TsmError as a start would, and when it cannot be said in lines of text.
 */
export async function exported(
  world: World,
  shown: ProcessRecord | ServicePlace,
  output: string | undefined,
  signal: AbortSignal,
): Promise<Exported> {
  const folder = output === undefined ? usualFolder : resolve(world.cwd, output);
  if ("tsm_id" in shown) {
    const spec = specOf(world, shown, 0, 0);
    return exportedFrom(world, spec, shown, placeOf(world, shown.name), folder);
  }
  const startable = await readToStart(world, shown, true, signal);
  const spec = serviceSpec(world, startable, plainRequest(0));
  return exportedFrom(world, spec, { tsm_id: 0, name: spec.name }, shown, folder);
}

function exportedFrom(
  world: World,
  spec: LaunchSpec,
  record: Pick<ProcessRecord, "tsm_id" | "name">,
  place: ServicePlace | undefined,
  folder: string,
): Exported {
  for (const path of [spec.cwd, folder, spec.preHook.file]) refuseUnwritable(path);
  const overlay = Object.entries(overlayOf(world, spec, record)).filter(([key]) => !key.startsWith("TSM_"));
  return {
    name: exportName(place) ?? spec.name,
    description: place === undefined ? spec.name : readService(world, place).definition.description || place.ref,
    argv: spec.argv,
    cwd: spec.cwd,
    env: { ...ofNoTerminal(spec.env), ...Object.fromEntries(overlay) },
    preHook: hookOf(world, spec),
    policy: spec.policy,
    needs: place === undefined ? spec.dependsOn.map((each) => nameOfProcess(world, each)) : needsOf(world, place),
    hooks: Object.keys(spec.app?.hooks ?? {}),
    user: world.platform.accounts.ownName(),
    folder,
  };
}

function hookOf({ platform: { files }, home }: World, { preHook, lookup }: LaunchSpec): ExportedHook | null {
  const { file } = preHook;
  if (file === "") return null;
  return { file, endsInTest: endsInTest(files.readText(file) ?? "") !== "", tetraFolder: dirname(home.root), lookup };
}

const unwritable = new RegExp(`[${controlCharacters}]|^\\s|\\s$`);

/** Such a path would end its line and begin another. */
function refuseUnwritable(path: string): void {
  if (!unwritable.test(path)) return;
  throw new TsmError("BAD_DATA", `the path ${JSON.stringify(path)} cannot stand in a unit`, {
    hint: "A control character or a blank at its end: give the folder another name",
  });
}

/** @returns their paths. @throws TsmError NAME_TAKEN when a file is there that we have not written */
export function writeExported(
  { platform: { files } }: World,
  folder: string,
  wanted: readonly ExportedFile[],
  madeBy: string,
): string[] {
  const paths = wanted.map(({ name }) => join(folder, name));
  for (const path of paths) {
    const before = files.readText(path);
    if (before === undefined || before.startsWith(`# ${madeBy}`)) continue;
    throw new TsmError("NAME_TAKEN", `${path} was not written by tsm`, {
      hint: "Move it away, or name another folder",
    });
  }
  files.makeFolder(folder, { mode: 0o755 });
  for (const { name, text, mode } of wanted) files.writeWhole(join(folder, name), text, { mode, durable: true });
  return paths;
}

function nameOfProcess(world: World, name: string): string {
  return exportName(placeOf(world, name)) ?? name;
}

/** Of the service that a process was started as. */
function placeOf(world: World, name: string): ServicePlace | undefined {
  const file = serviceFileOf(world, name);
  return file === "" ? undefined : placeOfFile(world, file, file);
}

/** ORG-NAME: the same whether it runs or not, and whatever its port. */
function exportName(place: ServicePlace | undefined): string | undefined {
  return place === undefined || place.org === null ? undefined : `${place.org}-${place.name}`;
}

function needsOf(world: World, place: ServicePlace): string[] {
  return readService(world, place).definition.depends.flatMap((word) => {
    const own = place.org === null || word.includes("/") ? [] : servicesNamed(world, `${place.org}/${word}`);
    const [found] = own.length > 0 ? own : servicesNamed(world, word);
    return found === undefined ? [] : [exportName(found) ?? found.name];
  });
}

/** What belongs to a person's session, and to nothing that runs without one. */
const ofSessions =
  /^(?:TERM|TERM_PROGRAM.*|COLORTERM|COLUMNS|LINES|SHLVL|PWD|OLDPWD|_|LS_COLORS|DISPLAY|WAYLAND_DISPLAY|SSH_.*|TMUX.*|STY|XDG_SESSION_.*|XDG_VTNR|XDG_SEAT|DBUS_SESSION_BUS_ADDRESS|WINDOWID|PS1|PROMPT_COMMAND|HISTFILE|npm_.*)$/;

function ofNoTerminal(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ofSessions.test(name)));
}
