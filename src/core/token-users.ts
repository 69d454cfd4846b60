import type { Token } from "./token.ts";
import { groupedBySession } from "./token-sessions.ts";

/** Somebody whom events name. */
export interface TokenUser {
  readonly user: string;
  readonly events: number;
  readonly sessions: number;
  /** In the order they were met. */
  readonly ips: readonly string[];
  readonly fingerprints: readonly string[];
  /** Epoch milliseconds; null when nothing tells. */
  readonly firstSeen: number | null;
  readonly lastSeen: number | null;
}

/** What several users have come from. */
export interface SharedAddress {
  readonly ip: string;
  readonly users: readonly string[];
}

export interface TokenUsers {
  /** Who was seen last comes first. */
  readonly users: readonly TokenUser[];
  readonly shared: readonly SharedAddress[];
  /** Events of which nothing tells whose they are. */
  readonly nobodys: number;
}

/** Who they are by their events. One that names nobody is its session's, where that is one user's alone. */
export function tokenUsers(tokens: readonly Token[]): TokenUsers {
  const found = new Map<string, Seen>();
  let nobodys = 0;
  for (const { tokens: own } of groupedBySession(tokens)) {
    const named = new Set(own.flatMap(({ user }) => (user === null ? [] : [user])));
    const [only] = named.size === 1 ? named : [];
    for (const token of own) {
      const user = token.user ?? only;
      if (user === undefined) nobodys += 1;
      else note(found, user, token, own);
    }
  }
  nobodys += tokens.filter(isWithoutIdentity).length;
  const users = [...found]
    .map(([user, { events, sessions, ips, fingerprints, times }]) => ({
      user,
      events,
      sessions: sessions.size,
      ips: [...ips],
      fingerprints: [...fingerprints],
      firstSeen: times?.first ?? null,
      lastSeen: times?.last ?? null,
    }))
    .sort((a, b) => (b.lastSeen ?? 0) - (a.lastSeen ?? 0) || (a.user < b.user ? -1 : 1));
  return { users, shared: sharedBy(users), nobodys };
}

interface Seen {
  events: number;
  readonly sessions: Set<unknown>;
  readonly ips: Set<string>;
  readonly fingerprints: Set<string>;
  times: { first: number; last: number } | undefined;
}

function note(found: Map<string, Seen>, user: string, { ip, fingerprint, time }: Token, session: unknown): void {
  const seen = found.get(user) ?? {
    events: 0,
    sessions: new Set(),
    ips: new Set(),
    fingerprints: new Set(),
    times: undefined,
  };
  found.set(user, seen);
  seen.events += 1;
  seen.sessions.add(session);
  if (ip !== null) seen.ips.add(ip);
  if (fingerprint !== null) seen.fingerprints.add(fingerprint);
  if (time !== null)
    seen.times = { first: Math.min(time, seen.times?.first ?? time), last: Math.max(time, seen.times?.last ?? time) };
}

function isWithoutIdentity({ session, user, fingerprint, ip }: Token): boolean {
  return session === null && user === null && fingerprint === null && ip === null;
}

/** The address of most users first. */
function sharedBy(users: readonly TokenUser[]): SharedAddress[] {
  const byAddress = new Map<string, string[]>();
  for (const { user, ips } of users) for (const ip of ips) byAddress.set(ip, [...(byAddress.get(ip) ?? []), user]);
  return [...byAddress]
    .map(([ip, names]) => ({ ip, users: names.sort() }))
    .filter(({ users: names }) => names.length > 1)
    .sort((a, b) => b.users.length - a.users.length || (a.ip < b.ip ? -1 : 1));
}
