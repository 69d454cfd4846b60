// @ts-check
/**
 * One thing that is done at the prompt of the shell; `write` makes a file, for which a program waits.
 * @typedef {{ type: string } | { key: import("./stage.mjs").KeyName } | { shows: RegExp } | { write: string }} Step
 */

/**
 * A picture: what it is called, what is done, and how it is described where it cannot be seen.
 * @typedef {object} Scene
 * @property {string} name of the file
 * @property {string} title
 * @property {number} [columns]
 * @property {number} [rows]
 * @property {readonly Step[]} steps
 */

/** At the prompt, with nothing on the line. */
const atPrompt = /^tsm \d+● (\d+✗ )?›$/m;

/** @type {readonly Scene[]} */
export const scenes = [
  {
    name: "shell",
    title: "tsm repl: the shell at work",
    columns: 100,
    steps: [
      { type: "list --where 'mem > 20M' --sort -mem\r" },
      { shows: /›$/ },
      { type: "!curl -s localhost:4310 | head -1\r" },
      { shows: /hello[\s\S]*›$/ },
      { type: "logs worker --lines 2\r" },
      { shows: /packed\n.*packed\n.*›$/ },
      { type: "restart srch" },
      { shows: /→ shop-search-4311 \(#1, online\)/ },
    ],
  },
  {
    name: "completion",
    title: "tsm repl: Tab knows each process and its state",
    steps: [
      { key: "ctrl-l" },
      { shows: atPrompt },
      { type: "restart " },
      { key: "tab" },
      { shows: /import +#4/ },
      { key: "down" },
      { key: "down" },
      { shows: /^› worker/m },
    ],
  },
  {
    name: "picker",
    title: "tsm repl: a name that means several is asked about",
    steps: [
      { key: "ctrl-l" },
      { shows: atPrompt },
      { type: "stop shop\r" },
      { shows: /❯/ },
      { key: "down" },
      { shows: /❯.*search/ },
    ],
  },
  {
    name: "crash",
    title: "tsm repl: a crash is told above the line that is being typed",
    steps: [
      { key: "ctrl-l" },
      { shows: atPrompt },
      { type: "list --sort -uptime\r" },
      { shows: /└[\s\S]*›$/ },
      { type: "logs worker -f" },
      { shows: /› logs worker -f/ },
      { write: "outage" },
      { shows: /✗ mailer .*\n.*timed out\n.*› logs worker -f/ },
    ],
  },
  {
    name: "why",
    title: "why: the cause, the evidence for it, and what can be done",
    columns: 100,
    steps: [
      { key: "ctrl-l" },
      { shows: atPrompt },
      { type: "why import\r" },
      { shows: /fix +tsm restart import[\s\S]*›$/ },
    ],
  },
  {
    name: "timeline",
    title: "timeline: what happened to whom, on one axis",
    columns: 100,
    steps: [
      { key: "ctrl-l" },
      { shows: atPrompt },
      { type: "timeline 2m\r" },
      { shows: /exited: exit code 1[\s\S]*›$/ },
    ],
  },
  {
    name: "monit",
    title: "monit: all processes, the last hour of each, and the logs of one",
    columns: 100,
    steps: [
      { type: "monit\r" },
      { shows: /^› 0 +shop-server/m },
      { key: "down" },
      { key: "down" },
      { shows: /^› 2 +worker[\s\S]*packed[\s\S]*quit$/m },
    ],
  },
];
