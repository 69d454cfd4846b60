import { defineCommand } from "../src/command/define.ts";
import { tokenArgs, tokenDetails, tokenFlags, tokensAsked } from "../src/command/token-asked.ts";
import { tokenUsers } from "../src/core/token-users.ts";
import { tokenUserLines } from "../src/view/token-users.ts";

export default defineCommand({
  name: "users",
  summary: "Who used a process: its events by user, and addresses that several share",
  details: [tokenDetails, "An event that names no user is its session's, where that is one user's alone."],
  effect: "reads",
  args: tokenArgs,
  flags: tokenFlags,
  examples: ["users api", "users api --since 1h", "users api --field user=ctx.uid --json"],
  async run(values, context) {
    const { tokens, notes } = await tokensAsked(values, context);
    return { ...tokenUsers(tokens), notes };
  },
  json: ({ notes: _, ...report }) => report,
  names: () => [],
  render: tokenUserLines,
  notes: ({ notes }) => notes,
});
