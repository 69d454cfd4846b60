import { anyNumber, defineCommand } from "../src/command/define.ts";
import { process } from "../src/command/targets.ts";
import type { ReloadedLog } from "../src/core/reload-logs.ts";
import { sanitize } from "../src/view/sanitize.ts";

export default defineCommand({
  name: "reload-logs",
  summary: "After logrotate: who writes where; stampers open their files anew",
  details: [
    "A process writes its logs itself, so nobody can make it open another file. One whose log was moved away goes on writing to the moved file until the next rotation, which takes that over: nothing is lost. With copytruncate nothing has to be done at all.",
    "Where a stamper stands between (--time, --log-date-format, --log-type json) it opens the files anew, and has done so when this comes back.",
  ],
  effect: "changes",
  args: { targets: anyNumber(process(), "Processes; none is all") },
  flags: {},
  examples: ["reload-logs", "reloadLogs api", "reload-logs 'api*' --json"],
  async run({ targets }, { engine }) {
    const records = targets.length === 0 ? engine.records() : targets;
    return (await Promise.all(records.map((record) => engine.reloadLogs(record)))).flat();
  },
  *render(logs) {
    if (logs.length === 0) yield "tsm: there are no logs";
    for (const log of logs) yield sanitize(`${log.name} ${log.stream}: ${textOf(log)}`);
  },
});

function textOf({ path, found }: ReloadedLog): string {
  switch (found) {
    case "own":
      return `writes into ${path}`;
    case "moved":
      return `${path} was moved away; it is taken over at the next rotation, until then new lines are in the moved file`;
    case "reopened":
      return `its stamper has opened ${path} anew`;
    case "resting":
      return `does not run; its next start opens ${path}`;
    case "nothing-kept":
      return "nothing is kept";
    case "unknown":
      return `not known: it may have redirected itself; its log is ${path}`;
  }
}
