import { basename } from "node:path";
import { isErrno } from "./errors.ts";
import { isName } from "./names.ts";
import { mostBytes, type OldFacts, parseOldRecord } from "./old-facts.ts";
import { isDbRecord, isFlatRecord } from "./old-layout.ts";
import type { World } from "./world.ts";

/** A process that an older TSM has left on record, in one place or in several. */
export interface OldProcess {
  readonly name: string;
  /** What each record says, the newest layout first. */
  readonly said: readonly OldFacts[];
  /** What its pid files say. */
  readonly pids: readonly number[];
  /** A folder with an old `meta.json`: it becomes one of ours where it is. */
  readonly inPlace: boolean;
  /** What goes into the backup once its new record is written. */
  readonly sources: readonly string[];
}

/** What could not be taken for what its name says. */
export interface Strange {
  readonly path: string;
  readonly why: string;
}

export interface OldFiles {
  readonly processes: readonly OldProcess[];
  /** They go into the backup, and it is said why. */
  readonly strange: readonly Strange[];
  /** The rest that is of no more use: pid files, links, counters. */
  readonly leftovers: readonly string[];
  /** The highest number that a `next_id` holds. */
  readonly nextId: number | undefined;
}

/** All that older versions have left of their processes. Reads, follows no link, and runs nothing. */
export function findOldFiles(world: World): OldFiles {
  return new Search(world).all();
}

class Search {
  readonly #world: World;
  readonly #root: string;
  readonly #found = new Map<string, { said: OldFacts[]; pids: number[]; inPlace: boolean; sources: string[] }>();
  readonly #strange: Strange[] = [];
  readonly #leftovers: string[] = [];
  #nextId: number | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#root = world.home.root;
  }

  all(): OldFiles {
    this.#inPlace();
    this.#flat(`${this.#root}/runtime/processes`);
    this.#db();
    this.#flat(`${this.#root}/processes`);
    for (const folder of ["pids", "runtime/pids"]) this.#pids(`${this.#root}/${folder}`);
    for (const path of ["next_id", "runtime/next_id"]) this.#counter(`${this.#root}/${path}`);
    const ports = `${this.#root}/runtime/ports`;
    if (this.#kind(ports) === "directory" && !this.#isLink(ports)) this.#leftovers.push(ports);
    return {
      processes: [...this.#found].map(([name, found]) => ({ name, ...found })),
      strange: this.#strange,
      leftovers: this.#leftovers,
      nextId: this.#nextId,
    };
  }

  /** Folders as ours, whose record is of the older kind: without the kernel's start mark. */
  #inPlace(): void {
    for (const name of this.#list(this.#world.home.processes).sort()) {
      const folder = `${this.#world.home.processes}/${name}`;
      const meta = `${folder}/meta.json`;
      if (!isName(name) || this.#isLink(folder) || this.#isLink(meta) || this.#kind(meta) !== "file") continue;
      const text = this.#text(meta);
      const facts = text === undefined || text.includes('"start_mark"') ? undefined : parseOldRecord(text);
      if (facts === undefined) continue;
      const found = this.#of(name);
      found.said.push(facts);
      found.inPlace = true;
      this.#pid(name, `${folder}/${name}.pid`);
    }
  }

  /** NAME.json, NAME.meta, and the environment that lay beside them. */
  #flat(folder: string): void {
    if (this.#isTakenAsLink(folder)) return;
    const names = this.#list(folder).filter(isFlatRecord).sort();
    for (const entry of names) {
      const path = `${folder}/${entry}`;
      const kind = this.#kind(path);
      if (this.#isLink(path)) this.#strange.push({ path, why: "it is a link" });
      else if (kind !== "file") continue;
      else if (entry.endsWith(".env")) this.#leftovers.push(path);
      else this.#record(path, entry.replace(/\.(?:meta|json)$/, ""));
    }
  }

  /** Each is named by a number; whose it is stands in it, or a link in `active` says so. */
  #db(): void {
    const names = new Map<string, string>();
    for (const folder of [`${this.#root}/active`, `${this.#root}/runtime/active`]) {
      if (this.#isTakenAsLink(folder)) continue;
      for (const entry of this.#list(folder)) {
        const target = this.#world.platform.files.linkTarget(`${folder}/${entry}`);
        if (target === undefined) continue;
        names.set(basename(target), entry.replace(/(?:\.tsm)?\.meta$/, ""));
        this.#leftovers.push(`${folder}/${entry}`);
      }
    }
    const folder = `${this.#root}/db`;
    if (this.#isLink(folder)) return;
    for (const entry of this.#list(folder).filter(isDbRecord).sort().reverse()) {
      const path = `${folder}/${entry}`;
      if (this.#isLink(path)) this.#strange.push({ path, why: "it is a link" });
      else if (this.#kind(path) !== "file") continue;
      else if (!entry.endsWith(".meta")) this.#leftovers.push(path);
      else this.#record(path, names.get(entry));
    }
  }

  /** @param named as its place says; undefined: as the record says. */
  #record(path: string, named: string | undefined): void {
    const read = this.#read(path, named);
    if (typeof read === "string") {
      this.#strange.push({ path, why: read });
      return;
    }
    const found = this.#of(read.name);
    found.said.push(read.facts);
    found.sources.push(path);
  }

  /** @returns why not, where it is no record. */
  #read(path: string, named: string | undefined): { name: string; facts: OldFacts } | string {
    if ((this.#world.platform.files.stat(path)?.size ?? 0) > mostBytes) return "it is larger than any record";
    const text = this.#text(path);
    if (text === undefined) return "it cannot be read";
    const facts = parseOldRecord(text);
    if (facts === undefined) return "it says nothing about a process";
    const name = named ?? facts.name;
    if (name === undefined) return "it does not say which process it is about";
    return isName(name) ? { name, facts } : "no process can have that name";
  }

  #pids(folder: string): void {
    if (this.#isTakenAsLink(folder)) return;
    for (const entry of this.#list(folder).filter((name) => name.endsWith(".pid"))) {
      const path = `${folder}/${entry}`;
      if (this.#isLink(path) || this.#kind(path) !== "file") this.#strange.push({ path, why: "it is not a file" });
      else {
        this.#pid(entry.slice(0, -".pid".length), path);
        this.#leftovers.push(path);
      }
    }
  }

  #pid(name: string, path: string): void {
    const text = this.#isLink(path) || this.#kind(path) !== "file" ? undefined : this.#text(path)?.trim();
    if (text !== undefined && /^\d{1,10}$/.test(text)) this.#found.get(name)?.pids.push(Number(text));
  }

  #counter(path: string): void {
    if (this.#isLink(path) || this.#kind(path) !== "file") return;
    const text = this.#text(path)?.trim() ?? "";
    if (/^\d{1,9}$/.test(text)) this.#nextId = Math.max(this.#nextId ?? 0, Number(text));
    this.#leftovers.push(path);
  }

  #of(name: string) {
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const found = { said: [], pids: [], inPlace: false, sources: [] };
    this.#found.set(name, found);
    return found;
  }

  /** What lies behind a link is not looked into: the link itself is taken away. */
  #isTakenAsLink(folder: string): boolean {
    if (!this.#isLink(folder)) return false;
    if (folder !== this.#world.home.processes) {
      this.#strange.push({ path: folder, why: "it is a link, and what it leads to was not looked into" });
    }
    return true;
  }

  #isLink(path: string): boolean {
    return this.#world.platform.files.linkTarget(path) !== undefined;
  }

  #kind(path: string) {
    try {
      return this.#world.platform.files.kind(path);
    } catch (error) {
      if (isErrno(error, "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG", "EIO")) return "other";
      throw error;
    }
  }

  #list(folder: string): string[] {
    return this.#kind(folder) === "directory" ? this.#world.platform.files.list(folder) : [];
  }

  /** Its beginning: nothing of theirs is longer. */
  #text(path: string): string | undefined {
    try {
      return this.#world.platform.files.readRange(path, 0, mostBytes)?.toString("utf8");
    } catch (error) {
      if (isErrno(error, "EACCES", "EPERM", "EIO", "EISDIR", "ELOOP")) return undefined;
      throw error;
    }
  }
}
