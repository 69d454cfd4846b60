import { basename } from "node:path";
import { TsmError } from "./errors.ts";
import type { StartRequest } from "./plan.ts";
import type { Program } from "./program.ts";
import type { World } from "./world.ts";

/** A program with what stands between its interpreter and its script: asked for, or needed so that it can say that it is ready. */
export function withInterpreterArgs(
  { programs }: Pick<World, "programs">,
  program: Program,
  { interpreterArgs: asked = [], policy }: Pick<StartRequest, "interpreterArgs" | "policy">,
): Program {
  const saysReady = policy.oversight.ready?.kind === "ipc";
  const [interpreter = "", ...rest] = program.argv;
  if (saysReady && !(isInterpreted(program) && program.type === "node")) {
    throw new TsmError("USAGE", "--wait-ready: only a script that node runs can say so by process.send('ready')", {
      hint: "Give --ready port, http://…, log:/regex/ or cmd:…",
    });
  }
  const args = [...asked, ...(saysReady ? ["--require", programs.saysReady] : [])];
  if (args.length === 0) return program;
  if (!isInterpreted(program)) {
    throw new TsmError("USAGE", `--interpreter-args: no interpreter runs '${program.module.name}'`, {
      hint: "Write them into the command, or name one with --interpreter",
    });
  }
  return { ...program, argv: [interpreter, ...args, ...rest] };
}

function isInterpreted({ shellLine, type, argv: [first = ""] }: Program): boolean {
  return shellLine === undefined && type !== "command" && !/^(go|npm|npx|yarn|pnpm|tsx)$/.test(basename(first));
}
