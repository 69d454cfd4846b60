import { anyNumber, type Context, defineCommand, flag, one, toggle } from "../src/command/define.ts";
import { domain } from "../src/command/domain.ts";
import { type Proxied, proxied, servicesAsked } from "../src/command/proxied.ts";
import { folder, integer, oneOf, text } from "../src/command/types.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";
import type { Change, Outside } from "../src/core/outside.ts";
import { domainsIn, isNginxPath, nginxAround, nginxConfig, nginxMark, serversIn } from "../src/integrations/nginx.ts";
import { complaint, isNotRunning, type Places, placesIn, slugIn } from "../src/integrations/nginx-site.ts";
import { type Site, sitesOf, slugOf } from "../src/integrations/site.ts";
import { sanitize } from "../src/view/sanitize.ts";

type Told =
  | { readonly action: "generate"; readonly sites: readonly Site[]; readonly text: string }
  | { readonly action: "test"; readonly valid: boolean; readonly problem: string | null }
  | { readonly action: "plan"; readonly steps: readonly string[] }
  | { readonly action: "install" | "uninstall"; readonly changed: readonly string[]; readonly reloaded: boolean }
  | {
      readonly action: "status";
      readonly version: string | null;
      readonly valid: boolean | null;
      readonly problem: string | null;
      readonly sites: readonly Installed[];
    };

interface Installed {
  readonly slug: string;
  readonly file: string;
  readonly enabled: boolean;
  readonly domains: readonly string[];
  readonly servers: readonly string[];
}

export default defineCommand({
  name: "nginx",
  summary: "Make nginx lead requests to services: text, or installed",
  details: [
    "generate prints the configuration and changes nothing. One service has the domain itself, several (and --all) have theirs before it: api.example.com. All instances of a service take turns.",
    "install says what it will do, asks, writes tsm-NAME.conf, tries it with nginx -t and has nginx read it anew; what nginx refuses is taken back. uninstall removes it. Both use sudo only where the folder is not yours. status tells what is installed; test tries what generate would print, or without a name what is installed.",
  ],
  effect: "changes",
  args: {
    action: one(oneOf(["generate", "install", "uninstall", "status", "test"]), "What to do"),
    services: anyNumber(proxied, "Which: a service with all its instances, or a process"),
  },
  flags: {
    domain: flag(domain, { summary: "The host name: example.com", fallback: "localhost" }),
    all: toggle("Everything that has a port", "a"),
    tls: toggle("Serve https, and lead http to it"),
    cert: flag(text("FILE"), { summary: "The certificate; default: where Let's Encrypt puts it" }),
    key: flag(text("FILE"), { summary: "Its key" }),
    http: flag(integer("PORT", 1, 65_535), { summary: "Where http is served", fallback: 80 }),
    https: flag(integer("PORT", 1, 65_535), { summary: "Where https is served", fallback: 443 }),
    folder: flag(folder, { summary: "The folder of nginx.conf", fallback: "/etc/nginx" }),
    dryRun: toggle("Say what install or uninstall would do, and do nothing"),
    yes: toggle("Do not ask before it is done", "y"),
  },
  examples: [
    "nginx generate api --domain api.example.com --tls",
    "nginx generate --all --domain example.com",
    "nginx install api --domain api.example.com",
    "nginx status",
    "nginx test",
  ],
  onlyLooks: ({ action, dryRun }) => dryRun || (action !== "install" && action !== "uninstall"),
  async run(values, context): Promise<Told> {
    const outside = await context.engine.outside();
    const { action, services, all } = values;
    const root = outside.absolute(values.folder).replace(/\/+$/, "");
    if (action === "status") return await status(root, outside, context);
    if (action === "uninstall") return await uninstall(values, root, outside, context);
    if (action === "test" && services.length === 0 && !all)
      return { action, ...(await tried(`${root}/nginx.conf`, outside, context)) };
    const made = generated(values, outside, context);
    if (action === "generate") return { action, ...made };
    if (action === "test") return { action, ...(await triedAlone(made.text, outside, context)) };
    return await install(values, made, placesOf(root, outside), outside, context);
  },
  names: () => [],
  json(told) {
    const { action: _, ...rest } = told;
    return rest;
  },
  *render(told, { paint }) {
    switch (told.action) {
      case "generate":
        yield told.text.trimEnd();
        return;
      case "plan":
        yield* told.steps.map((step) => `would ${step}`);
        return;
      case "test":
        yield told.valid ? paint.good("tsm: nginx takes it") : paint.bad(`tsm: nginx refuses it: ${told.problem}`);
        return;
      case "install":
      case "uninstall":
        for (const path of told.changed) yield `tsm: ${told.action === "install" ? "wrote" : "removed"} ${path}`;
        yield told.reloaded ? "tsm: nginx has read it" : "tsm: nginx does not run: it will read it when it starts";
        return;
      case "status":
        yield told.version === null ? "nginx: not installed" : `nginx: ${told.version}`;
        if (told.valid !== null)
          yield `configuration: ${told.valid ? paint.good("valid") : paint.bad(told.problem ?? "")}`;
        for (const { slug, enabled, domains, servers } of told.sites)
          yield `${slug}: ${sanitize(domains.join(", "))} → ${sanitize(servers.join(", "))}${enabled ? "" : " (not enabled)"}`;
        if (told.sites.length === 0) yield paint.faint("No service is installed: tsm nginx install NAME --domain D");
    }
  },
  exitCode: (told) =>
    (told.action === "test" && !told.valid) || (told.action === "status" && (told.version === null || !told.valid))
      ? exitCodes.failed
      : exitCodes.done,
});

interface Asked {
  readonly services: readonly Proxied[];
  readonly domain: string;
  readonly all: boolean;
  readonly tls: boolean;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly http: number;
  readonly https: number;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

interface Made {
  readonly sites: readonly Site[];
  readonly text: string;
}

function generated(asked: Asked, outside: Outside, { engine }: Context): Made {
  const services = servicesAsked(asked.services, asked.all, { verb: "nginx generate", records: engine.records() });
  const sites = sitesOf(
    services.map(({ service, records }) => ({
      service,
      servers: records.flatMap(({ port }) =>
        typeof port === "number" ? [{ host: outside.addressOf(port), port }] : [],
      ),
    })),
    asked.domain,
    asked.all || services.length > 1,
  );
  if (typeof sites === "string") throw new TsmError("USAGE", sites, { hint: "Generate them one by one" });
  return { sites, text: textOf(sites, asked, outside) };
}

function textOf(sites: readonly Site[], asked: Asked, outside: Outside): string {
  const { tls, cert, key, http, https } = asked;
  if ((cert === undefined) !== (key === undefined) || (cert !== undefined && !tls))
    throw new TsmError("USAGE", "--cert, --key and --tls belong together", {
      hint: "tsm nginx generate api --domain api.example.com --tls --cert /etc/ssl/api.pem --key /etc/ssl/api.key",
    });
  const [certificate, keyFile] = [cert, key].map((path) => (path === undefined ? undefined : outside.absolute(path)));
  const bad = [certificate, keyFile].find((path) => path !== undefined && !isNginxPath(path));
  if (bad !== undefined)
    throw new TsmError("USAGE", `nginx has no way to say the path '${sanitize(bad)}'`, {
      hint: "Give one without $ and control characters",
    });
  const ports = { httpPort: http, httpsPort: https, ipv6: outside.hasIpv6 };
  return nginxConfig(sites, { tls, certificate, key: keyFile, ...ports });
}

interface Tried {
  readonly valid: boolean;
  readonly problem: string | null;
}

async function tried(main: string, outside: Outside, { signal }: Context): Promise<Tried> {
  const ended = await outside.run(["nginx", "-t", "-q", "-c", main], signal);
  if (ended === undefined) throw noNginx();
  return ended.code === 0 ? { valid: true, problem: null } : { valid: false, problem: complaint(ended.stderr) };
}

/** Only this text, in a configuration of its own. */
function triedAlone(made: string, outside: Outside, context: Context): Promise<Tried> {
  const files = (folder: string) => ({
    "site.conf": made,
    "nginx.conf": nginxAround(folder, `${folder}/site.conf`),
  });
  return outside.scratch(files, (folder) => tried(`${folder}/nginx.conf`, outside, context));
}

function noNginx(): TsmError {
  return new TsmError("NO_FILE", "nginx is not installed", { hint: "apt-get install nginx, or brew install nginx" });
}

function placesOf(root: string, outside: Outside): Places {
  const places = placesIn(root, (path) => outside.kind(path) === "directory");
  if (places !== undefined) return places;
  throw new TsmError("NO_FILE", `${root} has neither sites-available with sites-enabled nor conf.d`, {
    hint: "--folder names the folder of nginx.conf",
  });
}

async function install(
  asked: Asked,
  { sites }: Made,
  places: Places,
  outside: Outside,
  context: Context,
): Promise<Told> {
  const changes = sites.flatMap((site): Change[] => {
    const slug = slugOf(site.service);
    const [path, link] = [places.file(slug), places.link(slug)];
    mustBeOurs(path, outside);
    const isLinked = link === undefined || outside.kind(link) !== "missing";
    return [
      { does: "write", path, text: textOf([site], asked, outside) },
      ...(isLinked ? [] : [{ does: "link", path: link, target: path } as const]),
    ];
  });
  return await carryOut("install", changes, asked, places, outside, context);
}

async function uninstall(asked: Asked, root: string, outside: Outside, context: Context): Promise<Told> {
  const places = placesOf(root, outside);
  const slugs = asked.all
    ? installedIn(places, outside).map(({ slug }) => slug)
    : asked.services.map(({ word }) => slugOf(word));
  if (slugs.length === 0)
    throw new TsmError("NOT_FOUND", "nothing is installed, or nothing was named", { hint: "tsm nginx status" });
  const changes = slugs.flatMap((slug): Change[] => {
    const [path, link] = [places.file(slug), places.link(slug)];
    if (outside.kind(path) === "missing")
      throw new TsmError("NOT_FOUND", `${path} is not there`, { hint: "tsm nginx status tells what is installed" });
    mustBeOurs(path, outside);
    return [...(link === undefined ? [] : [{ does: "remove", path: link } as const]), { does: "remove", path }];
  });
  return await carryOut("uninstall", changes, asked, places, outside, context);
}

function mustBeOurs(path: string, outside: Outside): void {
  if (outside.read(path)?.startsWith(nginxMark) !== false) return;
  throw new TsmError("NAME_TAKEN", `${path} was not made by tsm`, { hint: "Move it away first" });
}

async function carryOut(
  action: "install" | "uninstall",
  changes: readonly Change[],
  asked: Asked,
  places: Places,
  outside: Outside,
  context: Context,
): Promise<Told> {
  const sudo = outside.needsRoot(changes) ? " (with sudo)" : "";
  const steps = [
    ...changes.map((change) => `${change.does} ${change.path}${sudo}`),
    `try it: nginx -t -c ${places.main}`,
    "have nginx read it, if it runs",
  ];
  if (asked.dryRun) return { action: "plan", steps };
  if (!asked.yes) {
    if (context.ask === undefined || !context.interactive)
      throw new TsmError("USAGE", `nginx ${action} needs --yes where nobody can be asked`, {
        hint: `It would ${steps.join(", ")}`,
      });
    if (!(await context.ask.confirm(`${steps.join("\n")}\nDo it?`)))
      throw new TsmError("CANCELLED", "nothing was done");
  }
  const nginx = async (words: readonly string[]) => {
    const ended = await outside.run([...(sudo === "" ? [] : ["sudo", "-n"]), "nginx", ...words], context.signal);
    if (ended === undefined) throw noNginx();
    return ended;
  };
  await nginx(["-v"]);
  const undo = await outside.apply(changes, context.signal);
  const test = await nginx(["-t", "-q", "-c", places.main]);
  if (test.code !== 0) {
    await outside.apply(undo, context.signal);
    throw new TsmError("BAD_DATA", `nginx refuses it: ${complaint(test.stderr)}`, {
      hint: "Everything is as it was before",
    });
  }
  const reload = await nginx(["-s", "reload", "-c", places.main]);
  if (reload.code !== 0 && !isNotRunning(reload.stderr))
    throw new TsmError("UNREACHABLE", `nginx did not read it: ${complaint(reload.stderr)}`, {
      hint: "The files are in place and valid: nginx -s reload",
    });
  return { action, changed: changes.map(({ path }) => path), reloaded: reload.code === 0 };
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

async function status(root: string, outside: Outside, context: Context): Promise<Told> {
  const ended = await outside.run(["nginx", "-v"], context.signal);
  const places = placesIn(root, (path) => outside.kind(path) === "directory");
  const sites = places === undefined ? [] : installedIn(places, outside);
  if (ended === undefined) return { action: "status", version: null, valid: null, problem: null, sites };
  const version = ended.stderr.replace(/^nginx version: /, "").trim();
  return { action: "status", version, ...(await tried(`${root}/nginx.conf`, outside, context)), sites };
}
