import { TsmError } from "../core/errors.ts";
import type { Change, Outside } from "../core/outside.ts";
import { domainsIn, nginxAround, nginxMark, serversIn } from "./nginx.ts";
import { complaint, isNotRunning, type Places, placesIn, slugIn } from "./nginx-site.ts";

/** A site of ours that nginx has. */
export interface Installed {
  readonly slug: string;
  readonly file: string;
  readonly enabled: boolean;
  readonly domains: readonly string[];
  readonly servers: readonly string[];
}

export interface Tried {
  readonly valid: boolean;
  readonly problem: string | null;
}

/** What nginx says of a whole configuration. @throws TsmError when there is no nginx */
export async function tried(main: string, outside: Outside, signal: AbortSignal): Promise<Tried> {
  const ended = await outside.run(["nginx", "-t", "-q", "-c", main], signal);
  if (ended === undefined) throw noNginx();
  return ended.code === 0 ? { valid: true, problem: null } : { valid: false, problem: complaint(ended.stderr) };
}

/** Only this text, in a configuration of its own. */
export function triedAlone(made: string, outside: Outside, signal: AbortSignal): Promise<Tried> {
  const files = (folder: string) => ({
    "site.conf": made,
    "nginx.conf": nginxAround(folder, `${folder}/site.conf`),
  });
  return outside.scratch(files, (folder) => tried(`${folder}/nginx.conf`, outside, signal));
}

function noNginx(): TsmError {
  return new TsmError("NO_FILE", "nginx is not installed", { hint: "apt-get install nginx, or brew install nginx" });
}

/** @throws TsmError when that is no folder of nginx's */
export function placesOf(root: string, outside: Outside): Places {
  const places = placesIn(root, (path) => outside.kind(path) === "directory");
  if (places !== undefined) return places;
  throw new TsmError("NO_FILE", `${root} has neither sites-available with sites-enabled nor conf.d`, {
    hint: "--folder names the folder of nginx.conf",
  });
}

/** What makes these sites nginx's. @throws TsmError when another's file stands there */
export function additions(
  sites: readonly { readonly slug: string; readonly text: string }[],
  places: Places,
  outside: Outside,
): Change[] {
  return sites.flatMap(({ slug, text }): Change[] => {
    const [path, link] = [places.file(slug), places.link(slug)];
    mustBeOurs(path, outside);
    const isLinked = link === undefined || outside.kind(link) !== "missing";
    return [{ does: "write", path, text }, ...(isLinked ? [] : [{ does: "link", path: link, target: path } as const])];
  });
}

/** What takes them away. @param asked undefined: all of ours. @throws TsmError when one is not there or another's */
export function removals(asked: readonly string[] | undefined, places: Places, outside: Outside): Change[] {
  const slugs = asked ?? installedIn(places, outside).map(({ slug }) => slug);
  if (slugs.length === 0)
    throw new TsmError("NOT_FOUND", "nothing is installed, or nothing was named", { hint: "tsm nginx status" });
  return slugs.flatMap((slug): Change[] => {
    const [path, link] = [places.file(slug), places.link(slug)];
    if (outside.kind(path) === "missing")
      throw new TsmError("NOT_FOUND", `${path} is not there`, { hint: "tsm nginx status tells what is installed" });
    mustBeOurs(path, outside);
    return [...(link === undefined ? [] : [{ does: "remove", path: link } as const]), { does: "remove", path }];
  });
}

function mustBeOurs(path: string, outside: Outside): void {
  if (outside.read(path)?.startsWith(nginxMark) !== false) return;
  throw new TsmError("NAME_TAKEN", `${path} was not made by tsm`, { hint: "Move it away first" });
}

/** What will be done, in words that follow "would ". */
export function stepsOf(changes: readonly Change[], places: Places, outside: Outside): string[] {
  const sudo = outside.needsRoot(changes) ? " (with sudo)" : "";
  return [
    ...changes.map((change) => `${change.does} ${change.path}${sudo}`),
    `try it: nginx -t -c ${places.main}`,
    "have nginx read it, if it runs",
  ];
}

/** Does it, and has nginx read it. @throws TsmError when nginx refuses it: then all is as it was. */
export async function applySites(
  changes: readonly Change[],
  places: Places,
  outside: Outside,
  signal: AbortSignal,
): Promise<{ readonly changed: readonly string[]; readonly reloaded: boolean }> {
  const sudo = outside.needsRoot(changes) ? ["sudo", "-n"] : [];
  const nginx = async (words: readonly string[]) => {
    const ended = await outside.run([...sudo, "nginx", ...words], signal);
    if (ended === undefined) throw noNginx();
    return ended;
  };
  // Not with sudo: where there is none, that is another thing to say.
  if ((await outside.run(["nginx", "-v"], signal)) === undefined) throw noNginx();
  const undo = await outside.apply(changes, signal);
  const test = await nginx(["-t", "-q", "-c", places.main]);
  if (test.code !== 0) {
    await outside.apply(undo, signal);
    throw new TsmError("BAD_DATA", `nginx refuses it: ${complaint(test.stderr)}`, {
      hint: "Everything is as it was before",
    });
  }
  const reload = await nginx(["-s", "reload", "-c", places.main]);
  if (reload.code !== 0 && !isNotRunning(reload.stderr))
    throw new TsmError("UNREACHABLE", `nginx did not read it: ${complaint(reload.stderr)}`, {
      hint: "The files are in place and valid: nginx -s reload",
    });
  return { changed: changes.map(({ path }) => path), reloaded: reload.code === 0 };
}

function installedIn(places: Places, outside: Outside): Installed[] {
  return outside.list(places.folder).flatMap((name) => {
    const slug = slugIn(name);
    const made = slug === undefined ? undefined : outside.read(places.file(slug));
    if (slug === undefined || made?.startsWith(nginxMark) !== true) return [];
    const link = places.link(slug);
    const enabled = link === undefined || outside.kind(link) === "file";
    return [{ slug, file: places.file(slug), enabled, domains: domainsIn(made), servers: serversIn(made) }];
  });
}

/** @returns null for version where there is no nginx. */
export async function statusOf(root: string, outside: Outside, signal: AbortSignal) {
  const ended = await outside.run(["nginx", "-v"], signal);
  const places = placesIn(root, (path) => outside.kind(path) === "directory");
  const sites = places === undefined ? [] : installedIn(places, outside);
  if (ended === undefined) return { version: null, valid: null, problem: null, sites };
  const version = ended.stderr.replace(/^nginx version: /, "").trim();
  return { version, ...(await tried(`${root}/nginx.conf`, outside, signal)), sites };
}
