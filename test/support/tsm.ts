import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Home } from "./home.ts";

/** The built program. `npm test` builds it first; `npm run build` when you run vitest yourself. */
export const program = fileURLToPath(new URL("../../dist/tsm.js", import.meta.url));

/** What a run of `tsm` came to. */
export interface Outcome {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Default: the home's work folder. */
  readonly cwd?: string;
  /** On top of the scrubbed environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is piped in; nothing by default, and then the end. */
  readonly stdin?: string | Buffer;
  /** What runs it; default: this node. */
  readonly node?: string;
  /** What stands before the program. */
  readonly before?: readonly string[];
  /** Killed after this long, which fails the test. */
  readonly timeoutMs?: number;
}

/** Runs `tsm ARGS` in the home and waits for its end: for the end of its output too, as `tsm … | cat` would. */
export async function tsm(home: Home, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const running = startTsm(home, args, options);
  running.child.stdin.end(options.stdin ?? "");
  return running.outcome;
}

/** Runs `tsm ARGS --json` and returns what it printed, parsed. @throws when it failed. */
export async function tsmJson(home: Home, args: readonly string[], options: RunOptions = {}): Promise<unknown> {
  const outcome = await tsm(home, [...args, "--json"], options);
  if (outcome.code !== 0) throw new Error(`tsm ${args.join(" ")} --json gave ${outcome.code}: ${outcome.stderr}`);
  return JSON.parse(outcome.stdout);
}

/** A `tsm` that is still running. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has printed so far. */
  readonly printed: { stdout: string; stderr: string };
  readonly outcome: Promise<Outcome>;
}

/** Starts `tsm ARGS` and does not wait. stdin is an open pipe: end it, or write to it. */
export function startTsm(home: Home, args: readonly string[], options: RunOptions = {}): Running {
  const { timeoutMs = 50_000, node = process.execPath, before = [] } = options;
  const child = spawn(node, [...before, program, ...args], {
    cwd: options.cwd ?? home.folder,
    env: { ...cleanEnvironment(home), ...options.env },
    stdio: "pipe",
  });
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed.stderr += text));
  child.stdin.on("error", () => {
    // It may end before it has read everything.
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
    // A process that inherited the pipes would hold them open for ever.
    child.stdout.destroy();
    child.stderr.destroy();
  }, timeoutMs);
  const outcome = once(child, "close").then((): Outcome => {
    clearTimeout(timer);
    if (late) {
      throw new Error(`tsm ${args.join(" ")} did not end in ${timeoutMs} ms\n${printed.stdout}\n${printed.stderr}`);
    }
    return { code: child.exitCode, signal: child.signalCode, ...printed };
  });
  outcome.catch(() => {
    // Reported to whoever awaits it, never as an unhandled rejection.
  });
  return { child, printed, outcome };
}

/** This environment without what would change TSM's behaviour: a test must see the same on every machine. */
export function cleanEnvironment(home: Home): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value === undefined) continue;
    if (/^(TSM_|TETRA_|npm_|VITEST)/.test(name)) continue;
    if (
      /^(PORT|NO_COLOR|FORCE_COLOR|COLOR|CI|NODE_ENV|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|INIT_CWD|TEST|DEV|PROD|MODE|SSR|BASE_URL)$/.test(
        name,
      )
    )
      continue;
    kept[name] = value;
  }
  return { ...kept, TSM_HOME: home.path };
}
