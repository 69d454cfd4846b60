import type { Identity } from "../platform/platform.ts";
import { processPaths } from "./home.ts";
import type { World } from "./world.ts";

/** Who puts the time before a process's lines; undefined when nobody does now. */
export function stamperOf({ platform: { files, processes }, home }: World, name: string): Identity | undefined {
  const [pid, startMark] = (files.readText(processPaths(home, name).stamper) ?? "").trim().split(" ");
  if (pid === undefined || startMark === undefined || !/^\d+$/.test(pid)) return undefined;
  const identity = { pid: Number(pid), startMark, bootId: processes.bootId() };
  return processes.isAlive(identity) ? identity : undefined;
}
