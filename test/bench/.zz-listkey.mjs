import { setTimeout as sleep } from "node:timers/promises";
import { openPty } from "./pty.mjs";

const house = { folder: "/tmp", env: { ...process.env, TSM_HOME: "/tmp/idle-home", TERM: "xterm-256color" } };
delete house.env.NODE_EXTRA_CA_CERTS;
const prof = process.argv[3] ? ["--cpu-prof", "--cpu-prof-dir=/tmp/prof", "--cpu-prof-interval", "100"] : [];
const shell = openPty(house, [...prof, process.argv[2] ?? "/work/main/dist/tsm.js", "repl"]);
await shell.until((t) => t.includes(" › "));
await sleep(1500);
const ms = [],
  cpu = [];
for (let run = 0; run < 60; run++) {
  for (const l of "list") await shell.press(l);
  const r = await shell.press("\r", (t) => /└[\s\S]* › /.test(t));
  if (run >= 5) {
    ms.push(r.ms);
    cpu.push(r.processorMs);
  }
}
const med = (a) => a.sort((x, y) => x - y)[a.length >> 1].toFixed(1);
console.log("wall p50", med(ms), "min", ms[0].toFixed(1), "cpu p50", med(cpu), "min", cpu[0].toFixed(1));
if (prof.length) {
  shell.write("\x04");
  await shell.over;
} else await shell.end();
