/** Moments spread over a verb's run, but for the first part, in which Node is only starting up. */
export function moments(count: number, longestMs: number): number[] {
  return Array.from({ length: count }, (_, at) => (0.25 + 0.85 * ((at * 0.618_033_988_7) % 1)) * longestMs);
}

/** Spins: a timer of Node is late by what it pleases, and the moment is what is being tried. */
export async function killAfter(pid: number, ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until) await new Promise(setImmediate);
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
