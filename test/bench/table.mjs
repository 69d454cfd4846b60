// @ts-check
// `npm run -s bench >bench.json && node test/bench/table.mjs bench.json` writes docs/benchmarks.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../src/build/layout.mjs";

const [file = "/dev/stdin"] = process.argv.slice(2);
const report = JSON.parse(readFileSync(file, "utf8"));
const { machine, rivals, results } = report;
/** What a goal is about, before and behind its figure. @type {Record<string, [before: string, behind: string]>} */
const aims = {
  ratio: ["", "×"],
  addedMs: ["", " ms"],
  p50Ms: ["p50 ", " ms"],
  p99Ms: ["p99 ", " ms"],
  count: ["", ""],
  speedBesideGrep: ["", "× grep's speed"],
};

const text = [
  "# Benchmarks",
  "",
  `Written by \`node test/bench/table.mjs\` from the JSON of \`npm run -s bench\`; not by hand.`,
  "",
  `- Date: ${report.date.slice(0, 10)}, commit ${report.commit}`,
  `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; load when it ended ${machine.load.join(", ")}`,
  `- Node ${report.node}`,
  ...(rivals === undefined ? [] : rivalLines()),
  ...(results.length === 0 ? [] : ownLines()),
];
writeFileSync(join(root, "docs/benchmarks.md"), `${text.join("\n")}\n`);

function rivalLines() {
  const names = ["tsm", "pm2", "runit", "supervisord"];
  const versions = names.map(
    (name) => `${name} ${rivals.versions?.[name] ?? `(${rivals.missing[name] ?? "not here"})`}`,
  );
  const rows = rivals.rows.map((/** @type {any} */ { name, unit, figures, againstPm2, goal }) => [
    name,
    ...names.map((who) => (figures[who] === undefined ? "–" : `${figures[who]} ${unit}`)),
    againstPm2 === undefined ? "–" : `${againstPm2}×`,
    goal === undefined ? "" : goal.of === "tsm" ? `≤ ${goal.atMost} ${unit}` : `≤ ${goal.atMost}× pm2`,
    goal === undefined ? "" : goal.holds ? "held" : "**not held**",
  ]);
  return [
    "",
    "## Beside others",
    "",
    `${versions.join(", ")}.`,
    "",
    ...table(["", ...names, "tsm against pm2", "goal", ""], rows),
    "",
    "How it is measured: all live at the same time on the same machine, and each step is done by one after the other.",
    'A figure is the median over the rounds unless it says p95; "against pm2" is the median of each round\'s own ratio, which',
    "noise disturbs less than it does the figures.",
    "",
    "- A killed process has been up for more than a second: runsv waits when one has not.",
    "- `stop`, `start` and `restart` are commands of `sleep` services, from the start of the command to its end; tsm with",
    "  `--settle 0` and supervisord with `startsecs=0`, as pm2 and runit do not watch whether what they start stays up.",
    "  tsm's default is to watch it for half a second, which is then what these take longer.",
    "- Memory is that of everything that is not the service. A page that several processes share counts in parts: pm2's daemon",
    "  shares Node's code with every other Node program on the machine, and looks the smaller the more of them there are.",
    "  pm2 also puts a module into each Node app, about 9 MB, which is not counted here; runit has no log service.",
    `- Processor time is that of ${rivals.idleSeconds} seconds in which nobody asks for anything, more than a minute after the last start.`,
  ];
}

function ownLines() {
  const rows = results.map((/** @type {any} */ result) => [
    result.name,
    figureOf(result),
    result.ratio === undefined ? "–" : `${result.ratio}×`,
    goalOf(result.goal),
    result.goal === undefined ? "" : result.goal.holds ? "held" : "**not held**",
  ]);
  return [
    "",
    "## Alone",
    "",
    ...table(["", "tsm", "against `node -e 0`", "goal", ""], rows),
    "",
    "A key is measured in turn with the same key in a program that only answers it: what that needs is the terminal's and",
    "the machine's. \"Of its own\" is the time that the shell's main thread was at work between a key and its paint.",
  ];
}

/** @param {any} goal */
function goalOf(goal) {
  if (goal === undefined) return "";
  const { of, atMost, atLeast } = goal;
  const aim = aims[of];
  if (aim === undefined) throw new Error(`nobody has said how a goal of ${of} is shown`);
  const bound = atLeast !== undefined ? `≥ ${atLeast}` : atMost === 0 ? "0" : `≤ ${atMost}`;
  return `${aim[0]}${bound}${aim[1]}`;
}

/** @param {any} result */
function figureOf({ medianMs, addedMs, count, of, memoryMb, speedBesideGrep, memoryMB, ...result }) {
  if (speedBesideGrep !== undefined) return `${medianMs} ms, ${speedBesideGrep}× grep's speed, ${memoryMB} MB`;
  if (medianMs !== undefined) return `${medianMs} ms`;
  if (addedMs !== undefined) return `${addedMs} ms`;
  if (count !== undefined) return `${count} of ${of}; memory ${memoryMb.before} → ${memoryMb.after} MB`;
  const { p50Ms, p95Ms, p99Ms, processorP99Ms } = result;
  const shares = Object.entries({ p50: p50Ms, p95: p95Ms, p99: p99Ms }).filter(([, ms]) => ms !== undefined);
  const own = processorP99Ms === undefined ? "" : ` (${processorP99Ms} of its own)`;
  return `${shares.map(([name, ms]) => `${name} ${ms} ms`).join(", ")}${own}`;
}

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)];
}
