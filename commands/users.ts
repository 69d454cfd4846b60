import { type Context, defineCommand } from "../src/command/define.ts";
import type { UserHome } from "../src/core/user-homes.ts";
import { userHomesNotes, userHomesTable } from "../src/view/user-homes.ts";

export default defineCommand({
  name: "users",
  summary: "Who has a home of tsm on this machine, and what runs there",
  details: [
    "The home of each user in ~/tetra/tsm, as root; anybody else sees the own one. Nothing is changed in them, nothing of them is run, and links that lead out of them are not followed. A process counts as online when its pid and start time are still those of its record.",
  ],
  effect: "reads",
  args: {},
  flags: {},
  examples: ["users", "users --json"],
  run: (_values, context) => homesOfMachine(context),
  names: () => [],
  json: ({ homes }) => homes,
  render: ({ homes }, screen) => userHomesTable(homes, screen),
  *notes({ homes, seesAll }) {
    yield* userHomesNotes(homes);
    if (!seesAll) yield "only root sees the homes of other users";
  },
});

interface HomesOfMachine {
  readonly homes: readonly UserHome[];
  readonly seesAll: boolean;
}

async function homesOfMachine({ engine }: Context): Promise<HomesOfMachine> {
  const { isRoot } = await engine.outside();
  return { homes: await engine.userHomes(), seesAll: isRoot };
}
