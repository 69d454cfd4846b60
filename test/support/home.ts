import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { until } from "./until.ts";

/** A TSM home that belongs to one test. */
export interface Home {
  /** What TSM_HOME is set to. */
  readonly path: string;
  /** A folder beside it for scripts, logs and the like; the test's own. */
  readonly folder: string;
  /** Every live process that belongs to this home: runners, what they run, and what that started. The ticker goes by itself. */
  processes(): HomeProcess[];
  /** Ends all of them and removes the folders. Done by itself when the test ends. */
  remove(): Promise<void>;
}

/** A process and how we know that it is this home's. */
export interface HomeProcess {
  readonly pid: number;
  readonly start: string;
  readonly command: string;
}

/** Makes a home under the system's temp folder, or another. It goes when the test (or hook's test) that asked for it is over. */
export function makeHome(parent?: string): Home {
  const home = makeLastingHome(parent);
  onTestFinished(() => home.remove());
  return home;
}

/** As `makeHome`, for `beforeAll` and scripts: the caller removes it. */
export function makeLastingHome(parent = tmpdir()): Home {
  // Resolved, as on macOS the temp folder is a link and processes report the real path.
  const base = realpathSync(mkdtempSync(join(parent, "tsm-test-")));
  const path = join(base, "home");
  const folder = join(base, "work");
  mkdirSync(folder);
  const processes = () => processesOf(base);
  return {
    path,
    folder,
    processes: () => processes().filter(({ command }) => !isTicker(command)),
    async remove() {
      await endAll(processes);
      rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

/** No start in it waits to see whether what was begun lasts: for who waits for what it needs. */
export function hasty(home: Home): Home {
  mkdirSync(join(home.path, "config"), { recursive: true, mode: 0o700 });
  writeFileSync(join(home.path, "config/settings.json"), '{"settle": 0}\n', { mode: 0o600 });
  return home;
}

/** The ticker of the home, the passes that it starts, and how it asks for the sizes of logs. */
function isTicker(command: string): boolean {
  return (
    command.includes("/ticker.bash ") ||
    command.endsWith("/tsm.js patrol --quick") ||
    command.endsWith("/tsm.js rotate --due") ||
    /^stat -[cf] /.test(command)
  );
}

/** KILL until none is left: a runner may start one more between the look and the signal. */
async function endAll(processes: () => HomeProcess[]): Promise<void> {
  await until(
    "no process of the home is left",
    () => {
      const left = processes();
      for (const found of left) {
        // Looked at again right before the signal: a pid alone may be somebody else's by now.
        if (startOf(found.pid) === found.start) kill(found.pid);
      }
      return left.length === 0;
    },
    { timeoutMs: 20_000 },
  );
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Processes whose environment or command line names the folder, this one and its ancestors excepted. */
function processesOf(base: string): HomeProcess[] {
  const found = existsSync("/proc/self/environ") ? fromProc(base) : fromPs(base);
  return found.filter(({ pid }) => pid !== process.pid);
}

function fromProc(base: string): HomeProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const pid = Number(name);
      const start = startOf(pid);
      if (start === undefined) return [];
      const command = readQuietly(`/proc/${pid}/cmdline`);
      const marks = readQuietly(`/proc/${pid}/environ`).split("\0");
      const named = command.includes(`${base}/`);
      const marked = marks.some((mark) => /^TSM_\w+=/.test(mark) && mark.includes(`${base}/`));
      return named || marked ? [{ pid, start, command: command.replaceAll("\0", " ").trim() }] : [];
    });
}

function fromPs(base: string): HomeProcess[] {
  const lines = execFileSync("ps", ["-Aww", "-E", "-o", "pid=,stat=,lstart=,command="], { encoding: "utf8" }).split(
    "\n",
  );
  return lines.flatMap((line) => {
    const [, pid, state, start, command] = /^\s*(\d+)\s+(\S+)\s+(.{24})\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || state === undefined || start === undefined || command === undefined) return [];
    return !state.startsWith("Z") && command.includes(`${base}/`) ? [{ pid: Number(pid), start, command }] : [];
  });
}

/** The kernel's start mark; undefined when the process is gone or a zombie. */
function startOf(pid: number): string | undefined {
  if (!existsSync("/proc/self/stat")) {
    try {
      const line = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
      return line.startsWith("Z") ? undefined : line.slice(line.indexOf(" ")).trim();
    } catch {
      return undefined; // ps fails when there is no such process
    }
  }
  // The name in parentheses may hold spaces and parentheses of its own.
  const fields = readQuietly(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

/** Empty when the process is gone, or another user's. */
function readQuietly(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
