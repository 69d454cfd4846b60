import type { Context } from "./define.ts";
import type { Shell } from "./shell.ts";

/** The shell of a verb whose scope is the shell: dispatch has made sure that there is one. */
export function shellOf({ shell }: Context): Shell {
  if (shell === undefined) throw new Error("dispatch lets verbs of the shell run only in the shell");
  return shell;
}
