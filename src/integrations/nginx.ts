import { forComment, type Site, serverText, slugOf } from "./site.ts";

/** How nginx is to meet the world. */
export interface NginxOptions {
  readonly tls: boolean;
  /** Its certificate; undefined: where Let's Encrypt puts it. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly ipv6: boolean;
}

/** The first words of every file that is ours: only such a file is written over or removed. */
export const nginxMark = "# Made by tsm nginx";

/** A file for sites-available or conf.d: for each service its upstream and its server. */
export function nginxConfig(sites: readonly Site[], options: NginxOptions): string {
  const parts = sites.map((site) => [...upstream(site), "", ...server(site, options)].join("\n"));
  return `${[`${nginxMark}: what is changed here is lost when it is made again.`, ...parts].join("\n\n")}\n`;
}

/** What a whole nginx.conf must have around such a file, for `nginx -t` to look at it alone. Nothing in it is outside of the folder. */
export function nginxAround(folder: string, file: string): string {
  return [
    `pid ${quoted(`${folder}/nginx.pid`)};`,
    `error_log ${quoted(`${folder}/error.log`)};`,
    "events {}",
    "http {",
    "    access_log off;",
    ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (what) => `    ${what}_temp_path ${quoted(`${folder}/${what}`)};`,
    ),
    `    include ${quoted(file)};`,
    "}",
    "",
  ].join("\n");
}

/** `$`, and ASCII that is not printed: a line break would hide what follows it from whoever reads the file. */
const unwritable = /[^ -#%-~\u0080-\uffff]/;

/** nginx has no way to say `$` in a path, and a line break ends nothing but hides much. */
export function isNginxPath(path: string): boolean {
  return path.startsWith("/") && !unwritable.test(path);
}

/** The domains that a file of ours serves. */
export function domainsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/^ {4}server_name (\S+);$/gm)].map(([, domain = ""]) => domain))];
}

/** Where its upstreams lead. */
export function serversIn(text: string): string[] {
  return [...text.matchAll(/^ {4}server (\S+);$/gm)].map(([, server = ""]) => server);
}

/** An identifier: what nginx takes for its own variables and upstreams. */
function identifier({ service }: Site): string {
  return `tsm_${slugOf(service).replaceAll("-", "_")}`;
}

function upstream(site: Site): string[] {
  const id = identifier(site);
  return [
    `# ${forComment(site.service)}`,
    `upstream ${id} {`,
    ...site.servers.map((each) => `    server ${serverText(each)};`),
    "    keepalive 16;",
    "}",
    "",
    // A WebSocket is upgraded; any other connection to the service is kept for the next request.
    `map $http_upgrade $${id}_connection {`,
    "    default upgrade;",
    "    '' '';",
    "}",
  ];
}

function server(site: Site, options: NginxOptions): string[] {
  const { tls, httpPort, httpsPort } = options;
  if (!tls) return block([...listen(httpPort, "", options), `server_name ${site.domain};`, "", ...toService(site)]);
  const port = httpsPort === 443 ? "" : `:${httpsPort}`;
  const live = `/etc/letsencrypt/live/${site.domain.replace(/^\*\./, "")}`;
  return [
    ...block([
      ...listen(httpPort, "", options),
      `server_name ${site.domain};`,
      "",
      "# Where certbot proves that the domain is yours.",
      "location ^~ /.well-known/acme-challenge/ {",
      "    root /var/www/html;",
      "}",
      "location / {",
      `    return 301 https://$host${port}$request_uri;`,
      "}",
    ]),
    "",
    ...block([
      ...listen(httpsPort, " ssl", options),
      `server_name ${site.domain};`,
      "",
      `ssl_certificate ${quoted(options.certificate ?? `${live}/fullchain.pem`)};`,
      `ssl_certificate_key ${quoted(options.key ?? `${live}/privkey.pem`)};`,
      "ssl_protocols TLSv1.2 TLSv1.3;",
      "",
      ...toService(site),
    ]),
  ];
}

function block(lines: readonly string[]): string[] {
  return ["server {", ...lines.map((line) => (line === "" ? "" : `    ${line}`)), "}"];
}

function listen(port: number, how: string, { ipv6 }: NginxOptions): string[] {
  return [`listen ${port}${how};`, ...(ipv6 ? [`listen [::]:${port}${how};`] : [])];
}

function toService(site: Site): string[] {
  const id = identifier(site);
  return [
    "location / {",
    `    proxy_pass http://${id};`,
    "    proxy_http_version 1.1;",
    "    proxy_set_header Host $host;",
    "    proxy_set_header X-Real-IP $remote_addr;",
    "    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "    proxy_set_header X-Forwarded-Proto $scheme;",
    "    proxy_set_header Upgrade $http_upgrade;",
    `    proxy_set_header Connection $${id}_connection;`,
    "}",
  ];
}

function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, "\\$&")}"`;
}
