import { basename, dirname, join, resolve } from "node:path";
import { isErrno } from "./errors.ts";
import type { MigratedService } from "./migration.ts";
import type { MigrationBackup } from "./migration-backup.ts";
import { isName } from "./names.ts";
import { hasOwnOrgs, tetraFolder } from "./tetra-folder.ts";
import type { World } from "./world.ts";

/** What becomes of one file or link of the older layout. It goes into the backup in any case. */
export interface ServiceStep {
  readonly from: string;
  /** A definition that is to stand here, if nothing does. */
  readonly definition: { readonly file: string; readonly ref: string } | undefined;
  /** A link in `services-enabled` that is to lead to a definition. */
  readonly link: { readonly path: string; readonly file: string; readonly ref: string } | undefined;
  /** Why nothing comes of it. */
  readonly problem: string | undefined;
}

/**
 * Definitions beside the processes belong to the org `tetra`; links of the orgs, and those to such definitions, become links
 * of the one folder.
 */
export function planServices(world: World): ServiceStep[] {
  return new Plan(world).steps();
}

class Plan {
  readonly #world: World;
  readonly #orgs: string;
  readonly #old: string;
  /** Where each definition of the old folder will be, by its path there. */
  readonly #moved = new Map<string, string>();
  /** Those of the old folder that go nowhere. */
  readonly #refused = new Set<string>();

  constructor(world: World) {
    this.#world = world;
    this.#orgs = join(tetraFolder(world), "orgs");
    this.#old = join(world.home.root, "services-available");
  }

  steps(): ServiceStep[] {
    const definitions = this.#definitions();
    const refused = definitions.filter(({ problem }) => problem !== undefined);
    for (const { from } of refused) this.#refused.add(from);
    const moving = definitions.filter(({ problem }) => problem === undefined);
    // Those that are refused go last: a link to one, left behind by itself, would be taken for one to what moved.
    return [...moving, ...this.#ownLinks(), ...this.#orgLinks(), ...refused];
  }

  #definitions(): ServiceStep[] {
    const { files } = this.#world.platform;
    return this.#services(this.#old).map((entry) => {
      const from = join(this.#old, entry);
      const name = entry.slice(0, -".tsm".length);
      const file = join(this.#orgs, "tetra/tsm/services-available", entry);
      const nothing = { from, definition: undefined, link: undefined };
      if (!isName(name)) return { ...nothing, problem: "no service can have that name" };
      if (!this.#isFile(from)) return { ...nothing, problem: "it leads nowhere" };
      if (this.#isFile(file) && !this.#isSame(from, file)) {
        return { ...nothing, problem: `${file} is there already, and says something else` };
      }
      if (!this.#isFile(file) && files.linkTarget(file) !== undefined) {
        return { ...nothing, problem: `${file} is there already, and leads nowhere` };
      }
      this.#moved.set(from, file);
      return { from, definition: { file, ref: `tetra/${name}` }, link: undefined, problem: undefined };
    });
  }

  /** Links that lead to a definition which moves. */
  #ownLinks(): ServiceStep[] {
    const folder = this.#world.home.servicesEnabled;
    return this.#services(folder).flatMap((entry) => {
      const from = join(folder, entry);
      const file = this.#movedTo(from);
      return this.#toRefused(from) ?? (file === undefined ? [] : [this.#enabling(from, file)]);
    });
  }

  /** A link to a definition that is not brought over: what has its place by now is another one, which nobody has enabled. */
  #toRefused(from: string): ServiceStep | undefined {
    const target = this.#world.platform.files.linkTarget(from);
    const file = target === undefined ? undefined : resolve(dirname(from), target);
    if (file === undefined || !this.#refused.has(file)) return undefined;
    const problem = `it leads to ${file}, which was not brought over`;
    return { from, definition: undefined, link: undefined, problem };
  }

  #orgLinks(): ServiceStep[] {
    if (!hasOwnOrgs(this.#world)) return [];
    return this.#list(this.#orgs)
      .filter(isName)
      .flatMap((org) => {
        const folder = join(this.#orgs, org, "tsm/services-enabled");
        return this.#services(folder).map((entry) => this.#orgLink(org, join(folder, entry)));
      });
  }

  /** What it leads to; else the definition of that name in its org, as a link that was moved leads nowhere. */
  #orgLink(org: string, from: string): ServiceStep {
    const own = join(this.#orgs, org, "tsm/services-available", basename(from));
    const nothing = { from, definition: undefined, link: undefined };
    const target = this.#world.platform.files.linkTarget(from);
    if (target === undefined) {
      // Somebody has put the definition itself here.
      if (!this.#isFile(from)) return { ...nothing, problem: "it is not a file" };
      if (this.#isFile(own) && !this.#isSame(from, own)) return { ...nothing, problem: `${own} says something else` };
      const { link, problem } = this.#enabling(from, own);
      return { from, definition: { file: own, ref: refOf(own) }, link, problem };
    }
    const refused = this.#toRefused(from);
    if (refused !== undefined) return refused;
    const file = this.#movedTo(from) ?? (this.#isDefinition(from) ? resolve(dirname(from), target) : own);
    if ([...this.#moved.values()].includes(file) || this.#isFile(file)) return this.#enabling(from, file);
    return { ...nothing, problem: `it leads to ${target}, which is not a definition` };
  }

  #enabling(from: string, file: string): ServiceStep {
    const org = basename(dirname(dirname(dirname(file))));
    const inOrg = file === join(this.#orgs, org, "tsm/services-available", basename(file));
    const orgOfLink = basename(dirname(dirname(dirname(from))));
    const path = join(this.#world.home.servicesEnabled, `${inOrg ? org : orgOfLink}-${basename(file)}`);
    const stands = this.#world.platform.files.linkTarget(path);
    const isTaken =
      path !== from &&
      (stands === undefined
        ? this.#isFile(path)
        : resolve(dirname(path), stands) !== file && !this.#isSame(path, file));
    return isTaken
      ? { from, definition: undefined, link: undefined, problem: `${path} is there already, and leads elsewhere` }
      : { from, definition: undefined, link: { path, file, ref: inOrg ? refOf(file) : file }, problem: undefined };
  }

  /** Where the definition that a link leads to is now, or will be. */
  #movedTo(link: string): string | undefined {
    const target = this.#world.platform.files.linkTarget(link);
    if (target === undefined) return undefined;
    const file = resolve(dirname(link), target);
    if (dirname(file) !== this.#old) return undefined;
    const moved = this.#moved.get(file) ?? join(this.#orgs, "tetra/tsm/services-available", basename(file));
    return this.#moved.has(file) || (!this.#isFile(file) && this.#isFile(moved)) ? moved : undefined;
  }

  /** Does it lead to a file that may be a service? */
  #isDefinition(link: string): boolean {
    const real = this.#isFile(link) ? this.#world.platform.files.realPath(link) : undefined;
    return real?.endsWith(".tsm") === true;
  }

  #services(folder: string): string[] {
    if (this.#world.platform.files.linkTarget(folder) !== undefined) return [];
    return this.#list(folder)
      .filter((entry) => entry.endsWith(".tsm") && !entry.startsWith("."))
      .sort();
  }

  #list(folder: string): string[] {
    try {
      const { files } = this.#world.platform;
      return files.kind(folder) === "directory" ? files.list(folder) : [];
    } catch (error) {
      if (isUnreachable(error)) return [];
      throw error;
    }
  }

  #isFile(path: string): boolean {
    try {
      return this.#world.platform.files.kind(path) === "file";
    } catch (error) {
      if (isUnreachable(error)) return false;
      throw error;
    }
  }

  #isSame(a: string, b: string): boolean {
    const { files } = this.#world.platform;
    try {
      const real = files.realPath(a);
      if (real !== undefined && real === files.realPath(b)) return true;
      const bytes = files.readBytes(a);
      return bytes !== undefined && files.readBytes(b)?.equals(bytes) === true;
    } catch (error) {
      if (isUnreachable(error)) return false;
      throw error;
    }
  }
}

function isUnreachable(error: unknown): boolean {
  return isErrno(error, "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG", "EIO", "EISDIR");
}

function refOf(file: string): string {
  return `${basename(dirname(dirname(dirname(file))))}/${basename(file, ".tsm")}`;
}

/** Makes what is to be there, overwrites nothing, and takes the old one away last. */
export function applyService(world: World, { from, definition, link }: ServiceStep, backup: MigrationBackup): void {
  const { files } = world.platform;
  if (definition !== undefined && files.kind(definition.file) === "missing") {
    files.makeFolder(dirname(definition.file));
    const target = files.linkTarget(from);
    if (target !== undefined) files.link(resolve(dirname(from), target), definition.file);
    else files.writeWhole(definition.file, files.readBytes(from) ?? "", { mode: files.stat(from)?.mode ?? 0o600 });
  }
  if (link !== undefined && link.path !== from && files.linkTarget(link.path) === undefined) {
    files.makeFolder(dirname(link.path));
    files.link(link.file, link.path);
  }
  backup.take(from);
  // It had the right name already, and leads to the old place.
  if (link !== undefined && link.path === from) files.link(link.file, link.path);
}

/** What there is to tell of it. */
export function toldOf({ from, definition, link }: ServiceStep): MigratedService[] {
  return [
    ...(definition === undefined ? [] : [{ what: "moved", ref: definition.ref, from, to: definition.file } as const]),
    ...(link === undefined ? [] : [{ what: "enabled", ref: link.ref, from, to: link.path } as const]),
  ];
}
