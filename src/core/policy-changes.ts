import { checkCron } from "./cron.ts";
import { TsmError } from "./errors.ts";
import type { LaunchSpec } from "./launch.ts";
import type { Oversight } from "./oversight.ts";
import type { Policy } from "./policy.ts";

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
}

/** @throws TsmError for a time that never comes, and for a service: its next restart would follow its file again. */
export async function withChanges(spec: LaunchSpec, { policy, oversight }: PolicyChanges): Promise<LaunchSpec> {
  if (spec.service !== "") {
    throw new TsmError("USAGE", `'${spec.name}' is a service, and is what its file says`, {
      hint: `Write it there: ${spec.service}`,
    });
  }
  if (typeof oversight.cron === "string") await checkCron(oversight.cron);
  return {
    ...spec,
    policy: { ...spec.policy, ...policy, oversight: { ...spec.policy.oversight, ...oversight } },
  };
}
