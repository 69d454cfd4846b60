// What `tsm timeline` of 10,000 events takes beyond `tsm version`: node test/bench/timeline.mjs
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../dist/tsm.js", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "tsm-bench-"));
const now = Date.now();
const lines = Array.from({ length: 10_000 }, (_, n) => {
  const time = new Date(now - (10_000 - n) * 50).toISOString().replace(/\.\d+Z$/, "Z");
  const exit = { code: 3, signal: null, core: false, at: Math.floor(now / 1000), uptime: 1, by: "crash" };
  const name = `service-${n % 40}`;
  return JSON.stringify({
    time,
    event: n % 2 ? "start" : "exit",
    id: n % 40,
    name,
    pid: 1000 + n,
    run: n,
    ...(n % 2 ? {} : { exit }),
  });
});
mkdirSync(join(home, "db/events"), { recursive: true });
// All in the file of the day on which they end: a reader goes by the times of the lines.
writeFileSync(join(home, `db/events/${new Date(now).toISOString().slice(0, 10)}.jsonl`), `${lines.join("\n")}\n`);

function median(...words) {
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now();
    execFileSync(process.execPath, [program, ...words], { env: { ...process.env, TSM_HOME: home }, stdio: "ignore" });
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[7];
}

try {
  const bare = median("version");
  for (const words of [
    ["timeline", "15m"],
    ["timeline", "15m", "service-7"],
    ["events", "--since", "15m", "--json"],
  ])
    process.stdout.write(
      `${words.join(" ")}: ${(median(...words) - bare).toFixed(0)} ms beyond ${bare.toFixed(0)} ms of tsm version\n`,
    );
} finally {
  rmSync(home, { recursive: true });
}
