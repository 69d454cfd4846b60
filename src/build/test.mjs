// @ts-check
// `npm test`: all that must hold, on a fresh clone too. `npm test -- WORDS` runs only the test files whose path has one.
import { spawnSync } from "node:child_process";
import { chdir } from "node:process";
import { install } from "./install.mjs";
import { root } from "./layout.mjs";
import { isInstallNeeded, isStale } from "./staleness.mjs";

chdir(root);
const filters = process.argv.slice(2);

if (isInstallNeeded()) {
  announce("install");
  install();
}
if (isStale()) {
  announce("build");
  // Not this process's own import: the bundler must not stay in memory beside the tests.
  run("node", "src/build/build.mjs");
}
if (filters.length === 0) {
  announce("lint");
  run("node_modules/.bin/biome", "check", "--error-on-warnings", ".");
  announce("types");
  run("node_modules/.bin/tsc", "--noEmit");
  announce("unused code");
  run("node_modules/.bin/knip");
}
announce("tests");
await runTests();

/** @param {string} step */
function announce(step) {
  process.stdout.write(`\n== ${step}\n`);
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  process.stdout.write(
    `\n${[program, ...args].join(" ")} failed${error ? `: ${error.message}` : ""}\n0 passed, 1 failed\n`,
  );
  process.exit(1);
}

/** Runs every project, and trusts nothing that did not run: a skipped test or an empty project is a failure. */
async function runTests() {
  const { startVitest } = await import("vitest/node");
  const vitest = await startVitest("test", filters, { watch: false, run: true });
  const modules = vitest.state.getTestModules();
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const count = (/** @type {string} */ state) => tests.filter((test) => test.result().state === state).length;
  const passed = count("passed");
  const skipped = count("skipped") + count("pending");
  const broken =
    modules.filter((module) => module.errors().length > 0).length + vitest.state.getUnhandledErrors().length;

  // Not hidden: whoever reads the run sees what did not hold at once.
  for (const test of tests)
    if ((test.diagnostic()?.retryCount ?? 0) > 0) process.stdout.write(`at the second try: ${test.fullName}\n`);

  const complaints = [];
  if (skipped > 0) complaints.push(`${skipped} tests were skipped or left to do`);
  if (broken > 0) complaints.push(`${broken} errors outside of tests`);
  for (const { name } of filters.length === 0 ? vitest.projects : []) {
    if (!modules.some((module) => module.project.name === name)) complaints.push(`project ${name} ran no test`);
  }
  if (passed === 0) complaints.push("no test passed");
  await vitest.close();

  for (const complaint of complaints) process.stdout.write(`${complaint}\n`);
  const failed = count("failed") + complaints.length;
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exit(failed === 0 ? 0 : 1);
}
