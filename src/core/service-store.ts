import { basename, dirname, join, resolve } from "node:path";
import { isErrno, TsmError } from "./errors.ts";
import { checkName, isName } from "./names.ts";
import { tetraFolder } from "./tetra-folder.ts";
import type { World } from "./world.ts";

/** Where a service is defined. */
export interface ServicePlace {
  /** ORG/NAME; for a file that belongs to no org, its path. */
  readonly ref: string;
  /** null: a file that belongs to no org. */
  readonly org: string | null;
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
}

/** A link in services-enabled. */
export interface EnabledLink {
  readonly link: string;
  /** The file that it names, there or not. */
  readonly file: string;
  /** It names nothing that could be started. */
  readonly broken: boolean;
}

/** What is not there; each verb says it in its own words. */
export type NoService = (ref: string) => string;
export const notFound: NoService = (ref) => `❌ Not found: ${ref}`;
export const serviceNotFound: NoService = (ref) => `❌ Service not found: ${ref}`;

/** Every definition, by org and name. */
export function allServices(world: World): ServicePlace[] {
  return orgsOf(world).flatMap((org) => servicesOf(world, org));
}

export function orgsOf(world: World): string[] {
  return namesIn(world, orgsFolder(world)).filter(isName).sort();
}

/** ORG/NAME, or NAME in whatever org. */
export function servicesNamed(world: World, ref: string): ServicePlace[] {
  const [org, name, more] = ref.includes("/") ? ref.split("/") : [undefined, ref];
  if (name === undefined || more !== undefined || !isName(name) || (org !== undefined && !isName(org))) return [];
  const orgs = org === undefined ? orgsOf(world) : [org];
  return orgs.map((each) => placeOf(world, each, name)).filter(({ file }) => kindOf(world, file) === "file");
}

/** The one that is meant. @throws TsmError when there is none, and when several orgs have it. */
export function oneService(world: World, ref: string, saying: NoService): ServicePlace {
  const found = servicesNamed(world, ref);
  const [only, another] = found;
  if (only === undefined) throw noService(world, ref, saying);
  if (another !== undefined) throw ambiguousService(ref, found);
  return only;
}

/** What a word means to a file of this org: there first, then anywhere. */
export function meantBy(world: World, org: string | null, word: string): ServicePlace[] {
  const own = org === null || word.includes("/") ? [] : servicesNamed(world, `${org}/${word}`);
  return own.length > 0 ? own : servicesNamed(world, word);
}

/** The only one that a word means. @throws TsmError when several orgs have it. */
export function serviceFrom(world: World, org: string | null, word: string): ServicePlace | undefined {
  const found = meantBy(world, org, word);
  const [only, another] = found;
  if (another !== undefined) throw ambiguousService(word, found);
  return only;
}

export function noService(world: World, ref: string, saying: NoService): TsmError {
  const some = allServices(world).length > 0;
  return new TsmError("NOT_FOUND", saying(ref), {
    block: true,
    hint: some ? "tsm services lists what there is" : "There is no service yet: tsm save ORG/NAME COMMAND",
  });
}

export function ambiguousService(ref: string, found: readonly ServicePlace[]): TsmError {
  const lines = found.map((each) => `  ${each.ref}`);
  return new TsmError("AMBIGUOUS", [`ambiguous name '${ref}', matches:`, ...lines].join("\n"), {
    hint: "Say which as ORG/NAME",
  });
}

/** Where a service of this name belongs, there or not. @throws TsmError BAD_NAME when it cannot be one. */
export function newPlace(world: World, ref: string): ServicePlace {
  const [org = "", name = "", more] = ref.split("/");
  if (more === undefined && isName(org) && isName(name)) return placeOf(world, checkName(org), checkName(name));
  throw new TsmError("BAD_NAME", `'${ref}' is not an ORG/NAME`, {
    hint: "Two names with a / between: letters, digits, '-', '_' and '.', beginning with a letter or digit",
  });
}

/** The service that a file is, wherever it lies. */
export function placeOfFile(world: World, file: string, shown: string): ServicePlace {
  const name = basename(file, ".tsm");
  const org = basename(dirname(dirname(dirname(file))));
  const own = isName(org) && isName(name) ? placeOf(world, org, name) : undefined;
  const { files } = world.platform;
  if (own !== undefined && files.realPath(own.file) === (files.realPath(file) ?? file)) return own;
  return { ref: shown, org: null, name, file };
}

export function enabledLinks(world: World): EnabledLink[] {
  const { files } = world.platform;
  const folder = world.home.servicesEnabled;
  return files
    .list(folder)
    .filter((entry) => entry.endsWith(".tsm") && !entry.startsWith("."))
    .sort()
    .map((entry) => {
      const link = join(folder, entry);
      const target = files.linkTarget(link);
      return {
        link,
        file: target === undefined ? link : resolve(folder, target),
        broken: kindOf(world, link) !== "file",
      };
    });
}

/** Is this very definition enabled? */
export function isEnabled(world: World, { file }: ServicePlace, links: readonly EnabledLink[]): boolean {
  return links.some((each) => each.file === file || (!each.broken && isSameFile(world, each.file, file)));
}

/** @returns false when it was enabled already. @throws TsmError NAME_TAKEN when the link names another file. */
export function enableService(world: World, place: ServicePlace): boolean {
  const { files } = world.platform;
  const link = linkOf(world, place);
  files.makeFolder(world.home.servicesEnabled);
  try {
    files.link(place.file, link);
    return true;
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
  const target = files.linkTarget(link);
  const stands = target === undefined ? undefined : resolve(dirname(link), target);
  if (stands === place.file || (stands !== undefined && isSameFile(world, stands, place.file))) return false;
  throw new TsmError("NAME_TAKEN", `${link} ${stands === undefined ? "is not a link" : `leads to ${stands}`}`, {
    hint: "Remove it, then enable the service again",
  });
}

/**
 * Takes every link to it away, also where the definition is gone.
 * @returns false when it was not enabled. @throws TsmError when a file stands where its link belongs: nobody else may have it.
 */
export function disableService(world: World, place: ServicePlace): boolean {
  const enabled = enabledLinks(world);
  const plain = enabled.find(
    ({ link, file }) => link === file && (file === place.file || link === linkOf(world, place)),
  );
  if (plain !== undefined) {
    throw new TsmError("NAME_TAKEN", `${plain.link} is a file, and no link that could be taken away`, {
      hint: `Move it to orgs/ORG/tsm/services-available in ${tetraFolder(world)}, or remove it`,
    });
  }
  const links = enabled.filter((each) => each.file !== each.link && isEnabled(world, place, [each]));
  for (const { link } of links) world.platform.files.remove(link);
  return links.length > 0;
}

/** What `disable` means by a word: a service, a link by its path, or what is enabled and whose definition is gone or in no org. */
export function enabledOrDefined(world: World, ref: string): ServicePlace {
  const link = enabledLinks(world).find((each) => each.link === resolve(world.cwd, ref));
  if (link !== undefined) return placeOfFile(world, link.file, ref);
  const found = servicesNamed(world, ref);
  if (found.length > 0) return oneService(world, ref, notFound);
  const meant = enabledLinks(world)
    .filter(({ broken, file }) => broken || placeOfFile(world, file, file).org === null)
    .map(({ file, link }) => lostPlace(world, file) ?? placeOfLink(world, ref, link, file))
    .filter((place) => place?.ref === ref || place?.name === ref);
  const [only, another] = meant;
  if (only === undefined) throw noService(world, ref, notFound);
  if (another !== undefined)
    throw ambiguousService(
      ref,
      meant.filter((place) => place !== undefined),
    );
  return only;
}

/** A link that has the name which this service's would have, or leads to this file: out of the orgs, be it to nothing. */
function placeOfLink(world: World, ref: string, link: string, file: string): ServicePlace | undefined {
  if (resolve(world.cwd, ref) === file) return { ref, org: null, name: basename(file, ".tsm"), file };
  const [org = "", name = "", more] = ref.split("/");
  if (more !== undefined || !isName(org) || !isName(name)) return undefined;
  const place = { ref, org, name, file };
  return linkOf(world, place) === link ? place : undefined;
}

/** The service that a link speaks of whose file is gone. */
export function lostPlace(world: World, file: string): ServicePlace | undefined {
  const [org, name] = [basename(dirname(dirname(dirname(file)))), basename(file, ".tsm")];
  if (!isName(org) || !isName(name)) return undefined;
  const place = placeOf(world, org, name);
  return place.file === file ? place : undefined;
}

export function orgExists(world: World, org: string): boolean {
  return isName(org) && kindOf(world, join(orgsFolder(world), org)) === "directory";
}

function orgsFolder(world: World): string {
  return join(tetraFolder(world), "orgs");
}

function servicesOf(world: World, org: string): ServicePlace[] {
  return namedIn(world, org).filter(({ file }) => kindOf(world, file) === "file");
}

/** What has the name of a service and is no file, be it a link that leads to none. */
export function fileless(world: World): ServicePlace[] {
  return orgsOf(world)
    .flatMap((org) => namedIn(world, org))
    .filter(({ file }) => kindOf(world, file) !== "file");
}

function namedIn(world: World, org: string): ServicePlace[] {
  const folder = join(orgsFolder(world), org, "tsm/services-available");
  return namesIn(world, folder)
    .filter((entry) => entry.endsWith(".tsm") && isName(entry.slice(0, -".tsm".length)))
    .sort()
    .map((entry) => placeOf(world, org, entry.slice(0, -".tsm".length)));
}

function placeOf(world: World, org: string, name: string): ServicePlace {
  const file = join(orgsFolder(world), org, "tsm/services-available", `${name}.tsm`);
  return { ref: `${org}/${name}`, org, name, file };
}

function linkOf({ home }: World, { org, name }: ServicePlace): string {
  return join(home.servicesEnabled, `${org}-${name}.tsm`);
}

function isSameFile({ platform: { files } }: World, a: string, b: string): boolean {
  const real = files.realPath(a);
  return real !== undefined && real === files.realPath(b);
}

/** What may not be looked into is no org of this user's. */
function namesIn({ platform: { files } }: World, folder: string): string[] {
  try {
    return files.list(folder);
  } catch (error) {
    if (isErrno(error, "EACCES", "ELOOP")) return [];
    throw error;
  }
}

/** What a link leads to that leads to itself, or where nobody may look, is not there. */
function kindOf({ platform: { files } }: World, path: string) {
  try {
    return files.kind(path);
  } catch (error) {
    if (isErrno(error, "ELOOP", "EACCES", "ENAMETOOLONG")) return "missing";
    throw error;
  }
}
