import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { isErrno } from "../core/errors.ts";
import type { Captured, Coprocess, Identity, Spawner, SpawnRequest } from "./platform.ts";
import type { Processes } from "./processes.ts";

/** Starts programs that outlive us. */
export function systemSpawner(processes: Pick<Processes, "identify" | "limits" | "self">): Spawner {
  // What we were started with is the same as long as we live.
  let inherited: Inherited | undefined;
  const found = () => (inherited ??= inheritedDescriptors(processes));
  return {
    spawnDetached: (request) => spawnDetached(closing(request, found()), processes, found().covered),
    openCoprocess: (request) => openCoprocess(closing(request, found()), found().covered),
    spawnFed,
    capture,
    onTerminal,
  };
}

function spawnDetached(
  request: SpawnRequest,
  processes: Pick<Processes, "identify">,
  inherited: readonly number[],
): Promise<Identity | undefined> {
  return new Promise((resolve, reject) => {
    // Loaded here and not at the top: most commands start nothing, and it costs them milliseconds.
    const { spawn } = process.getBuiltinModule("node:child_process");
    const nowhere = openSync("/dev/null", "r+");
    try {
      const child = spawn(request.file, request.args, {
        cwd: request.cwd,
        env: request.env,
        detached: true, // setsid(2): no terminal, no session of ours
        stdio: [nowhere, nowhere, nowhere, ...covered(inherited, nowhere)],
      });
      child.once("error", reject);
      child.unref();
      // Node has waited for the exec, so a pid means that the program runs; without one the error event follows.
      if (child.pid !== undefined) resolve(processes.identify(child.pid));
    } finally {
      closeSync(nowhere);
    }
  });
}

function openCoprocess({ file, args, env, cwd }: SpawnRequest, inherited: readonly number[]): Coprocess {
  const { spawn } = process.getBuiltinModule("node:child_process");
  const nowhere = openSync("/dev/null", "r+");
  const waiting: { resolve(answer: string | undefined): void; reject(error: Error): void }[] = [];
  let isOpen = true;
  try {
    const stdio = ["pipe" as const, "pipe" as const, nowhere, ...covered(inherited, nowhere)];
    const child = spawn(file, args, { cwd, env, detached: true, stdio });
    const { stdin, stdout } = child;
    const over = (error?: Error) => {
      isOpen = false;
      for (const each of waiting.splice(0)) {
        if (error === undefined) each.resolve(undefined);
        else each.reject(error);
      }
    };
    child.once("error", over);
    child.once("close", () => over());
    // It has ended; whoever waits hears of that.
    stdin?.on("error", () => stdin.destroy());
    let rest = "";
    stdout?.setEncoding("latin1").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) waiting.shift()?.resolve(line);
    });
    return {
      get isOpen() {
        return isOpen;
      },
      ask(text) {
        return new Promise((resolve, reject) => {
          waiting.push({ resolve, reject });
          stdin?.write(text);
        });
      },
      end() {
        isOpen = false;
        stdin?.end();
      },
    };
  } finally {
    closeSync(nowhere);
  }
}

function spawnFed({ file, args, env, cwd }: SpawnRequest): { write(text: string): void; end(): Promise<void> } {
  const { spawn } = process.getBuiltinModule("node:child_process");
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ["pipe", "ignore", "ignore"] });
  const over = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => resolve());
  });
  // It may end before `end` asks; that is when a failure is told.
  over.catch(() => undefined);
  child.stdin.on("error", () => child.kill("SIGKILL"));
  return {
    write: (text) => void child.stdin.write(text),
    async end() {
      child.stdin.end();
      await over;
    },
  };
}

function capture(
  { file, args, env, cwd, input }: SpawnRequest & { readonly input?: string },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Captured> {
  const { spawn } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    // It may end before it has read everything.
    child.stdin.on("error", () => child.stdin.destroy());
    child.stdin.end(input ?? "");
    const end = () => {
      // Not waited for yet, so the group's number is still its own.
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, "SIGKILL");
      // Whoever it left behind keeps no pipe of ours open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    let cut: Captured["cut"];
    const late = setTimeout(() => {
      cut = "late";
      end();
    }, timeoutMs);
    signal.addEventListener("abort", end, { once: true });
    const over = () => {
      clearTimeout(late);
      signal.removeEventListener("abort", end);
    };
    const printed = { stdout: "", stderr: "" };
    const gather = (stream: "stdout" | "stderr") =>
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        printed[stream] += text;
        if (printed[stream].length <= mostPrinted) return;
        cut ??= "long";
        end();
      });
    gather("stdout");
    gather("stderr");
    child.once("error", (error) => {
      over();
      reject(error);
    });
    let left: NodeJS.Timeout | undefined;
    // What it left running may hold the pipes for ever; what it wrote itself is in them by now.
    child.once("exit", () => (left = setTimeout(end, leftBehindMs)));
    child.once("close", (code) => {
      clearTimeout(left);
      over();
      resolve({ code, ...printed, ...(cut === undefined ? {} : { cut }) });
    });
  });
}

const mostPrinted = 1024 * 1024;
const leftBehindMs = 1000;

function onTerminal({ file, args, env, cwd }: SpawnRequest): Promise<number> {
  const { spawn } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** Node marks descriptors close-on-exec when it starts, from 0 up to the first gap above this one. */
const lastClosedByNode = 15;
const O_CLOEXEC = 0o2000000;

/**
 * What a program gets from descriptor 3 on: nothing, but /dev/null in place of each that it would inherit. With
 * `exec 200>lock; flock 200; tsm start api` the service would otherwise hold the caller's lock for life.
 */
function covered(inherited: readonly number[], nowhere: number): (number | "ignore")[] {
  const last = Math.max(2, ...inherited);
  return Array.from({ length: last - 2 }, (_, at) => (inherited.includes(at + 3) ? nowhere : "ignore"));
}

interface Inherited {
  readonly covered: readonly number[];
  /** What lies above the limit of open files, as it was before somebody lowered it: nothing can be put in its place. */
  readonly closed: readonly number[];
}

function inheritedDescriptors(processes: Pick<Processes, "limits" | "self">): Inherited {
  const all = readdirSync("/dev/fd")
    .map(Number)
    .filter((fd) => fd > lastClosedByNode && isInherited(fd));
  const limit = all.length === 0 ? null : (processes.limits(processes.self())?.openFiles.soft ?? null);
  const isAbove = (fd: number) => limit !== null && fd >= limit;
  return { covered: all.filter((fd) => !isAbove(fd)), closed: all.filter(isAbove) };
}

/** By bash, which can close what it could not open. */
function closing(request: SpawnRequest, { closed }: Inherited): SpawnRequest {
  if (closed.length === 0) return request;
  const script = `exec ${closed.map((fd) => `${fd}>&-`).join(" ")}; exec "$0" "$@"`;
  return { ...request, file: "bash", args: ["-c", script, request.file, ...request.args] };
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1];
    return flags === undefined || (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    return process.platform !== "linux"; // macOS does not tell; on Linux it was the one that listed the folder
  }
}
