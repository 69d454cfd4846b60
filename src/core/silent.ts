import type { Identity } from "../platform/platform.ts";
import { addressAmong } from "./outside.ts";
import { familyOf, tableOf } from "./tree.ts";
import type { Evidence } from "./why-found.ts";
import type { World } from "./world.ts";

/** It takes connections and, as far as can be known, is to speak HTTP; a request was not answered. */
export interface Silent {
  readonly port: number;
  readonly over: Over;
  /** So long it had for an answer. */
  readonly forMs: number;
  /** Who says that it speaks HTTP. */
  readonly speaks: Evidence;
}

type Over = "tcp" | "tls";

/** What tells of a process which protocol it speaks. */
export interface Spoken {
  /** How it says itself that it is asked: `http://localhost:3000/health`. */
  readonly probes: readonly (string | null)[];
  readonly lines: readonly { readonly stream: "stderr" | "stdout"; readonly text: string }[];
  readonly argv: readonly string[];
  /** "" when none is known. */
  readonly script: string;
}

/**
 * Asks for `/` by GET, where somebody says that HTTP is spoken there; to anybody else nothing is written, whose silence says
 * nothing.
 * @returns undefined when it said anything, and where nobody knows whether it should
 */
export async function silent(
  { platform: { ports, probes, processes } }: World,
  leader: Identity,
  port: number,
  spoken: Spoken,
  signal: AbortSignal,
): Promise<Silent | undefined> {
  const speaks = speaksHttp(spoken, port);
  if (speaks.length === 0) return undefined;
  const pids = new Set(familyOf(leader, tableOf(processes.table())).map(({ pid }) => pid));
  const own = ports.listenersOn(port).filter(({ pid }) => pid !== undefined && pids.has(pid));
  if (own.length === 0) return undefined;
  const host = addressAmong(own.map(({ address }) => address));
  // Who is asked in a wrong way says so, or hangs up: where both may be right, only who hangs is silent.
  for (const { over, says } of speaks)
    if ((await probes.ask(over, host, port, request, patienceMs, signal)) === "silence")
      return { port, over, forMs: patienceMs, speaks: says };
  return undefined;
}

// Without `Host`, which is what a server of another protocol would rather take for an attack; HTTP/1.0 has none.
const request = "GET / HTTP/1.0\r\nUser-Agent: tsm\r\n\r\n";

const patienceMs = 1000;

/** Over what, and who says so. An address tells both; what only names HTTP or TLS may have either at this port. */
export function speaksHttp(
  { probes, lines, argv, script }: Spoken,
  port: number,
): readonly { readonly over: Over; readonly says: Evidence }[] {
  const address = new RegExp(
    `\\bhttp(s?)://(?:localhost|127\\.[\\d.]+|0\\.0\\.0\\.0|\\[::1?\\]|\\*):${port}(?!\\d)`,
    "i",
  );
  const overIn = (text: string): Over | undefined => {
    const found = address.exec(text);
    return found === null ? undefined : found[1] === "" ? "tcp" : "tls";
  };
  const probe = probes.find((each) => each !== null && address.test(each)) ?? undefined;
  if (probe !== undefined)
    return [{ over: overIn(probe) ?? "tcp", says: { from: "record", text: `its probe is ${probe}` } }];
  const line = lines.findLast(({ text }) => address.test(text) || served.test(text));
  const ofLine: Evidence | undefined = line && { from: line.stream, text: line.text.slice(0, longest) };
  const over = line && overIn(line.text);
  if (ofLine !== undefined && over !== undefined) return [{ over, says: ofLine }];
  const named = (what: RegExp, whose: string): Evidence | undefined => {
    if (argv.some((word) => what.test(word))) return { from: "record", text: `its command names a server of ${whose}` };
    return what.test(script) ? { from: "files", text: `its script names a server of ${whose}` } : undefined;
  };
  const plain = ofLine ?? named(library, "HTTP");
  const secure = ofLine !== undefined && /\bHTTPS\b/i.test(ofLine.text) ? ofLine : named(secureLibrary, "HTTPS");
  return [
    ...(plain === undefined || plain === secure ? [] : [{ over: "tcp", says: plain } as const]),
    ...(secure === undefined ? [] : [{ over: "tls", says: secure } as const]),
  ];
}

/** What servers of HTTP say of themselves, and of a request in their logs. */
const served = /\bServing HTTPS?\b|\bHTTPS? server\b|"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+ HTTP\/\d/i;

/** Its modules and frameworks, and not an address that it might call. */
const library =
  /["'](?:node:)?http["']|\bhttp\.server\b|\bhttp-server\b|["'](?:express|fastify|koa|hono)["']|\b(?:import|from) (?:flask|fastapi)\b|\b(?:uvicorn|gunicorn)\b/;

/** What makes a server of it, where the module may also be there to ask others. */
const secureLibrary =
  /["'](?:node:)?https["'](?=[\s\S]*\bcreateServer\b)|\bcreateSecureServer\b|\bssl\.(?:SSLContext|create_default_context|wrap_socket)\b|^--(?:ssl-)?(?:key|cert)file\b/;

const longest = 200;
