import type { ShellOptions } from "../command/shell.ts";
import { wantsPlain } from "../view/look.ts";
import type { ReplDeps } from "./deps.ts";
import { runSession } from "./session.ts";

/**
 * Opens the shell: at a terminal a person's, with its own line editor or, where nothing can be painted, with lines of
 * words; on a pipe and with `-c` a reader of scripts. Resolves with the exit code.
 */
export async function startRepl(deps: ReplDeps, options: ShellOptions): Promise<number> {
  const atTerminal = deps.stdin.isTTY === true && deps.stdout.isTTY === true;
  if (options.script !== undefined || !atTerminal) {
    const { runScript } = await import("./script.ts");
    return runScript(deps, options);
  }
  return runSession(deps, options.plain || wantsPlain(deps.settings().plain, deps.env));
}
