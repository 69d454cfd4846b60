import { TsmError } from "./errors.ts";
import { isLive, observe } from "./observe.ts";
import type { Port } from "./port-choice.ts";
import { quoteLine } from "./quote.ts";
import { readRecords } from "./records.ts";
import { maskedArguments } from "./secrets.ts";
import { familyOf, tableOf } from "./tree.ts";
import type { World } from "./world.ts";

/** @throws TsmError PORT_TAKEN with who holds the port. Only listeners count, never clients. */
export function refuseHeldPort(world: World, port: Port): void {
  if (port === "none" || !world.platform.ports.isListening(port)) return;
  throw portTaken(world, port);
}

/** The block that names the pid and command that hold a port, and what can be done. */
export function portTaken(world: World, port: number): TsmError {
  const { processes, ports } = world.platform;
  const holder = ports.listenersOn(port).find((listener) => listener.pid !== undefined)?.pid;
  const command = holder === undefined ? undefined : processes.commandLine(holder);
  const managed = holder === undefined ? undefined : managedName(world, holder);
  const lines = [
    `🔴 Port ${port} is already in use!`,
    `   Blocking process: ${holder === undefined ? "one of another user (its PID cannot be read)" : `PID ${holder}${managed === undefined ? "" : ` (${managed})`}`}`,
    `   Command: ${command === undefined ? "unknown" : quoteLine(maskedArguments(command)).slice(0, 300)}`,
    "",
    "Solutions:",
    `   • Stop the process: ${managed !== undefined ? `tsm stop ${managed}` : holder === undefined ? "ask its owner" : `kill ${holder}`}`,
    "   • Or use a different port in your config, or --port",
    "   • Or see what listens where: tsm ports",
  ];
  return new TsmError("PORT_TAKEN", lines.join("\n"), { block: true });
}

/** The name under which we run this pid, if we do. */
export function managedName(world: World, pid: number): string | undefined {
  const { processes } = world.platform;
  const table = tableOf(processes.table());
  return readRecords(world).records.find((record) => {
    const observed = observe(record, processes);
    return (
      isLive(observed) &&
      "identity" in observed &&
      observed.identity !== undefined &&
      familyOf(observed.identity, table).some((member) => member.pid === pid)
    );
  })?.name;
}
