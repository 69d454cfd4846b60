import { bootKind } from "../src/command/boot-kind.ts";
import { bootPlansInPlace } from "../src/command/boot-words.ts";
import { defineCommand, flag, optional, toggle } from "../src/command/define.ts";
import { folder, text, unitName } from "../src/command/types.ts";
import type { BootChange } from "../src/core/boot-plan.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";
import { bootPlan } from "../src/integrations/boot-plan.ts";
import { madeBy } from "../src/integrations/boot-unit.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { changeLines } from "../src/view/startup.ts";

export default defineCommand({
  name: "unstartup",
  summary: "Take away what startup wrote: nothing is started at boot any more",
  details: [
    "What runs goes on, and what is saved and enabled stays so. Only what startup has written is removed; a user who was made to linger still does (loginctl disable-linger NAME).",
  ],
  effect: "changes",
  args: { kind: optional(bootKind, "Only this one; without it whatever there is") },
  flags: {
    user: flag(text("NAME"), { short: "u", summary: "That of this user; root only" }),
    hp: flag(folder, { summary: "The user's own folder, where the system says another" }),
    serviceName: flag(unitName, { summary: "What the systemd unit is called (default: tsm, or tsm-USER)" }),
    root: flag(folder, { summary: "Below this folder, as for an image" }),
    yes: toggle("Remove it without asking", "y"),
  },
  ignores: ["--wait-ip"],
  examples: ["unstartup --yes", "unstartup systemd --user deploy"],
  async run({ kind, yes, ...request }, context): Promise<Said> {
    const saved = await context.engine.saved();
    const plans = await bootPlansInPlace(kind, request, bootPlan, context);
    if (plans.length === 0) return { paths: [], changes: [] };
    const paths = plans.map(({ file }) => file?.path ?? "a line of the crontab");
    const isPermitted = yes || (await context.ask?.confirm(`Remove ${paths.join(" and ")}?`));
    if (isPermitted === undefined) return { paths, changes: undefined };
    if (!isPermitted)
      throw new TsmError("CANCELLED", "nothing was removed", { hint: "--yes removes it without asking" });
    const changes: BootChange[] = [];
    for (const plan of plans) changes.push(await saved.removeBoot(plan, madeBy, context.signal));
    return { paths, changes };
  },
  names: () => [],
  fold: wholeWords,
  *render({ paths, changes }) {
    if (paths.length === 0) yield "tsm: nothing starts it at boot";
    for (const change of changes ?? []) yield* changeLines(change);
    if (changes === undefined) for (const path of paths) yield `Removes ${path}`;
  },
  *notes({ changes }) {
    if (changes === undefined) yield "nothing was removed: --yes removes it";
  },
  exitCode: ({ changes }) => (changes === undefined ? exitCodes.usage : exitCodes.done),
});

interface Said {
  readonly paths: readonly string[];
  /** undefined: nobody could be asked. */
  readonly changes: readonly BootChange[] | undefined;
}
