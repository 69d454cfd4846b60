import { command, defineCommand, flag, toggle } from "../src/command/define.ts";
import { envFile, folder, port, savable } from "../src/command/types.ts";
import { TsmError } from "../src/core/errors.ts";

export default defineCommand({
  name: "save",
  summary: "Write a service: a command, or what a process runs",
  details: [
    "save ORG/NAME COMMAND writes the command word for word, with this folder as its TSM_CWD. A command in quotes with blanks in it is a shell string.",
    "save PROCESS ORG/NAME writes what the process runs: its command, folder, port, env file and policy, never its environment. Without ORG/NAME it is the service that it was started as, or one of its name where there is one org.",
    "Flags stand before the command.",
  ],
  effect: "changes",
  args: { command: command(savable, "ORG/NAME and a command; or a process, and perhaps ORG/NAME") },
  flags: {
    port: flag(port, { summary: "TSM_PORT" }),
    env: flag(envFile, { summary: "TSM_ENV: local is env/local.env, none is none" }),
    cwd: flag(folder, { summary: "TSM_CWD, default this folder" }),
    force: toggle("Replace a service of this name"),
  },
  examples: ["save tetra/myservice python app.py", "save --port 3000 tetra/api -- node server.js", "save 0 tetra/api"],
  async run({ command: { words }, port: number, env, cwd, force }, { engine }) {
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
  *render({ ref, file, replaced }) {
    yield `✅ Saved: ${ref}${replaced ? " (replaced)" : ""}`;
    yield `   ${file}`;
  },
});

const usage = [
  "Usage: tsm save <org/service-name> <command> [args...]",
  "Example: tsm save tetra/myservice python app.py",
].join("\n");
