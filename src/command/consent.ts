import { TsmError } from "../core/errors.ts";
import type { Context } from "./define.ts";

/**
 * Asks before something is done that cannot be taken back lightly.
 * @param given the person has said yes already
 * @throws TsmError when the answer is no, and where nobody can be asked
 */
export async function consent(
  question: string,
  { given, asks }: { readonly given: boolean; readonly asks: string },
  { ask }: Context,
): Promise<void> {
  if (given) return;
  if (ask === undefined)
    throw new TsmError("USAGE", `${asks} asks first, and nobody can be asked here`, {
      hint: `--yes says yes to: ${question}`,
    });
  if (!(await ask.confirm(question))) throw new TsmError("CANCELLED", "nothing was done");
}
