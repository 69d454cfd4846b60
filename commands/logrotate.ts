import { defineCommand } from "../src/command/define.ts";

/** What decides when a log becomes an archive, and for how long that stays. */
const policy = ["logMaxSize", "logMaxAge", "logKeep", "logCompress", "diskFloor"] as const;

export default defineCommand({
  name: "logrotate",
  summary: "When logs become archives, and how many stay; it needs no setting up",
  details: [
    "Logs are rotated by themselves, without a lost line. set logMaxSize 50M changes what holds for all, start --log-max-size for one process, rotate does it now. Files that you have named with --output are rotated too, unless start said --log-max-size 0.",
  ],
  effect: "reads",
  args: {},
  flags: {},
  examples: ["logrotate"],
  run: async (_values, { engine }) =>
    (await engine.listSettings()).filter(({ name }) => policy.some((each) => each === name)),
  *render(settings) {
    for (const { name, value } of settings) yield `${name.padEnd(12)} ${String(value)}`;
    yield "tsm: tsm set NAME VALUE changes it";
  },
});
