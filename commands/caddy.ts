import { anyNumber, defineCommand, flag, one, toggle } from "../src/command/define.ts";
import { domain } from "../src/command/domain.ts";
import { elsewhereNote, proxied, serversOf, servicesAsked } from "../src/command/proxied.ts";
import { oneOf } from "../src/command/types.ts";
import { caddyfile } from "../src/integrations/caddy.ts";
import { leftOutNote, sitesOf } from "../src/integrations/site.ts";
import { sanitize } from "../src/view/sanitize.ts";

export default defineCommand({
  name: "caddy",
  summary: "Make a Caddyfile that leads requests to services",
  details: [
    "One service has the domain itself, several (and --all) have theirs before it: api.example.com. All instances of a service take turns. caddy sees to certificates by itself; --http serves without.",
    "It prints the file and changes nothing: tsm caddy generate --all --domain example.com > Caddyfile; caddy reload.",
  ],
  effect: "reads",
  args: {
    action: one(oneOf(["generate"]), "What to do"),
    services: anyNumber(proxied, "Which: a service with all its instances, or a process"),
  },
  flags: {
    domain: flag(domain, { summary: "The host name: example.com", fallback: "localhost" }),
    all: toggle("Everything that has a port", "a"),
    http: toggle("Without TLS"),
  },
  examples: ["caddy generate api --domain api.example.com", "caddy generate --all --domain example.com --http"],
  async run({ services: asked, domain: host, all, http }, { engine }) {
    const instances = servicesAsked(asked, all, {
      verb: "caddy generate",
      records: engine.records(),
      apps: await engine.apps(),
    });
    const { addressOf } = await engine.outside();
    const { services, elsewhere } = serversOf(instances, addressOf);
    const { sites, left } = sitesOf(services, host, all);
    return { sites, elsewhere, left, text: caddyfile(sites, { tls: !http }) };
  },
  names: () => [],
  *render({ text }) {
    yield text.trimEnd();
  },
  notes: ({ elsewhere, left }) =>
    [...elsewhere.map(elsewhereNote), ...left.map(leftOutNote)].map((each) => sanitize(each)),
});
