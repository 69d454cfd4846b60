import type { ShellOptions } from "../command/define.ts";
import type { ReplDeps } from "./deps.ts";
import { runSession } from "./session.ts";

/**
 * Opens the shell: at a terminal a person's, with its own line editor; on a pipe, with `-c` and on a terminal that
 * can do nothing, a reader of scripts. Resolves with the exit code.
 */
export async function startRepl(deps: ReplDeps, options: ShellOptions): Promise<number> {
  const atTerminal = deps.stdin.isTTY === true && deps.stdout.isTTY === true && deps.env["TERM"] !== "dumb";
  if (options.script !== undefined || !atTerminal) {
    const { runScript } = await import("./script.ts");
    return runScript(deps, options);
  }
  return runSession(deps);
}
