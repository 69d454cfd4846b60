// @ts-check
// `npm start`: installs and builds only when something changed, then becomes `tsm` in this very process.
// A process of its own would cost a second start of Node, and stand between the shell and its terminal.
// Nothing is imported before it is needed: a start without changes is to cost a few milliseconds.
import { callersEnvironment, callersFolder } from "./caller.mjs";
import { program } from "./layout.mjs";
import { isInstallNeeded, isStale } from "./staleness.mjs";

if (isInstallNeeded()) {
  const { install } = await import("./install.mjs");
  install();
}
if (isStale()) {
  const { build } = await import("./bundle.mjs");
  await build();
}

const words = process.argv.slice(2);
process.argv = [process.execPath, program, ...(words.length === 0 ? ["repl"] : words)];
const folder = callersFolder(process.env);
if (folder !== undefined) process.chdir(folder);
callersEnvironment(process.env);
// A name in a variable: neither the type checker nor the linter should read the bundle.
const built = "../../dist/tsm.js";
await import(built);
