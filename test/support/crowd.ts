import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "./home.ts";
import { tsm } from "./tsm.ts";

/** So many processes on record, `p0` to `pN`: all of them are the one `sleep` that runs. */
export async function crowd(home: Home, count: number): Promise<void> {
  await tsm(home, ["start", "--name", "p0", "--settle", "0", "sleep", "1000"]);
  const folder = join(home.path, "runtime/processes");
  const first = readFileSync(join(folder, "p0/meta.json"), "utf8");
  for (let id = 1; id < count; id++) {
    mkdirSync(join(folder, `p${id}/launch`), { recursive: true });
    const record = first.replace('"tsm_id": 0', `"tsm_id": ${id}`).replace('"name": "p0"', `"name": "p${id}"`);
    writeFileSync(join(folder, `p${id}/meta.json`), record);
  }
}

/** The line that the runner puts on record when a process of the crowd crashes. */
export function crashLine(id: number): string {
  const exit = { code: 3, signal: null, core: false, at: 1, uptime: 1, by: "crash" };
  return `${JSON.stringify({ time: "2026-01-01T00:00:00Z", event: "exit", id, name: `p${id}`, exit })}\n`;
}
