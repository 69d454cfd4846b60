// @ts-check
// `npm run pictures`: docs/pictures/NAME.svg, made from what the real shell shows. `npm run pictures -- crash` makes one.
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { program, root } from "./layout.mjs";
import { scenes } from "./pictures/scenes.mjs";
import { openStage } from "./pictures/stage.mjs";
import { svgOf } from "./pictures/svg.mjs";

export const pictures = join(root, "docs/pictures");

// A path that says nothing of the machine: it can be seen in what processes are called.
const demo = "/tmp/demo";
const folder = join(demo, "shop");
const home = join(demo, "tsm");

/** @type {Record<string, string>} */
const env = {
  PATH: process.env["PATH"] ?? "",
  HOME: demo,
  TSM_HOME: home,
  LANG: "C.UTF-8",
  TERM: "xterm-256color",
  // The pictures are dark.
  COLORFGBG: "15;0",
};

/** A server that answers with a line. @param {string} says */
const server = (says) => `import { createServer } from "node:http";
createServer((_, response) => response.end("${says}\\n")).listen(process.env.PORT);
`;

const files = {
  "server.mjs": server("hello from the shop"),
  "search.mjs": server("nothing found"),
  "worker.sh": '#!/bin/bash\nfor ((n = 1; ; n++)); do echo "order $n packed"; sleep 1; done\n',
  "mailer.sh":
    '#!/bin/bash\nwhile [ ! -e outage ]; do sleep 0.1; done\nrm outage\necho "cannot reach smtp.example.com: timed out" >&2\nexit 3\n',
  "import.sh": '#!/bin/bash\necho "no such table: orders" >&2\nexit 1\n',
  "report.sh": "#!/bin/bash\nsleep 86400\n",
};

const started = [
  ["start", "--name", "shop-server", "--port", "4310", "--", "node", "server.mjs"],
  ["start", "--name", "shop-search", "--port", "4311", "--", "node", "search.mjs"],
  ["start", "./worker.sh"],
  ["start", "./mailer.sh"],
  ["start", "--restart", "no", "./import.sh"],
  ["start", "./report.sh"],
  ["stop", "report"],
];

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2));

/** @param {readonly string[]} names */
async function main(names) {
  mkdirSync(demo); // Somebody else's is left alone.
  try {
    mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o755 });
    for (const words of started) tsm(words);
    writePast();
    mkdirSync(pictures, { recursive: true });
    for (const scene of scenes) if (names.length === 0 || names.includes(scene.name)) await take(scene);
  } finally {
    tsm(["delete", "*", "--yes"]);
    rmSync(demo, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Samples of an hour, as passes would have written them: the home of the pictures is a minute old. */
function writePast() {
  const folder = join(home, "db/metrics");
  mkdirSync(folder, { recursive: true });
  const now = Math.floor(Date.now() / 1000);
  /** @type {readonly ((minute: number) => readonly [tenths: number, kib: number])[]} */
  const uses = [
    (minute) => [Math.round(250 + 200 * Math.sin(minute / 4) + (minute % 3) * 30), 60_000 + minute * 350],
    (minute) => [minute % 15 < 4 ? 640 : 35, 52_000 + (minute % 15) * 900],
    (minute) => [8 + (minute % 2), 4000],
    (minute) => [minute % 20 === 0 ? 60 : 2, 3900],
  ];
  for (let ago = 60; ago > 0; ago--) {
    const at = now - ago * 60;
    const parts = uses.map((use, id) => [id, ...use(60 - ago)].join(":"));
    const names = '{"0":"shop-server-4310","1":"shop-search-4311","2":"worker","3":"mailer"}';
    const day = new Date(at * 1000).toISOString().slice(0, 10);
    appendFileSync(join(folder, `${day}.samples`), `\nnames ${names}\n${at} ${parts.join(" ")} ;\n`);
  }
}

/** @param {import("./pictures/scenes.mjs").Scene} scene */
async function take({ name, title, columns = 80, rows = 24, steps }) {
  process.stdout.write(`picture: ${name}\n`);
  const stage = openStage([process.execPath, program, "repl"], { columns, rows, folder, env });
  try {
    await stage.shows(/›$/);
    for (const step of steps) {
      if ("type" in step) stage.type(step.type);
      else if ("key" in step) stage.key(step.key);
      else if ("shows" in step) await stage.shows(step.shows);
      else writeFileSync(join(folder, step.write), "");
    }
    writeFileSync(join(pictures, `${name}.svg`), svgOf({ title, ...stage.shot() }));
  } finally {
    await stage.end();
  }
}

/** @param {readonly string[]} words */
function tsm(words) {
  spawnSync(process.execPath, [program, ...words], { cwd: folder, env, stdio: "ignore" });
}
