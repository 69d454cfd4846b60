import { basename } from "node:path";
import { TsmError } from "./errors.ts";
import { listens } from "./listening.ts";
import type { Port } from "./port-choice.ts";
import { lookForOwners } from "./port-owners.ts";
import type { ProcessRecord } from "./process.ts";
import { quoteLine, quoteWord } from "./quote.ts";
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

/**
 * The same where the port stays as it is: whoever holds it that is no part of this process would keep it from coming back.
 * @throws TsmError PORT_TAKEN
 */
export function refuseLostPort(world: World, record: ProcessRecord, mayMove: boolean): void {
  const { port, name } = record;
  const { ports, processes } = world.platform;
  if (port === "none" || !ports.isListening(port) || listens(world, record, port, false)) return;
  const holder = ports.listenersOn(port).find(({ pid }) => pid !== undefined)?.pid;
  // One that nobody can see may well be let in by this process, and so is a container's doorman.
  if (holder === undefined || doormen.includes(basename(processes.commandLine(holder)?.[0] ?? ""))) return;
  refusePortOfOthers(world, name, port, mayMove);
}

/** They listen for whoever has asked them to, and stop when that ends. */
const doormen: readonly string[] = ["docker-proxy", "dockerd", "rootlessport", "systemd"];

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
    `   • Stop the process: ${managed !== undefined ? `tsm stop ${quoteWord(managed)}` : holder === undefined ? "ask its owner" : `kill ${holder}`}`,
    "   • Or use a different port in your config, or --port",
    `   • Or see who it is: tsm doctor port ${port}`,
  ];
  return new TsmError("PORT_TAKEN", lines.join("\n"), { block: true });
}
