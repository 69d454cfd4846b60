import type { Listener } from "./ports.ts";

/** By port, then address, then pid: the order in which `Ports` tells listeners. */
export function byPort(a: Listener, b: Listener): number {
  if (a.port !== b.port) return a.port - b.port;
  if (a.address !== b.address) return a.address < b.address ? -1 : 1;
  return (a.pid ?? 0) - (b.pid ?? 0);
}
