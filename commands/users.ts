import { type Context, defineCommand, optional } from "../src/command/define.ts";
import { process } from "../src/command/targets.ts";
import { tokenArgs, tokenDetails, tokenFlags, tokensAsked } from "../src/command/token-asked.ts";
import { TsmError } from "../src/core/errors.ts";
import { type TokenUsers, tokenUsers } from "../src/core/token-users.ts";
import type { UserHome } from "../src/core/user-homes.ts";
import { tokenUserLines } from "../src/view/token-users.ts";
import { userHomesNotes, userHomesTable } from "../src/view/user-homes.ts";

export default defineCommand({
  name: "users",
  summary: "Who has a home of tsm on this machine; or who used a process",
  details: [
    "Alone: the home of each user in ~/tetra/tsm, as root; anybody else sees the own one. Nothing is changed in them, nothing of them is run, and links that lead out of them are not followed. A process counts as online when its pid and start time are still those of its record.",
    `With a process: its events by user, and addresses that several share. ${tokenDetails} An event that names no user is its session's, where that is one user's alone.`,
  ],
  effect: "reads",
  args: { ...tokenArgs, process: optional(process(), "Whose events") },
  flags: tokenFlags,
  examples: ["users", "users --json", "users api", "users api --since 1h", "users api --field user=ctx.uid --json"],
  async run({ process: record, ...values }, context): Promise<Users> {
    if (record !== undefined) {
      const { tokens, notes } = await tokensAsked({ ...values, process: record }, context);
      return { ...tokenUsers(tokens), notes };
    }
    if (values.since !== undefined || values.until !== undefined || values.fields !== "")
      throw new TsmError("USAGE", "--since, --until and --fields are for the events of a process", {
        hint: "tsm users api --since 1h",
      });
    return await homesOfMachine(context);
  },
  names: () => [],
  json: (found) => {
    if ("homes" in found) return found.homes;
    const { notes: _, ...report } = found;
    return report;
  },
  render: (found, screen) => ("homes" in found ? userHomesTable(found.homes, screen) : tokenUserLines(found, screen)),
  *notes(found) {
    if (!("homes" in found)) return yield* found.notes;
    yield* userHomesNotes(found.homes);
    if (!found.seesAll) yield "only root sees the homes of other users";
  },
});

type Users = HomesOfMachine | (TokenUsers & { readonly notes: readonly string[] });

interface HomesOfMachine {
  readonly homes: readonly UserHome[];
  readonly seesAll: boolean;
}

async function homesOfMachine({ engine }: Context): Promise<HomesOfMachine> {
  const { isRoot } = await engine.outside();
  return { homes: await engine.userHomes(), seesAll: isRoot };
}
