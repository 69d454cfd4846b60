import type { Identity } from "../platform/platform.ts";
import { addressAmong } from "./outside.ts";
import { familyOf, tableOf } from "./tree.ts";
import type { Evidence } from "./why-found.ts";
import type { World } from "./world.ts";

/** It takes connections and, as far as can be known, is to speak HTTP; a request was not answered. */
export interface Silent {
  readonly port: number;
  /** So long it had for an answer. */
  readonly forMs: number;
  /** Who says that it speaks HTTP. */
  readonly speaks: Evidence;
}

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
  if (speaks === undefined) return undefined;
  const pids = new Set(familyOf(leader, tableOf(processes.table())).map(({ pid }) => pid));
  const own = ports.listenersOn(port).filter(({ pid }) => pid !== undefined && pids.has(pid));
  if (own.length === 0) return undefined;
  const host = addressAmong(own.map(({ address }) => address));
  const said = await probes.ask(host, port, request, patienceMs, signal);
  return said === "silence" ? { port, forMs: patienceMs, speaks } : undefined;
}

// Without `Host`, which is what a server of another protocol would rather take for an attack; HTTP/1.0 has none.
const request = "GET / HTTP/1.0\r\nUser-Agent: tsm\r\n\r\n";

const patienceMs = 1000;

export function speaksHttp({ probes, lines, argv, script }: Spoken, port: number): Evidence | undefined {
  const address = new RegExp(`\\bhttp://(?:localhost|127\\.[\\d.]+|0\\.0\\.0\\.0|\\[::1?\\]|\\*):${port}(?!\\d)`, "i");
  const probe = probes.find((each) => each !== null && address.test(each));
  if (probe) return { from: "record", text: `its probe is ${probe}` };
  const line = lines.findLast(({ text }) => address.test(text) || served.test(text));
  if (line !== undefined) return { from: line.stream, text: line.text.slice(0, longest) };
  if (argv.some((word) => library.test(word))) return { from: "record", text: "its command names a server of HTTP" };
  return library.test(script) ? { from: "files", text: "its script names a server of HTTP" } : undefined;
}

/** What servers of HTTP say of themselves, and of a request in their logs. */
const served = /\bServing HTTP\b|\bHTTP server\b|"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+ HTTP\/\d/i;

/** Its modules and frameworks, and not an address that it might call. */
const library =
  /["'](?:node:)?http["']|\bhttp\.server\b|\bhttp-server\b|["'](?:express|fastify|koa|hono)["']|\b(?:import|from) (?:flask|fastapi)\b|\b(?:uvicorn|gunicorn)\b/;

const longest = 200;
