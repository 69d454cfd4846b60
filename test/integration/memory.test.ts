import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { readMeta } from "../support/record.ts";
import { residents, seenOf } from "../support/resident.ts";
import { script } from "../support/scripts.ts";
import { tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** Its child takes 300 MB, the first time; the leader is a small shell. */
const tree = "eater=0; [ -e was ] || eater=300; : >was; node eat.cjs $eater & wait\n";
const eat = "const held = Buffer.alloc(Number(process.argv[2]) * 1e6, 1); setInterval(() => held.length, 60000);\n";

test("a tree that takes more than it may is restarted, and one that does not is left alone", async () => {
  const home = makeHome();
  script(home, "tree.sh", tree);
  script(home, "eat.cjs", eat);
  const words = ["start", "--name", "it", "--settle", "0", "--max-memory", "200M"];
  expect(await tsm(home, [...words, "--", "bash", "tree.sh"])).toMatchObject({ code: 0, stderr: "" });
  const { why } = await until("it has been restarted", () => seenOf(home, "it").restarted);
  expect(why).toMatch(/^it used \d{3} MB of memory, 200M \(210 MB\) are allowed$/);
  expect(readMeta(home, "it")).toMatchObject({ restarts: 1, status: "online", last_exit: { by: "memory" } });
  await until("it has been weighed again", () => (seenOf(home, "it").memory?.bytes ?? Infinity) < 200e6);
  expect(readMeta(home, "it")["restarts"]).toBe(1);
  expect((await tsm(home, ["info", "it"])).stdout).toMatch(/^max memory +200M = 210 MB \(\d.* MB at \d{4}-/m);
  await tsm(home, ["delete", "it"]);
  await until("no patrol is resident", () => residents(home).length === 0);
});
