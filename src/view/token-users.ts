import type { TokenUser, TokenUsers } from "../core/token-users.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";
import { dayTime } from "./token-lines.ts";

/** Who used a process, and which addresses are more than one's. */
export function* tokenUserLines({ users, shared, nobodys }: TokenUsers, screen: Screen): Iterable<string> {
  const { columns, paint, terminal, cut, plain } = screen;
  if (users.length === 0) yield "No event names a user.";
  else if (terminal) yield* table(users, shown, { columns, paintFrame: paint.faint, cut, plain });
  else for (const each of users) yield shown.map(({ cell }) => sanitize(cell(each))).join("\t");
  for (const { ip, users: names } of shared)
    yield `${paint.warn("Shared IP:")} ${sanitize(ip)} has ${names.length} users`;
  if (users.length > 0 && nobodys > 0)
    yield paint.faint(`${nobodys} ${nobodys === 1 ? "event names" : "events name"} no user`);
}

const shown: Column<TokenUser>[] = [
  { title: "user", cell: ({ user }) => user, shrinkTo: 8 },
  { title: "sessions", cell: ({ sessions }) => String(sessions), align: "right" },
  { title: "events", cell: ({ events }) => String(events), align: "right", dropFirst: 2 },
  { title: "ips", cell: ({ ips }) => (ips.length === 0 ? "-" : ips.join(", ")), shrinkTo: 9, dropFirst: 1 },
  { title: "first seen", cell: ({ firstSeen }) => dayTime(firstSeen), dropFirst: 3 },
  { title: "last seen", cell: ({ lastSeen }) => dayTime(lastSeen) },
];
