// @ts-check
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { script } from "./house.mjs";

/** @typedef {import("./house.mjs").House} House */

/**
 * So many processes on record, every second one online: all of these are the one `sleep` that runs. For what is measured
 * of the shell each is read, checked and shown like any other.
 * @param {House} house
 * @param {number} count
 */
export function crowd(house, count) {
  script(house, ["start --name service-0 --settle 0 -- sleep 86400"]);
  const folder = join(house.home, "runtime/processes");
  const first = JSON.parse(readFileSync(join(folder, "service-0/meta.json"), "utf8"));
  for (let id = 1; id < count; id += 1) {
    const name = `service-${id}`;
    mkdirSync(join(folder, name, "launch"), { recursive: true });
    const record = { ...first, tsm_id: id, name, status: id % 2 === 0 ? "online" : "stopped" };
    writeFileSync(join(folder, name, "meta.json"), `${JSON.stringify(record, null, 2)}\n`);
  }
}

/** As many lines of history, no two alike. @param {House} house @param {number} lines */
export function past(house, lines) {
  mkdirSync(join(house.home, "config"), { recursive: true });
  writeFileSync(join(house.home, "config/settings.json"), JSON.stringify({ historySize: lines }));
  const typed = Array.from(
    { length: lines },
    (_, index) => `#${1_700_000_000 + index}\nlogs service-${index % 2000} --lines ${index}\n`,
  );
  writeFileSync(join(house.home, "repl_history"), typed.join(""));
}
