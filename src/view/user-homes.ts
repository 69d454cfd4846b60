import type { UserHome } from "../core/user-homes.ts";
import { bytes } from "./bytes.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";

/** The box of `users`. */
export function userHomesTable(homes: readonly UserHome[], { columns, paint, plain }: Screen): string[] {
  const count = (value: number, problem: string | null) => (problem === null ? String(value) : "-");
  const shown: Column<UserHome>[] = [
    { title: "user", min: 8, shrinkTo: 8, cell: ({ user }) => sanitize(user), paint: paint.strong },
    { title: "online", cell: ({ online, problem }) => count(online, problem) },
    { title: "stopped", cell: ({ stopped, problem }) => count(stopped, problem) },
    {
      title: "crashed",
      cell: ({ crashed, problem }) => count(crashed, problem),
      paint: (text, { crashed }) => (crashed > 0 ? paint.bad(text) : text),
    },
    { title: "memory", cell: ({ memory }) => (memory === 0 ? "-" : bytes(memory)), dropFirst: 2 },
    { title: "home", shrinkTo: 12, cell: ({ home }) => sanitize(home), dropFirst: 1 },
  ];
  return table(homes, shown, { columns, paintFrame: paint.faint, plain });
}

export function* userHomesNotes(homes: readonly UserHome[]): Iterable<string> {
  for (const { user, home, damaged, problem } of homes) {
    if (problem !== null) yield sanitize(`${user}: ${home} was not looked into: ${problem}`);
    if (damaged > 0)
      yield sanitize(`${user}: ${damaged} ${damaged === 1 ? "record" : "records"} of ${home} cannot be read`);
  }
}
