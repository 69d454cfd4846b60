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

/**
 * The sites of services: one has the domain, or, when there are several, a name of its own before it.
 * @returns what is wrong in words, when they cannot be told apart
 */
export function sitesOf(services: readonly Instances[], domain: string, several: boolean): Site[] | string {
  const slugs = new Map<string, string>();
  for (const { service } of services) {
    const slug = slugOf(service);
    if (slug === "") return `nothing of the name '${service}' can stand in a domain`;
    const other = slugs.get(slug);
    if (other !== undefined) return `'${service}' and '${other}' would both be ${slug}`;
    slugs.set(slug, service);
  }
  if (several && domain.startsWith("*.")) return "a domain with * is for one service";
  return services.map((each) => ({ ...each, domain: several ? `${slugOf(each.service)}.${domain}` : domain }));
}
