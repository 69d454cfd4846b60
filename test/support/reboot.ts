import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "./home.ts";
import { processes, runners, services } from "./managed.ts";
import { editMeta } from "./record.ts";
import { tickerOf } from "./ticker.ts";
import { until } from "./until.ts";

/** What records say of a boot that is over. */
const earlier = "00000000-0000-4000-8000-000000000000";

/** The power is cut: all of it gone without a word, and another boot. @returns what ran. */
export function reboot(home: Home, names: readonly string[]): number[] {
  const old = services(home).map(({ pid }) => pid);
  const ticker = tickerOf(home);
  for (const pid of [ticker, ...runners(home).map((each) => each.pid), ...old])
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  forgetBoot(home, names);
  return old;
}

/** The machine is shut down in order: whoever lives gets TERM, runners too. */
export async function shutDown(home: Home, names: readonly string[]): Promise<void> {
  const ticker = tickerOf(home);
  for (const { pid } of [...runners(home), ...services(home)]) askToEnd(pid);
  if (ticker !== undefined) askToEnd(ticker);
  await until("nothing is left", () => {
    const left = [...home.processes().map(({ pid, command }) => `${pid} ${command}`), tickerOf(home) ?? []].flat();
    if (left.length > 0) throw new Error(`still there: ${left.join("; ")}`);
    return true;
  });
  forgetBoot(home, names);
}

/** What a runner has ended by then is gone. */
function askToEnd(pid: number): void {
  const identity = processes.identify(pid);
  if (identity !== undefined) processes.signal(identity, "SIGTERM");
}

function forgetBoot(home: Home, names: readonly string[]): void {
  for (const name of names) editMeta(home, name, { boot_id: earlier });
  const path = join(home.path, "runtime/ticker.pid");
  writeFileSync(path, readFileSync(path, "utf8").replace(/ \S+\n$/, ` ${earlier}\n`));
}
