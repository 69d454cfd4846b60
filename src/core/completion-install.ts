import { basename, dirname, join } from "node:path";
import { isErrno, TsmError } from "./errors.ts";
import type { World } from "./world.ts";

export const completedShells = ["bash", "zsh", "fish"] as const;
export type CompletedShell = (typeof completedShells)[number];

/** What was written for a shell, or would be. */
export interface CompletionInstalled {
  readonly shell: CompletedShell;
  readonly file: string;
  readonly line: string;
  /** "there": the file asks for it already, and was left alone. */
  readonly state: "written" | "there" | "dry-run";
}

/**
 * Adds the one line that makes a shell complete `tsm` to the file that it reads when it opens, once.
 * @param shell undefined: the caller's own, by SHELL.
 */
export function installCompletion(
  world: World,
  shell: CompletedShell | undefined,
  dryRun: boolean,
): CompletionInstalled {
  const meant = shell ?? ownShell(world);
  const file = fileOf(world, meant);
  const line = lineOf[meant];
  const { files } = world.platform;
  try {
    const text = files.readText(file) ?? "";
    if (asksFor(text, meant)) return { shell: meant, file, line, state: "there" };
    if (dryRun) return { shell: meant, file, line, state: "dry-run" };
    files.makeFolder(dirname(file));
    // A last line without its end would take ours with it.
    files.appendLine(file, text === "" || text.endsWith("\n") ? line : `\n${line}`);
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "EROFS", "EISDIR", "ENOTDIR", "ENOSPC", "EDQUOT", "ELOOP")) throw error;
    throw new TsmError("NO_FILE", `${file} cannot be written (${error.code})`, {
      hint: `Add this line to what ${meant} reads: ${line}`,
      exitCode: 1,
    });
  }
  return { shell: meant, file, line, state: "written" };
}

function ownShell({ env }: World): CompletedShell {
  const name = basename(env["SHELL"] ?? "");
  const found = completedShells.find((each) => each === name);
  if (found !== undefined) return found;
  throw new TsmError("USAGE", `which shell is it? SHELL is '${env["SHELL"] ?? ""}'`, {
    hint: `tsm completion install ${completedShells.join("|")}`,
  });
}

function fileOf({ env, platform }: World, shell: CompletedShell): string {
  const home = env["HOME"];
  if (home === undefined || home === "") {
    throw new TsmError("USAGE", "HOME is not set, so nobody knows where the shell's files are", {
      hint: `The line is: ${lineOf[shell]}`,
    });
  }
  if (shell === "zsh") return join(env["ZDOTDIR"] || home, ".zshrc");
  if (shell === "fish") return join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "fish/completions/tsm.fish");
  // A terminal of macOS opens a login shell, which does not read .bashrc.
  return join(home, platform.name === "darwin" ? ".bash_profile" : ".bashrc");
}

/** Where tsm is gone, the shell opens as before. */
const lineOf: Readonly<Record<CompletedShell, string>> = {
  // Not `source <(…)`, which reads nothing in bash 3.2.
  bash: 'command -v tsm >/dev/null && eval "$(tsm completion bash)"',
  zsh: '(( $+commands[tsm] )) && { (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }; eval "$(tsm completion zsh)" }',
  fish: "command -q tsm; and tsm completion fish | source",
};

/** In any spelling, as people have written it by hand. */
function asksFor(text: string, shell: CompletedShell): boolean {
  return text.split("\n").some((line) => !line.trimStart().startsWith("#") && line.includes(`tsm completion ${shell}`));
}
