import { basename } from "node:path";
import { checkCron } from "./cron.ts";
import { TsmError } from "./errors.ts";
import type { LaunchSpec } from "./launch.ts";
import type { Oversight } from "./oversight.ts";
import type { Policy } from "./policy.ts";
import { scriptIndex } from "./program.ts";

/** What a restart changes in when a process is brought back, ended and restarted: from then on, not once. */
export interface PolicyChanges {
  readonly policy: Partial<
    Pick<
      Policy,
      | "restart"
      | "restartAsked"
      | "restartDelayMs"
      | "backoffMs"
      | "maxRestarts"
      | "stopExitCodes"
      | "killTimeoutSeconds"
    >
  >;
  readonly oversight: Partial<Pick<Oversight, "cron" | "maxMemory">>;
  /** What its program or script is given; undefined: what it was. */
  readonly args?: readonly string[] | undefined;
}

/** @throws TsmError for a time that never comes, and for a service: its next restart would follow its file again. */
export async function withChanges(spec: LaunchSpec, { policy, oversight, args }: PolicyChanges): Promise<LaunchSpec> {
  if (spec.service !== "") {
    throw new TsmError("USAGE", `'${spec.name}' is a service, and is what its file says`, {
      hint: `Write it there: ${spec.service}`,
    });
  }
  if (typeof oversight.cron === "string") await checkCron(oversight.cron);
  return {
    ...spec,
    argv: args === undefined ? spec.argv : withArguments(spec, args),
    policy: { ...spec.policy, ...policy, oversight: { ...spec.policy.oversight, ...oversight } },
  };
}

/** Behind the script, or behind a program that is none's interpreter. */
function withArguments({ name, argv, type }: LaunchSpec, args: readonly string[]): readonly string[] {
  const [program = "", ...words] = argv;
  if (type === "command") return [program, ...args];
  const at = /^(npm|npx|yarn|pnpm)$/.test(basename(program)) ? -1 : scriptIndex(type, words);
  if (at !== -1) return [program, ...words.slice(0, at + 1), ...args];
  throw new TsmError("USAGE", `it cannot be told which words of '${name}' are its arguments`, {
    hint: "Delete it, and start it with the new ones",
  });
}
