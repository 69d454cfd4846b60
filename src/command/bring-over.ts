import { TsmError } from "../core/errors.ts";
import { isEmpty } from "../core/migration.ts";
import type { Screen } from "../view/screen.ts";
import type { Door, House } from "./door.ts";
import { explainSystemError } from "./failure.ts";
import { findVerb } from "./registry.ts";

/**
 * Before a command that opens a home in which an older TSM has left something: it is brought over, and what was done is
 * said on stderr, in the words of `migrate`. Where that cannot be, the command goes on without; the next one tries again.
 */
export async function bringOver(house: House, door: Door, screen: Screen): Promise<void> {
  const { fit } = house.look(door.plain === true);
  try {
    const done = await house.engine.migrate({ dryRun: false }, door.signal);
    if (isEmpty(done)) return;
    const verb = await findVerb(house.registry, "migrate")?.load();
    // What its own `run` gives, without the flag.
    for (const line of verb?.render?.({ ...done, dryRun: false } as never, screen) ?? []) {
      door.writeError(fit(`${house.printable(String(line))}\n`));
    }
  } catch (error) {
    const known = error instanceof TsmError ? error : explainSystemError(error, house.engine.home.root);
    if (door.signal.aborted || known === undefined) throw error;
    const why = house.printable(known.message);
    door.writeError(fit(`tsm: what an older TSM has left here could not be brought over: ${why}\n`));
  }
}
