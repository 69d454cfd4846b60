import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** The folders of test/ that hold tests; each must run some. */
const projects = ["unit", "contract", "integration", "repl", ...(holdsTests("test/faults") ? ["faults"] : [])];

function holdsTests(folder: string): boolean {
  return (
    existsSync(folder) &&
    readdirSync(folder, { encoding: "utf8", recursive: true }).some((name) => name.endsWith(".test.ts"))
  );
}

export default defineConfig({
  test: {
    projects: projects.map((name) => ({
      extends: true as const,
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        // Many short files of functions alone: a process for each would take longer than its tests.
        isolate: name !== "unit",
      },
    })),
    pool: "forks",
    maxWorkers: 2,
    // Real processes on noisy machines: a timeout here means stuck, not slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
    // Real processes and terminals on machines that others use too: once more, and test.mjs names each that needed it.
    retry: process.env["CI"] === "true" ? 1 : 0,
    passWithNoTests: false,
    allowOnly: false,
    watch: false,
  },
});
