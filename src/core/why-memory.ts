import { basename } from "node:path";
import { sizeIn } from "./amounts.ts";
import { quoteLine } from "./quote.ts";
import { certain, type End, likely } from "./why-cause.ts";
import type { Ended } from "./why-facts.ts";
import type { Evidence } from "./why-found.ts";
import { killedSaid } from "./why-words.ts";

/** So near an end (milliseconds) a kill of the same name is taken for it where pids cannot be compared. */
const nearMs = 3000;
/** The clocks of the journal and of the kernel's log differ by what the machine slept. */
const sameMs = 60_000;

/** The kernel killed it for want of memory. */
export function memoryKill({ exit, record, now, memoryKills, groupKills, oversight, program }: Ended): End | undefined {
  if (exit.signal !== "SIGKILL" || memoryKills === undefined) return undefined;
  if (groupKills !== undefined && groupKills.kills > 0) {
    const text = `${groupKills.group}/memory.events: oom_kill ${groupKills.kills}`;
    const { maxMemory: limit } = oversight;
    const more = limit === null ? [] : [`tsm set-limits ${quoteLine([record.name])} --memory ${sizeIn(2 * limit)}`];
    return certain({ cause: "oom-killed", limit, child: null }, [{ from: "kernel", text }], more);
  }
  const agoMs = (now - exit.at) * 1000;
  const own = memoryKills.named.find((kill) => kill.pid === record.pid && Math.abs(kill.agoMs - agoMs) < sameMs);
  if (own !== undefined)
    return certain({ cause: "oom-killed", limit: null, child: null }, [
      { from: "kernel", text: `the kernel's log: ${own.text}` },
    ]);
  if (memoryKills.isOurs) return undefined;
  const name = basename(program.path).slice(0, 15);
  const near = memoryKills.named.find((kill) => kill.name === name && Math.abs(kill.agoMs - agoMs) < nearMs);
  if (near === undefined) return undefined;
  return likely({ cause: "oom-killed", limit: null, child: null }, [
    { from: "kernel", text: `the kernel's log, of another PID at that time: ${near.text}` },
  ]);
}

/** Its shell has said whom it saw killed, and the kernel says why. */
export function childKilled({ exit, said, memoryKills, now }: Ended): End | undefined {
  if (exit.code === null || exit.code === 0 || memoryKills === undefined) return undefined;
  const agoMs = (now - exit.at) * 1000;
  for (const line of said.lines.slice(-childLines).reverse()) {
    const pid = Number(killedSaid.exec(line)?.[1]);
    const kill = memoryKills.named.find((each) => each.pid === pid && Math.abs(each.agoMs - agoMs) < sameMs);
    if (kill === undefined) continue;
    const cause = { cause: "oom-killed", limit: null, child: { pid, name: kill.name } } as const;
    const evidence: Evidence[] = [
      { from: "kernel", text: `the kernel's log: ${kill.text}` },
      { from: said.stream, text: line.trim().slice(0, 300) },
    ];
    // Another code than that of a shell whose program was killed may mean something else.
    return exit.code === 137 ? certain(cause, evidence) : likely(cause, evidence);
  }
  return undefined;
}

const childLines = 25;

/** Nothing names it as killed for want of memory. Would somebody, if it had been? */
export function memoryNews({ memoryKills, exit, now }: Ended): {
  readonly oom: "no" | "not known";
  readonly text: string;
} {
  const { total, knownForMs = 0 } = memoryKills ?? {};
  if (total === 0)
    return { oom: "no", text: "its out-of-memory killer has killed nobody since the machine was started" };
  if (knownForMs > (now - exit.at) * 1000)
    return { oom: "no", text: "its log names no out-of-memory kill of this process" };
  const text =
    total === undefined
      ? "it tells nobody here whether it killed for want of memory"
      : `it has killed for want of memory since the machine was started (${total}), and its log of that time cannot be read`;
  return { oom: "not known", text };
}
