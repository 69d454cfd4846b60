// @ts-check
// `node training.mjs FOLDER SESSION CHUNK...`: runs the program of a build as people most often do, and writes what V8 has then
// compiled of each of these chunks beside it, as CHUNK.SESSION.v8. Runs for the build only, in a home that it makes.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { PassThrough } from "node:stream";

const [folder = "", of = "", ...wanted] = process.argv.slice(2);
// Ends by itself, should nobody come to end it.
const life = ["start", "--settle", "0", "--restart", "no", "--name", "trained", "--", "/bin/sleep", "20"];
const lives = [life, ["restart", "trained", "--settle", "0"], ["stop", "trained"], ["delete", "trained", "--yes"]];
const looks = ["patrol --quick", "info 0", "logs 0 --nostream", "events", "ports", "env 0"].map((line) =>
  line.split(" "),
);
const completions = ["", "li", "stop tr", "start ", "logs --"].map((line) => [
  "completion",
  "words",
  "--",
  ...line.split(" "),
]);
/** @type {Readonly<Record<string, readonly (readonly string[])[]>>} */
const sessions = {
  all: [
    ["list"],
    ["list", "--json"],
    ["info", "0"],
    ["nosuch"],
    ["start", "nosuch.sh"],
    ["list", "all"],
    ["help", "stop"],
    ["repl"],
  ],
  list: [["list"]],
  repl: [["repl"]],
  patrol: [["patrol", "--quick"]],
  completion: completions,
  words: [...completions, ["repl"]],
  lives,
  known: [...lives, ...looks],
};
const lines = sessions[of] ?? [];

/** @type {Map<string, import("node:vm").Script>} */
const scripts = new Map();
const vm = process.getBuiltinModule("node:vm");
// Each command loads the program anew; what was compiled for the ones before is wanted too, so all share a script.
vm.Script = new Proxy(vm.Script, {
  construct(Script, [code, { filename }]) {
    const script = scripts.get(filename) ?? new Script(code, { filename });
    scripts.set(filename, script);
    return script;
  },
});

// The end of a command is not the end of this.
process.exit = /** @type {typeof process.exit} */ (() => undefined);

process.env["TSM_HOME"] = homeWithProcess(join(folder, "home"));

const require = createRequire(import.meta.url);
let next = 0;
process.on("beforeExit", () => {
  const words = lines[next];
  next += 1;
  if (words === undefined) return;
  const program = join(folder, "tsm.js");
  process.argv = [process.execPath, program, ...words];
  if (words[0] === "repl") typeIntoShell();
  delete require.cache[require.resolve(program)];
  // Later: what is done at once is no work that would bring the next end about.
  setImmediate(() => require(program));
});
process.on("exit", () => {
  process.exitCode = next > lines.length ? 0 : 1;
  write();
});

let isWritten = false;

function write() {
  if (isWritten) return;
  isWritten = true;
  for (const chunk of wanted) {
    const path = join(folder, chunk);
    const script = scripts.get(path);
    if (script === undefined) throw new Error(`no command has loaded ${chunk}`);
    writeFileSync(`${path}.${of}.v8`, script.createCachedData());
  }
}

/** What it is shown goes to /dev/null, which for the program is a terminal. */
function typeIntoShell() {
  const keys = new PassThrough();
  Object.defineProperty(process, "stdin", {
    value: Object.assign(keys, { isTTY: true, fd: 0, setRawMode: () => keys }),
  });
  Object.assign(process.stdout, { isTTY: true, columns: 80, rows: 24, hasColors: () => true, getColorDepth: () => 8 });
  if (of === "repl") writeAtPrompt();
  const typed = [..."list al", "\t", "\x7f", "\x15", ..."list", "\r", "\x1b[A", "\x15", "\x04"];
  const typing = setInterval(() => {
    const key = typed.shift();
    if (key === undefined) clearInterval(typing);
    else keys.write(key);
  }, 20);
}

/** What is waited for is the prompt; what is called behind it, the shell calls once by itself before anybody types. */
function writeAtPrompt() {
  const { stdout } = process;
  const show = stdout.write.bind(stdout);
  stdout.write = (/** @type {string | Uint8Array} */ text) => {
    const isShown = show(text);
    if (String(text).includes("\u203a")) write();
    return isShown;
  };
}

/**
 * With one that is online, where that is to be had by reading a file: this one, which is its own runner, so that nobody
 * takes care of it.
 * @param {string} home
 */
function homeWithProcess(home) {
  const place = join(home, "runtime/processes/training");
  mkdirSync(place, { recursive: true });
  const now = Math.floor(Date.now() / 1000);
  const isLinux = process.platform === "linux";
  const pid = isLinux ? process.pid : 0;
  const mark = isLinux ? (readFileSync("/proc/self/stat", "latin1").split(") ").at(-1)?.split(" ")[19] ?? "0") : "0";
  const record = {
    tsm_id: 0,
    name: "training",
    pid,
    command: "training",
    port: "none",
    cwd: home,
    interpreter: "",
    process_type: "command",
    env_file: "",
    prehook: "",
    start_time: now,
    status: isLinux ? "online" : "stopped",
    restarts: 0,
    unstable_restarts: 0,
    start_mark: mark,
    boot_id: isLinux ? readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim() : "",
    runner_pid: pid,
    runner_mark: mark,
    retry_at: 0,
    reason: "",
    last_exit: null,
    restart_policy: "no",
    created: now,
  };
  writeFileSync(join(place, "meta.json"), JSON.stringify(record));
  // Nobody is to be started who would outlive this.
  writeFileSync(join(home, "runtime/ticker.pid"), `${pid} ${mark} ${record.boot_id}\n`);
  return home;
}
