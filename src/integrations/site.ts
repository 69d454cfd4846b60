import { TsmError } from "../core/errors.ts";

/** One service as a web server in front of it sees it. */
export interface Site {
  /** What it is called here: the processes' name without their ports. */
  readonly service: string;
  readonly domain: string;
  /** Where its instances listen. */
  readonly servers: readonly Server[];
}

export interface Server {
  readonly host: string;
  readonly port: number;
}

/**
 * The name of a service as a host name's label, a file's name and an identifier: small letters, digits and dashes, whatever
 * stands in it. "" when nothing of it can.
 */
export function slugOf(service: string): string {
  const slug = service
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 50)
    .replace(/^-+|-+$/g, "");
  return slug === "" ? asDnsHasIt(service) : slug;
}

/** `日本` is xn--wgv71a; "" for what DNS has no way to write. */
function asDnsHasIt(service: string): string {
  const url = `http://${service.replace(/[\s!-~]+/g, "")}`;
  const label = URL.canParse(url) ? new URL(url).hostname : "";
  return /^xn--[a-z0-9-]{1,59}$/.test(label) ? label : "";
}

/** A name for a comment: nothing in it ends the line. */
export function forComment(name: string): string {
  return name.replace(/[^\p{L}\p{N} ._@:+-]/gu, "_");
}

/** `127.0.0.1:3000`, `[::1]:3000`. */
export function serverText({ host, port }: Server): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

interface Instances {
  readonly service: string;
  readonly servers: readonly Server[];
}

/** Services that no request can be led to, and why. */
export interface LeftOut {
  readonly services: readonly string[];
  readonly why: string;
}

/**
 * The sites of services: one has the domain, or, when there are several, a name of its own before it. Of all there are,
 * those that would have none are left out.
 * @throws TsmError when one that was asked for by its name would have none, or nobody has one
 */
export function sitesOf(
  services: readonly Instances[],
  domain: string,
  all: boolean,
): { readonly sites: Site[]; readonly left: readonly LeftOut[] } {
  const several = all || services.length > 1;
  const left = leftOut(services);
  if (several && domain.startsWith("*."))
    throw new TsmError("USAGE", "a domain with * is for one service", { hint: oneByOne });
  const without = new Set(left.flatMap((each) => each.services));
  const sites = services
    .filter(({ service }) => !without.has(service))
    .map((each) => ({ ...each, domain: several ? `${slugOf(each.service)}.${domain}` : domain }));
  const [first] = left;
  if (first !== undefined && (!all || sites.length === 0)) throw new TsmError("USAGE", first.why, { hint: oneByOne });
  return { sites, left };
}

const oneByOne = "Generate them one by one";

function leftOut(services: readonly Instances[]): LeftOut[] {
  const bySlug = new Map<string, string[]>();
  for (const { service } of services) {
    const slug = slugOf(service);
    bySlug.set(slug, [...(bySlug.get(slug) ?? []), service]);
  }
  return [...bySlug].flatMap(([slug, names]): LeftOut[] => {
    if (slug === "")
      return names.map((name) => ({ services: [name], why: `nothing of the name '${name}' can stand in a domain` }));
    if (names.length === 1) return [];
    const quoted = names.map((name) => `'${name}'`);
    const listed = `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}`;
    return [{ services: names, why: `${listed} would ${names.length === 2 ? "both" : "all"} be ${slug}` }];
  });
}

/** For whoever asked for all. */
export function leftOutNote({ why, services }: LeftOut): string {
  return `${why}: no request goes to ${services.length === 1 ? "it" : "them"}`;
}
