import { isError, kindOf, type Token } from "./token.ts";

/** Events that belong together. */
export interface Session {
  /** The id that they carry, else user:…, fingerprint:… or ip:… */
  readonly id: string;
  readonly user: string | null;
  readonly ip: string | null;
  /** Epoch milliseconds; null when nothing tells. */
  readonly start: number | null;
  readonly end: number | null;
  readonly events: number;
  readonly clicks: number;
  readonly pages: number;
  readonly errors: number;
}

/** Of a user, a fingerprint or an address a new session begins after so long a silence; one with an id is one. */
const silenceMs = 30 * 60_000;

/** The sessions of events in their order, the oldest first, each with its events. */
export function groupedBySession(
  tokens: readonly Token[],
): { readonly id: string; readonly tokens: readonly Token[] }[] {
  const all: { id: string; tokens: Token[]; last: number | null }[] = [];
  const open = new Map<string, { id: string; tokens: Token[]; last: number | null }>();
  for (const token of tokens) {
    const id = identityOf(token);
    if (id === undefined) continue;
    let current = open.get(id);
    const isOver =
      token.session === null && token.time !== null && current?.last != null && token.time - current.last > silenceMs;
    if (current === undefined || isOver) {
      current = { id, tokens: [], last: null };
      open.set(id, current);
      all.push(current);
    }
    current.tokens.push(token);
    current.last = token.time ?? current.last;
  }
  return all;
}

export function sessions(tokens: readonly Token[]): Session[] {
  return groupedBySession(tokens).map(({ id, tokens: own }) => {
    const times = own.flatMap(({ time }) => (time === null ? [] : [time]));
    const count = (kind: "click" | "page") => own.filter((token) => kindOf(token) === kind).length;
    return {
      id,
      user: own.find(({ user }) => user !== null)?.user ?? null,
      ip: own.find(({ ip }) => ip !== null)?.ip ?? null,
      start: times[0] ?? null,
      end: times.at(-1) ?? null,
      events: own.length,
      clicks: count("click"),
      pages: count("page"),
      errors: own.filter(isError).length,
    };
  });
}

function identityOf({ session, user, fingerprint, ip }: Token): string | undefined {
  if (session !== null) return session;
  if (user !== null) return `user:${user}`;
  if (fingerprint !== null) return `fingerprint:${fingerprint}`;
  return ip === null ? undefined : `ip:${ip}`;
}
