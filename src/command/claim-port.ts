import { TsmError } from "../core/errors.ts";
import type { Ended, Holder } from "../core/port-holders.ts";
import type { Receipt } from "../core/receipt.ts";
import type { Context } from "./define.ts";

/** What became of those who listened on a port. */
export interface Claimed {
  readonly port: number;
  /** Nobody listens there any more. */
  readonly free: boolean;
  readonly stopped: readonly Receipt[];
  readonly ended: readonly Ended[];
  /** Who listens now. */
  readonly left: readonly Holder[];
}

/**
 * Ends who listens on the port: a process of this home is stopped as ever, anybody else only by force. Clients are never
 * touched.
 * @param again the command that does it, for hints
 * @param agree asks, and throws when the answer is no
 */
export async function claimPort(
  port: number,
  { force, again }: { readonly force: boolean; readonly again: string },
  agree: (question: string) => Promise<void>,
  { engine, signal, undoable }: Context,
): Promise<Claimed> {
  const ports = await engine.ports();
  const found = ports.who(port);
  if (found.length === 0) return { port, free: true, stopped: [], ended: [], left: [] };
  const names = new Set(found.flatMap(({ owner, process }) => (owner === "managed" ? (process ?? []) : [])));
  const managed = engine.records().filter(({ name }) => names.has(name));
  const strangers = found.filter(({ owner }) => owner !== "managed");
  const unseen = strangers.find(({ pid }) => pid === null);
  if (unseen !== undefined) {
    throw new TsmError("SIGNAL_FAILED", `port ${port} is held by another user's process, which cannot be ended`, {
      hint: `sudo tsm ${again} ${port} --force, if you may`,
    });
  }
  const [stranger] = strangers;
  if (stranger !== undefined && !force) {
    throw new TsmError("PORT_TAKEN", `port ${port} is held by a stranger: ${described(stranger)}`, {
      hint: `tsm ${again} ${port} --force ends it all the same`,
    });
  }
  const all = [...managed.map(({ name }) => `stop '${name}'`), ...strangers.map((each) => `end ${described(each)}`)];
  const question = all.join(" and ");
  await agree(`${question.charAt(0).toUpperCase()}${question.slice(1)}?`);
  const options = { timeoutSeconds: undefined, hard: false, event: "stop" } as const;
  const stopped =
    managed.length === 0
      ? []
      : await undoable("stop", managed, () =>
          Promise.all(managed.map((record) => engine.stop(record, options, signal))),
        );
  const pids = strangers.flatMap(({ pid }) => pid ?? []);
  const ended = pids.length === 0 ? [] : await ports.end([...new Set(pids)], signal);
  // The kernel frees a port with the last process that holds it.
  let left: readonly Holder[] = ports.who(port);
  for (let look = 0; left.length > 0 && look < 20; look += 1) {
    await engine.pause(25, signal);
    left = ports.who(port);
  }
  return { port, free: left.length === 0, stopped, ended, left };
}

function described({ pid, command, owner, process, home }: Holder): string {
  const what = command === "" ? "" : ` (${command.slice(0, 120)})`;
  const whose =
    owner === "other-home"
      ? `, '${process}' of the home ${home}`
      : owner === "orphan"
        ? `, left behind by '${process}'`
        : "";
  return `PID ${pid}${what}${whose}`;
}
