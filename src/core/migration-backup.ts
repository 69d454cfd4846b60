import { dirname } from "node:path";
import type { Files } from "../platform/platform.ts";
import { isErrno } from "./errors.ts";
import type { Home } from "./home.ts";
import type { Migration } from "./migration.ts";
import { underWayFolder } from "./old-layout.ts";
import type { World } from "./world.ts";

/** Where a migration puts what it takes away. It has its last name when all is done: until then, the next one goes on with it. */
export class MigrationBackup {
  readonly #files: Files;
  readonly #home: Home;
  readonly folder: string;

  constructor({ platform: { files }, home }: Pick<World, "platform" | "home">) {
    this.#files = files;
    this.#home = home;
    this.folder = `${home.root}/${underWayFolder}`;
  }

  /** Names of processes whose records an earlier, interrupted run may have written. */
  begun(): ReadonlySet<string> {
    return new Set((this.#files.readText(`${this.folder}/names`) ?? "").split("\n"));
  }

  /** To be called before the record is written. */
  begin(name: string): void {
    this.#files.makeFolder(this.folder);
    this.#files.appendLine(`${this.folder}/names`, name);
  }

  /** Out of its place and into the backup, under the path that it had. Links are moved as links. */
  take(path: string): void {
    const to = this.#free(this.#placeOf(path));
    this.#files.makeFolder(dirname(to));
    try {
      this.#files.rename(path, to);
    } catch (error) {
      if (isErrno(error, "ENOENT")) return; // gone meanwhile
      if (!isErrno(error, "EXDEV")) throw error;
      const target = this.#files.linkTarget(path);
      if (target === undefined) this.#files.writeWhole(to, this.#files.readBytes(path) ?? "");
      else this.#files.link(target, to);
      this.#files.remove(path);
    }
  }

  /** A copy; the file stays. One that is there from an interrupted run is as old as it can be, and is kept. */
  copy(path: string): void {
    const to = this.#placeOf(path);
    const bytes = this.#files.readBytes(path);
    if (bytes === undefined || this.#files.kind(to) !== "missing") return;
    this.#files.makeFolder(dirname(to));
    this.#files.writeWhole(to, bytes);
  }

  /** Gives it its last name, beside what else is in the home. What was done is kept with it. */
  finish(day: string, told: Migration): Migration {
    this.#files.makeFolder(this.folder);
    for (let number = 1; ; number += 1) {
      const last = `${this.#home.root}/migrated-${day}${number === 1 ? "" : `-${number}`}`;
      if (this.#files.kind(last) !== "missing") continue;
      const done = { ...told, backup: last };
      this.#files.writeWhole(`${this.folder}/report.json`, `${JSON.stringify(done, null, 2)}\n`);
      this.#files.rename(this.folder, last);
      return done;
    }
  }

  #placeOf(path: string): string {
    const { root } = this.#home;
    if (path.startsWith(`${root}/`)) return `${this.folder}/${path.slice(root.length + 1)}`;
    // Of the folder that the home lies in: orgs. Anything else keeps all of its path.
    const beside = dirname(root);
    return path.startsWith(`${beside}/`)
      ? `${this.folder}/beside/${path.slice(beside.length + 1)}`
      : `${this.folder}/elsewhere${path}`;
  }

  #free(path: string): string {
    for (let number = 1; ; number += 1) {
      const free = number === 1 ? path : `${path}~${number}`;
      if (this.#files.kind(free) === "missing" && this.#files.linkTarget(free) === undefined) return free;
    }
  }
}

/** Goes when nothing is left in it. */
export function removeIfEmpty(files: Files, folder: string): void {
  // A link to a folder is not a folder of ours.
  if (files.linkTarget(folder) !== undefined || files.kind(folder) !== "directory") return;
  if (files.list(folder).length === 0) files.removeFolder(folder);
}
