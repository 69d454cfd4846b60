import { TsmError } from "./errors.ts";
import type { Port } from "./port-choice.ts";
import { lookForOwners } from "./port-owners.ts";
import { quoteLine } from "./quote.ts";
import { maskedArguments } from "./secrets.ts";
import type { World } from "./world.ts";

/** @throws TsmError PORT_TAKEN with who holds the port. Only listeners count, never clients. */
export function refuseHeldPort(world: World, port: Port): void {
  if (port === "none" || !world.platform.ports.isListening(port)) return;
  throw portTaken(world, port);
}

/**
 * For what is to be ended and begin again on this port: what would hold it then is found while it still runs.
 * @param mayMove may another process of this home leave the port before?
 * @throws TsmError PORT_TAKEN
 */
export function refusePortOfOthers(world: World, name: string, port: Port, mayMove: boolean): void {
  if (port === "none" || !world.platform.ports.isListening(port)) return;
  const holder = world.platform.ports.listenersOn(port).find((listener) => listener.pid !== undefined)?.pid;
  const owner = holder === undefined ? undefined : lookForOwners(world).of(holder);
  if (owner?.kind === "managed" && (mayMove || owner.record.name === name)) return;
  throw portTaken(world, port);
}

/** The block that names the pid and command that hold a port, and what can be done. */
export function portTaken(world: World, port: number): TsmError {
  const { processes, ports } = world.platform;
  const holder = ports.listenersOn(port).find((listener) => listener.pid !== undefined)?.pid;
  const command = holder === undefined ? undefined : processes.commandLine(holder);
  const owner = holder === undefined ? undefined : lookForOwners(world).of(holder);
  const managed = owner?.kind === "managed" ? owner.record.name : undefined;
  const lines = [
    `🔴 Port ${port} is already in use!`,
    `   Blocking process: ${holder === undefined ? "one of another user (its PID cannot be read)" : `PID ${holder}${managed === undefined ? "" : ` (${managed})`}`}`,
    `   Command: ${command === undefined ? "unknown" : quoteLine(maskedArguments(command)).slice(0, 300)}`,
    "",
    "Solutions:",
    `   • Stop the process: ${managed !== undefined ? `tsm stop ${managed}` : holder === undefined ? "ask its owner" : `kill ${holder}`}`,
    "   • Or use a different port in your config, or --port",
    `   • Or see who it is: tsm doctor port ${port}`,
  ];
  return new TsmError("PORT_TAKEN", lines.join("\n"), { block: true });
}
