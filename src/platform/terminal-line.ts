import { createInterface } from "node:readline";

/** Asks at the terminal, on stderr. @returns the line that was typed; undefined when it is left by Ctrl-C or Ctrl-D. */
export async function terminalLine(question: string, signal: AbortSignal): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<string | undefined>((resolve) => {
      const none = () => resolve(undefined);
      // In raw mode the key is no signal: what waits for one is told.
      lines.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
      lines.once("close", none);
      signal.addEventListener("abort", none, { once: true });
      lines.question(question, resolve);
    });
  } finally {
    lines.close();
  }
}
