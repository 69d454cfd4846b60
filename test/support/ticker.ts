import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "./home.ts";
import { processes } from "./managed.ts";
import { until } from "./until.ts";

/** The pid of the home's ticker while it lives. */
export function tickerOf(home: Home): number | undefined {
  const [pid, startMark, bootId] = text(join(home.path, "runtime/ticker.pid")).trim().split(" ");
  if (pid === undefined || startMark === undefined || bootId === undefined) return undefined;
  return processes.isAlive({ pid: Number(pid), startMark, bootId }) ? Number(pid) : undefined;
}

/** All tickers of the home that live. */
export function tickersOf(home: Home): number[] {
  return processes
    .table()
    .filter(({ name }) => name === "bash")
    .filter(({ pid }) => {
      const words = processes.commandLine(pid) ?? [];
      return words.some((word) => word.endsWith("/ticker.bash")) && words.includes(home.path);
    })
    .map(({ pid }) => pid);
}

/** Without it nothing is mended until the next command. */
export async function killTicker(home: Home): Promise<void> {
  const pid = tickerOf(home);
  if (pid === undefined) throw new Error("there is no ticker");
  process.kill(pid, "SIGKILL");
  await until("the ticker is gone", () => tickerOf(home) === undefined);
}

/** From now on nothing of the home is done by itself: its ticker lives and stands still. It goes with the home. */
export async function holdTicker(home: Home): Promise<void> {
  process.kill(await until("there is a ticker", () => tickerOf(home)), "SIGSTOP");
}

function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
