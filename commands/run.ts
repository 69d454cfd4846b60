import { defineCommand, one, type PlannedLine, toggle } from "../src/command/define.ts";
import { scriptFile } from "../src/command/types.ts";

export default defineCommand({
  name: "run",
  summary: "Run the commands of a file, one after the other",
  details: [
    "A file holds what could be typed in the shell: # begins a comment, an open quote or a \\ at the end of a line takes in the next one, ! is a line for bash, and pipes and files take output. The first failure ends it, with its line and its exit code; --keep-going, or a line set +e, goes on, and set -e ends with the next failure again.",
    "In the shell its commands run as if they were typed there. --dry-run looks at every line, says what it would do, and does nothing; the exit code is that of the first line that could not be run.",
  ],
  // What it runs may be anything.
  effect: "destroys",
  args: { file: one(scriptFile, "The file; .tsm-script is a good ending for it") },
  flags: {
    keepGoing: toggle("Go on after a failure; the exit code is still the first one's"),
    dryRun: toggle("Say what each line would do, and do nothing"),
  },
  examples: ["run deploy.tsm-script", "run deploy.tsm-script --dry-run", "source morning.tsm-script --keep-going"],
  onlyLooks: ({ dryRun }) => dryRun,
  run: ({ file, keepGoing, dryRun }, { source }) => source({ file, keepGoing, dryRun }),
  async rehearse({ file, keepGoing }, { source }) {
    // What they would do is said where this is: of each command of its own, and one after the other.
    await source({ file, keepGoing, dryRun: true });
    return `run the commands of ${file}`;
  },
  json: ({ exitCode, planned }) => (planned === undefined ? { exitCode } : { exitCode, lines: planned }),
  *render({ planned }) {
    for (const each of planned ?? []) yield lineOf(each);
  },
  exitCode: ({ exitCode }) => exitCode,
});

function lineOf({ file, line, command, would, problem, exitCode }: PlannedLine): string {
  return `${file}:${line}: ${command}: ${would ?? `would fail with exit code ${exitCode}: ${problem}`}`;
}
