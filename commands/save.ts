import { command, defineCommand, flag, toggle } from "../src/command/define.ts";
import { port } from "../src/command/port-types.ts";
import { envFile } from "../src/command/process-types.ts";
import { folder, savable } from "../src/command/types.ts";
import { exitCodes, TsmError } from "../src/core/errors.ts";
import type { SavedList } from "../src/core/save-list.ts";
import type { Saved } from "../src/core/service-save.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { setAsideNotes } from "../src/view/resurrection.ts";

export default defineCommand({
  name: "save",
  summary: "Save the list of processes for resurrect; or write a service",
  details: [
    "save alone writes all that is on record, each with its environment, to dump.json of the home, for your eyes alone; resurrect brings it back, and so does a boot (see startup). The four lists before it are kept.",
    "save ORG/NAME COMMAND writes the command word for word, with this folder as its TSM_CWD. A command in quotes with blanks in it is a shell string.",
    "save PROCESS ORG/NAME writes what the process runs: its command, folder, port, env file and policy, never its environment. Without ORG/NAME it is the service that it was started as, or one of its name where there is one org.",
    "Flags stand before the command: behind its first word all is the command's own, `--` too.",
  ],
  effect: "changes",
  args: {
    command: command(savable, "ORG/NAME and a command; or a process, and perhaps ORG/NAME; nothing: the list", {
      // A shell string in quotes is whole: what stands behind it is ours.
      isBegun: ([first = "", program]) => first.includes("/") && program !== undefined && !/\s/.test(program),
    }),
  },
  flags: {
    port: flag(port, { summary: "TSM_PORT" }),
    env: flag(envFile, { summary: "TSM_ENV: local is env/local.env, none is none" }),
    cwd: flag(folder, { summary: "TSM_CWD, default this folder" }),
    force: toggle("Replace a service of this name; save also an empty list"),
  },
  examples: [
    "save",
    "save tetra/myservice python app.py",
    "save --port 3000 tetra/api -- node server.js",
    "save 0 tetra/api",
  ],
  async run({ command: { words }, port: number, env, cwd, force }, { engine, signal }): Promise<Saved | SavedList> {
    if (words.length === 0) {
      if (number !== undefined || env !== undefined || cwd !== undefined)
        throw new TsmError("USAGE", usage, { block: true, exitCode: 1 });
      return (await engine.saved()).save(force, signal);
    }
    const services = await engine.services();
    const [first = "", second, ...more] = words;
    if (first.includes("/") && second !== undefined)
      return services.save({ ref: first, words: [second, ...more], port: number, env, cwd, force });
    const isProcess = more.length === 0 && (second === undefined || /^[^/]+\/[^/]+$/.test(second));
    const match = isProcess && first !== "" && !first.includes("/") ? await engine.match(first) : undefined;
    const [record, another] = match?.kind === "exact" ? match.records : [];
    if (record !== undefined && another === undefined) return services.saveProcess(record, second, force);
    throw new TsmError("USAGE", usage, { block: true, exitCode: 1 });
  },
  names: () => [],
  fold: wholeWords,
  *render(saved) {
    if ("ref" in saved) {
      yield `✅ Saved: ${saved.ref}${saved.replaced ? " (replaced)" : ""}`;
      yield `   ${saved.file}`;
      return;
    }
    const { processes, file } = saved;
    const stopped = processes.filter(({ wanted }) => wanted === "stopped").length;
    const names = processes.map(({ name, wanted }) => (wanted === "stopped" ? `${name} (stopped)` : name));
    const told = processes.length <= mostNames ? `: ${names.join(", ")}` : `, ${stopped} of them stopped`;
    const count = `${processes.length} ${processes.length === 1 ? "process" : "processes"}`;
    yield `✅ Saved ${count}${processes.length === 0 ? "" : told}`;
    yield `   ${file}`;
  },
  *notes(saved) {
    if ("ref" in saved) return;
    yield* setAsideNotes(saved.setAside);
    for (const { name, problem } of saved.left) yield `'${name}' was not saved: ${problem}`;
  },
  exitCode: (saved) => ("ref" in saved || saved.left.length === 0 ? exitCodes.done : exitCodes.failed),
});

/** More are counted. */
const mostNames = 12;

const usage = [
  "Usage: tsm save <org/service-name> <command> [args...]",
  "Example: tsm save tetra/myservice python app.py",
].join("\n");
