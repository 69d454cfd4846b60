import { seconds } from "../src/command/amount-types.ts";
import { defineCommand, flag, one } from "../src/command/define.ts";
import { waitCondition } from "../src/command/port-types.ts";
import { process } from "../src/command/targets.ts";
import { shortTime } from "../src/view/duration.ts";

export default defineCommand({
  name: "wait",
  summary: "Wait until a process is online, has stopped, or listens on a port",
  details: [
    "The exit code is 0 as soon as it is so, and 1 when the time is up or when it can no longer come true: a process that has crashed and that nobody brings back will not be online. One that crashes has not stopped. A port may be any that its tree listens on.",
  ],
  effect: "reads",
  args: { target: one(process(), "The process"), condition: one(waitCondition, "What is waited for") },
  flags: { timeout: flag(seconds, { summary: "How long at most (default: until Ctrl-C)" }) },
  examples: ["wait api online", "wait api port:3000 --timeout 30s", "wait job stopped"],
  run: ({ target, condition, timeout }, { engine, signal }) =>
    engine.waitFor(target, condition, timeout === undefined ? undefined : timeout * 1000, signal),
  *render({ name, status, waitedMs }) {
    yield `tsm: '${name}' is ${status} (${shortTime(waitedMs)})`;
  },
});
