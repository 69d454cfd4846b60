import { defineCommand } from "../src/command/define.ts";
import { exitCodes } from "../src/core/errors.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { reconcileLines } from "../src/view/reconcile.ts";

export default defineCommand({
  name: "reconcile",
  summary: "Hold the declared ports against those that processes listen on",
  details: [
    "Correct is what listens on the port that it declares. A mismatch listens on another or on none, or somebody else has its port. Worth a look are a port that is not declared, and a promise of the registry or a stopped process whose port another has. An open lock is a listener that is not managed by TSM. IPv4, IPv6 and unix sockets count.",
    "Exit code 1 when there is a mismatch.",
  ],
  effect: "reads",
  args: {},
  flags: {},
  examples: ["reconcile", "reconcile --json"],
  run: async (_values, { engine }) => await engine.reconcile(),
  names: ({ processes }) => processes.flatMap(({ id, name }) => (id === null ? [] : [name])),
  fold: wholeWords,
  render: reconcileLines,
  exitCode: ({ mismatches }) => (mismatches > 0 ? exitCodes.failed : exitCodes.done),
});
