import { forComment, type Site, serverText } from "./site.ts";

/** A Caddyfile. With TLS caddy sees to the certificates itself, and to the way from http to https. */
export function caddyfile(sites: readonly Site[], { tls }: { readonly tls: boolean }): string {
  const parts = sites.map((site) =>
    [
      `# ${forComment(site.service)}`,
      `${tls ? "" : "http://"}${site.domain} {`,
      `\treverse_proxy ${site.servers.map(serverText).join(" ")}${site.servers.length > 1 ? inTurn : ""}`,
      "}",
    ].join("\n"),
  );
  return `${["# Made by tsm caddy: what is changed here is lost when it is made again.", ...parts].join("\n\n")}\n`;
}

// caddy would choose by chance.
const inTurn = " {\n\t\tlb_policy round_robin\n\t}";
