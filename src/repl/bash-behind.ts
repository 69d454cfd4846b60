import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { isErrno } from "../core/errors.ts";
import { free, hold } from "./leash.ts";
import type { BashExit } from "./shell.ts";

export interface BehindOptions {
  readonly env: NodeJS.ProcessEnv;
  /** What it reads; without one nothing. When it reads no further the stream is destroyed. */
  readonly input: Readable | undefined;
  print(text: string): void;
  /** undefined while more may be printed; else it is not read from until then. */
  room(): Promise<void> | undefined;
}

/** A line of bash without a terminal. */
export interface BashBehind {
  /** When nothing of it runs any more. */
  readonly exit: Promise<BashExit>;
  /** To all that it has started and that has not left it. */
  signal(name: NodeJS.Signals): void;
}

/** How often it is looked whether what bash has left behind still runs. */
const lookMs = 100;

/** Runs a line in bash in a session of its own: no terminal, no input unless it is given one, its output to us. */
export async function startBash(line: string, { env, input, print, room }: BehindOptions): Promise<BashBehind> {
  const [{ spawn }, { constants: system }] = await Promise.all([import("node:child_process"), import("node:os")]);
  const child = spawn("bash", ["-c", line], {
    env,
    detached: true,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  if (input !== undefined && child.stdin !== null) feed(input, child.stdin);
  for (const output of [child.stdout, child.stderr]) {
    output?.setEncoding("utf8").on("data", (text: string) => {
      print(text);
      const waits = room();
      if (waits === undefined) return;
      output.pause();
      void waits.then(() => output.resume());
    });
  }
  const group = child.pid;
  if (group !== undefined) hold(group, spawn, env["PATH"]);
  const exit = untilOver(child).then(({ code, signal }): BashExit => {
    if (group !== undefined) free(group);
    return { code: code ?? 128 + (signal === null ? 0 : system.signals[signal]), signal };
  });
  return { exit, signal: (name) => void (child.pid !== undefined && signalGroup(child.pid, name)) };
}

function feed(input: Readable, stdin: NodeJS.WritableStream): void {
  // A reader that goes early is no error; whoever writes for it is told by the end of its stream.
  stdin.on("error", () => input.destroy());
  stdin.on("close", () => input.destroy());
  input.pipe(stdin);
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** bash itself has ended, and so has what it started, but for what has a session of its own. */
function untilOver(child: ChildProcess): Promise<End> {
  return new Promise((resolve, reject) => {
    child.once("error", reject); // there is no bash
    let end: End | undefined;
    let isClosed = false;
    const look = (): void => {
      if (end === undefined || child.pid === undefined) return;
      // A group keeps its number from being given away for as long as one is left in it.
      if (signalGroup(child.pid, 0)) {
        setTimeout(look, lookMs);
      } else if (isClosed) {
        resolve(end);
      } else {
        // What it printed last is on its way; a service that has left the group may hold the pipe for ever.
        setTimeout(() => {
          for (const output of [child.stdout, child.stderr]) output?.destroy();
          if (end !== undefined) resolve(end);
        }, lookMs);
      }
    };
    child.once("exit", (code, signal) => {
      end = { code, signal };
      setImmediate(look);
    });
    child.once("close", () => {
      isClosed = true;
      look();
    });
  });
}

/** @returns whether the group has anybody in it. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if (isErrno(error, "ESRCH")) return false;
    if (isErrno(error, "EPERM")) return true; // all that is left of it belongs to somebody else, or is a zombie on macOS
    throw error;
  }
}
