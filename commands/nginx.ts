import { anyNumber, type Context, defineCommand, flag, one, toggle } from "../src/command/define.ts";
import { domain } from "../src/command/domain.ts";
import {
  type Elsewhere,
  elsewhereNote,
  type Proxied,
  proxied,
  serversOf,
  servicesAsked,
} from "../src/command/proxied.ts";
import { folder, integer, oneOf, text } from "../src/command/types.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";
import type { Change, Outside } from "../src/core/outside.ts";
import { isNginxPath, nginxConfig } from "../src/integrations/nginx.ts";
import {
  additions,
  applySites,
  type Installed,
  placesOf,
  removals,
  statusOf,
  stepsOf,
  tried,
  triedAlone,
} from "../src/integrations/nginx-install.ts";
import type { Places } from "../src/integrations/nginx-site.ts";
import { type LeftOut, leftOutNote, type Site, sitesOf, slugOf } from "../src/integrations/site.ts";
import { sanitize } from "../src/view/sanitize.ts";

type Told =
  | ({ readonly action: "generate" } & Made)
  | { readonly action: "test"; readonly valid: boolean; readonly problem: string | null }
  | ({ readonly action: "plan"; readonly steps: readonly string[] } & Partial<Pick<Made, "elsewhere" | "left">>)
  | ({
      readonly action: "install" | "uninstall";
      readonly changed: readonly string[];
      readonly reloaded: boolean;
    } & Partial<Pick<Made, "elsewhere" | "left">>)
  | {
      readonly action: "status";
      readonly version: string | null;
      readonly valid: boolean | null;
      readonly problem: string | null;
      readonly sites: readonly Installed[];
    };

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
    const { signal } = context;
    if (action === "status") return { action, ...(await statusOf(root, outside, signal)) };
    if (action === "uninstall") {
      const places = placesOf(root, outside);
      const slugs = all ? undefined : services.map(({ word }) => slugOf(word));
      return await carriedOut(action, removals(slugs, places, outside), values, places, outside, context);
    }
    if (action === "test" && services.length === 0 && !all)
      return { action, ...(await tried(`${root}/nginx.conf`, outside, signal)) };
    const made = await generated(values, outside, context);
    if (action === "generate") return { action, ...made };
    if (action === "test") return { action, ...(await triedAlone(made.text, outside, signal)) };
    const places = placesOf(root, outside);
    const texts = made.sites.map((site) => ({ slug: slugOf(site.service), text: textOf([site], values, outside) }));
    const { elsewhere, left } = made;
    return {
      ...(await carriedOut(action, additions(texts, places, outside), values, places, outside, context)),
      elsewhere,
      left,
    };
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
  *notes(told) {
    if ("elsewhere" in told) yield* (told.elsewhere ?? []).map((each) => sanitize(elsewhereNote(each)));
    if ("left" in told) yield* (told.left ?? []).map((each) => sanitize(leftOutNote(each)));
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
  readonly elsewhere: readonly Elsewhere[];
  readonly left: readonly LeftOut[];
  readonly text: string;
}

async function generated(asked: Asked, outside: Outside, { engine }: Context): Promise<Made> {
  const instances = servicesAsked(asked.services, asked.all, {
    verb: "nginx generate",
    records: engine.records(),
    apps: await engine.apps(),
  });
  const { services, elsewhere } = serversOf(instances, outside.addressOf);
  const { sites, left } = sitesOf(services, asked.domain, asked.all);
  return { sites, elsewhere, left, text: textOf(sites, asked, outside) };
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

type CarriedOut = Extract<Told, { action: "plan" | "install" | "uninstall" }>;

/** Shown, asked, done. */
async function carriedOut(
  action: "install" | "uninstall",
  changes: readonly Change[],
  asked: Asked,
  places: Places,
  outside: Outside,
  context: Context,
): Promise<CarriedOut> {
  const steps = stepsOf(changes, places, outside);
  if (asked.dryRun) return { action: "plan", steps };
  if (!asked.yes) {
    if (context.ask === undefined || !context.interactive)
      throw new TsmError("USAGE", `nginx ${action} needs --yes where nobody can be asked`, {
        hint: `It would ${steps.join(", ")}`,
      });
    if (!(await context.ask.confirm(`${steps.join("\n")}\nDo it?`)))
      throw new TsmError("CANCELLED", "nothing was done");
  }
  return { action, ...(await applySites(changes, places, outside, context.signal)) };
}
