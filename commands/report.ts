import { bootPlansInPlace } from "../src/command/boot-words.ts";
import { defineCommand } from "../src/command/define.ts";
import { version } from "../src/command/version.ts";
import { bootPlan } from "../src/integrations/boot-plan.ts";
import { reportLines } from "../src/view/doctor.ts";

export default defineCommand({
  name: "report",
  summary: "All that doctor sees, to send to somebody; secrets masked: doctor report",
  effect: "reads",
  args: {},
  flags: {},
  examples: ["report"],
  async run(_values, context) {
    const own = { user: undefined, root: undefined };
    const doctor = await context.engine.doctor(() => bootPlansInPlace(undefined, own, bootPlan, context));
    return await doctor.report(version);
  },
  render: (report) => reportLines(report),
});
