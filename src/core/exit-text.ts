import type { Exit } from "./process.ts";

/** `exit code 3`, `killed by SIGKILL`. */
export function describeExit(exit: Exit | null): string {
  if (exit === null || (exit.code === null && exit.signal === null)) return "how it ended is not known";
  if (exit.signal !== null) return `killed by ${exit.signal}${exit.core ? " (core dumped)" : ""}`;
  return `exit code ${exit.code}`;
}
