import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { registry } from "../../commands/index.ts";
import { type Home, makeLastingHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/* `--json` of every verb that runs on the command line, on the built program in a home with two processes. */

/** In this order: what ends the processes comes last. */
const commands: Readonly<Record<string, readonly (readonly string[])[]>> = {
  save: [["save", "tetra/unit", "sleep", "1000"], ["save", "talker", "tetra/copy"], ["save"]],
  resurrect: [["resurrect"]],
  export: [
    ["export", "systemd", "talker"],
    ["export", "systemd", "tetra/unit", "-o", "units"],
  ],
  list: [["list"], ["list", "all"], ["list", "stopped"], ["list", "available"], ["list", "tree"]],
  info: [
    ["info", "talker"],
    ["info", "tetra/unit"],
  ],
  why: [
    ["why", "talker"],
    ["why", "tetra/unit"],
  ],
  history: [["history", "talker"]],
  diff: [
    ["restart", "talker", "--settle", "0"],
    ["diff", "talker"],
    ["diff", "talker", "1", "last"],
  ],
  services: [["services"], ["services", "--enabled"]],
  edit: [["edit", "unit"]],
  enable: [["enable", "unit"]],
  stack: [
    ["stack"],
    ["stack", "start", "./unit.stack"],
    ["stack", "status", "./unit.stack"],
    ["stack", "restart", "./unit.stack"],
    ["stack", "stop", "./unit.stack"],
  ],
  import: [
    ["import", "Procfile", "--dry-run"],
    ["import", "Procfile", "--output", "imported.config.cjs"],
  ],
  startup: [
    ["startup"],
    ["startup", "--boot"],
    ["startup", "systemd", "--print"],
    ["startup", "systemd", "--root", "image", "--yes"],
    ["startup", "systemd", "--root", "image", "--check"],
  ],
  daemon: [["daemon", "logs", "--root", "image"]],
  systemd: [["systemd", "logs", "5", "--root", "image"]],
  unstartup: [["unstartup", "--root", "image", "--yes"]],
  disable: [["disable", "unit"]],
  logrotate: [["logrotate"]],
  jlist: [["jlist"]],
  prettylist: [["prettylist"]],
  id: [["id", "talker"]],
  pid: [["pid"], ["pid", "talker"]],
  ping: [["ping"]],
  update: [["update"]],
  report: [["report"]],
  examples: [["examples"]],
  serve: [["serve", ".", String(await freePort()), "--name", "files"]],
  signal: [["signal", "CONT", "talker"]],
  ports: [
    ["ports"],
    ["ports", "set", "page", "4000"],
    ["ports", "allocate", "web"],
    ["ports", "scan"],
    ["ports", "free"],
    ["ports", "conflicts"],
    ["ports", "export"],
    ["ports", "claim", "33", "--yes"],
    ["ports", "remove", "page"],
  ],
  audit: [["audit"]],
  doctor: [
    ["doctor", "healthcheck"],
    ["doctor", "orphans"],
    ["doctor", "scan"],
    ["doctor", "port", "33"],
    ["doctor", "validate", "sleep 1"],
    ["doctor", "report"],
  ],
  env: [["env", "talker"], ["env"]],
  paths: [["paths", "talker"]],
  config: [["config"], ["config", "get", "lines"], ["config", "set", "lines", "20"], ["config", "path"]],
  get: [["get"], ["get", "lines"]],
  set: [["set"], ["set", "lines"], ["set", "lines", "20"]],
  multiset: [["multiset", "lines 20 settle 0"]],
  unset: [["unset", "lines"]],
  alias: [["alias"], ["alias", "lc=list crashed"], ["alias", "lc"], ["lc"]],
  unalias: [["unalias", "lc"]],
  bind: [["bind"], ["bind", "f5", "list"], ["bind", "f5"], ["bind", "f5", "--reset"]],
  unbind: [["unbind", "f5"]],
  setup: [["setup"]],
  migrate: [["migrate"], ["migrate", "--dry-run"]],
  help: [["help"], ["help", "start"]],
  version: [["version"]],
  completion: [
    ["completion", "bash"],
    ["completion", "words", "--", "stop", "ta"],
  ],
  logs: [
    ["logs", "talker"],
    ["logs", "*"],
  ],
  metrics: [["metrics"], ["metrics", "talker", "--since", "2d"], ["metrics", "--prom"]],
  monit: [["monit"]],
  stream: [["stream", "talker", "--once"]],
  monitor: [
    ["monitor", "talker"],
    ["monitor", "--triggers"],
  ],
  dashboard: [["dashboard", "talker"]],
  sessions: [["sessions", "talker"]],
  users: [["users"], ["users", "talker"]],
  patterns: [["patterns", "talker"]],
  clicks: [["clicks", "talker"]],
  journey: [["journey", "talker"]],
  "click-perf": [["click-perf", "talker"]],
  limits: [["limits", "talker"]],
  "set-limits": [["set-limits", "talker", "--reset"]],
  nginx: [["nginx", "generate", "silent"]],
  caddy: [["caddy", "generate", "silent"]],
  tview: [
    ["tview", "commands"],
    ["tview", "list"],
    ["tview", "status"],
    ["tview", "dispatch", "version"],
  ],
  events: [["events"], ["events", "talker", "--since", "1h"]],
  timeline: [["timeline"], ["timeline", "1h", "talker"]],
  notify: [
    ["notify", "on", "crash", "--exec", "cat"],
    ["notify", "test"],
    ["notify"],
    ["notify", "deliver"],
    ["notify", "off", "1"],
  ],
  wait: [["wait", "talker", "online"]],
  watch: [["watch", "list", "--every", "0", "--times", "2"]],
  repl: [["repl", "-c", ""]],
  start: [["start", "--name", "third", "--settle", "0", "--", "sleep", "1000"]],
  restart: [["restart", "third", "--settle", "0"]],
  reload: [["reload", "third", "--settle", "0"]],
  init: [["init", "simple"]],
  apply: [
    ["apply", "--dry-run"],
    ["apply", "--settle", "0"],
  ],
  scale: [
    ["scale", "app1", "2", "--settle", "0"],
    ["scale", "app1", "-1"],
  ],
  reset: [["reset", "third"]],
  patrol: [["patrol"]],
  rotate: [["rotate"], ["rotate", "third"], ["rotate", "--due"]],
  flush: [["flush", "third"]],
  kill: [
    ["kill", "talker", "--signal", "SIGCONT"],
    ["kill", "third"],
  ],
  stop: [
    ["stop", "third"],
    ["stop", "*"],
    ["stop", "*"],
  ],
  undo: [
    ["undo", "--list"],
    ["undo", "--dry-run"],
    ["undo", "--yes"],
    ["undo", "--list"],
    ["undo", "--forget"],
  ],
  run: [
    ["run", "comments.tsm-script"],
    ["run", "comments.tsm-script", "--dry-run"],
  ],
  cleanup: [["cleanup"]],
  cleardump: [["cleardump"]],
  errors: [["errors"], ["errors", "talker", "--since", "1h", "--new"]],
  "reload-logs": [["reload-logs"], ["reload-logs", "talker"]],
  delete: [
    ["delete", "third", "--keep-logs"],
    ["delete", "silent", "--purge"],
    ["delete", "*"],
    ["delete", "*"],
  ],
  reconcile: [["reconcile"]],
};
/** What says what it does, or goes on, is a line of JSON each time. */
const isStream = ({ verb, words }: { readonly verb: string; readonly words: readonly string[] }): boolean =>
  ["logs", "watch", "stream", "monitor", "events"].includes(verb) ||
  (verb === "undo" && !words.includes("--list") && !words.includes("--forget"));

let home: Home;

beforeAll(async () => {
  home = makeLastingHome();
  writeFileSync(
    join(home.folder, "talker.sh"),
    'echo "one \\"line\\""; echo two >&2; echo "TETRA:UI:CLICK {\\"sessionId\\":1}"; exec sleep 1000\n',
  );
  writeFileSync(join(home.folder, "Procfile"), "web: sleep 1000\n");
  // What the file that init writes names.
  writeFileSync(join(home.folder, "app.js"), "setInterval(() => {}, 60000);\n");
  writeFileSync(join(home.folder, "comments.tsm-script"), "# nothing to do\n");
  writeFileSync(join(home.folder, "unit.stack"), "tetra/unit\n");
  for (const command of [
    ["start", "--name", "talker", "--settle", "0", "talker.sh"],
    ["start", "--name", "silent", "--port", String(await freePort()), "--settle", "0", "--", "sleep", "1000"],
  ]) {
    const { code, stderr } = await tsm(home, command);
    expect(stderr).toBe("");
    expect(code).toBe(0);
  }
  await until("it has said everything", async () => (await tsm(home, ["logs", "talker"])).stdout.includes("sessionId"));
});

afterAll(() => home.remove());

test("every verb of the command line is tried here", async () => {
  const loaded = await Promise.all(registry.map(({ load }) => load()));
  expect(Object.keys(commands).sort()).toEqual(
    loaded
      .filter(({ scope }) => scope !== "shell")
      .map(({ name }) => name)
      .sort(),
  );
});

test.for(
  Object.entries(commands).flatMap(([verb, each]) => each.map((words) => ({ verb, words, line: words.join(" ") }))),
)("tsm $line --json prints JSON and nothing besides", async ({ verb, words }) => {
  const [name = "", ...rest] = words;
  const { code, stdout, stderr } = await tsm(home, [name, "--json", ...rest], { env: { VISUAL: "true" } });
  expect(stderr).toBe("");
  expect(code).toBe(0);
  if (isStream({ verb, words })) {
    const lines = stdout.split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(JSON.stringify(object(JSON.parse(line)))).toBe(line);
  } else {
    // Byte for byte what its value is written as: nothing before it, nothing behind it, nothing lost in it.
    expect(`${JSON.stringify(object(JSON.parse(stdout)), null, 2)}\n`).toBe(stdout);
  }
});

test.for([
  { words: ["lsit"], code: "UNKNOWN_VERB", exit: 64 },
  { words: ["info"], code: "USAGE", exit: 64 },
  { words: ["info", "nobody"], code: "NOT_FOUND", exit: 1 },
  { words: ["list", "--nonsense"], code: "USAGE", exit: 64 },
  { words: ["logs", "nobody"], code: "NOT_FOUND", exit: 1 },
  { words: ["start", "--port", "70000", "x.sh"], code: "USAGE", exit: 64 },
  { words: ["start", "missing.sh"], code: "NO_FILE", exit: 66 },
  { words: ["last"], code: "USAGE", exit: 64 },
])(
  "tsm $words fails with $code as JSON on stderr and the exit code of the plain error",
  async ({ words, code, exit }) => {
    const [json, text] = await Promise.all([
      tsm(home, [...words.slice(0, 1), "--json", ...words.slice(1)]),
      tsm(home, words),
    ]);
    expect(json.stdout).toBe("");
    const { error } = JSON.parse(json.stderr) as { error: Record<string, unknown> };
    expect(json.stderr).toBe(`${JSON.stringify({ error })}\n`);
    expect(Object.keys(error)).toEqual(["code", "message", "hint", "candidates"]);
    expect(error["code"]).toBe(code);
    expect(text.stderr).toContain(error["message"]);
    expect(error["candidates"]).toEqual([]);
    expect([json.code, text.code]).toEqual([exit, exit]);
  },
);

test("an ambiguous name's candidates are in the JSON", async () => {
  for (const name of ["pair-a", "pair-b"])
    await tsm(home, ["start", "--name", name, "--settle", "0", "--", "sleep", "1000"]);
  const { code, stdout, stderr } = await tsm(home, ["stop", "pair", "--json"]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(JSON.parse(stderr)).toMatchObject({
    error: { code: "AMBIGUOUS", candidates: [{ name: "pair-a" }, { name: "pair-b" }] },
  });
});

/** A value of which JSON loses nothing is an object or an array: a bare word would be no answer to read. */
function object(value: unknown): unknown {
  expect(typeof value).toBe("object");
  expect(value).not.toBeNull();
  return value;
}
