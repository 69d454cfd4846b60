import type { Span } from "./editor/painter.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Marks by which a terminal finds the prompts and the outputs among what it shows (OSC 133), to jump between them and
 * to take one whole. They take no cell. `redraw=0`: kitty and ghostty would otherwise take the prompt away when the
 * window changes its size, and trust that it is painted anew from the top.
 */
const marks = {
  prompt: "\x1b]133;A;redraw=0\x07",
  line: "\x1b]133;B\x07",
  output: "\x1b]133;C\x07",
};

export interface PromptMarks {
  /** The prompt with its beginning and its end marked. */
  around(prompt: readonly Span[]): Span[];
  /** Goes out when a line has been taken, before what it prints. */
  readonly output: string;
  /** Goes out when it is done. Without an exit code nothing was run. */
  done(exitCode: number | undefined): string;
}

const none: PromptMarks = { around: (prompt) => [...prompt], output: "", done: () => "" };

const some: PromptMarks = {
  around: (prompt) => [{ text: "", mark: marks.prompt }, ...prompt, { text: "", mark: marks.line }],
  output: marks.output,
  done: (exitCode) => `\x1b]133;D${exitCode === undefined ? "" : `;${exitCode}`}\x07`,
};

export function promptMarksFor(setting: "auto" | "on" | "off", env: Env): PromptMarks {
  return setting === "on" || (setting === "auto" && knowsMarks(env)) ? some : none;
}

/** Only terminals of which it is known: another might print what it does not understand. */
function knowsMarks(env: Env): boolean {
  const program = env["TERM_PROGRAM"] ?? "";
  // What is set of the outer terminal means nothing in a multiplexer, which shows what it understands itself.
  if (env["TMUX"]) return program === "tmux" && isAtLeast(env["TERM_PROGRAM_VERSION"], 3.4);
  if (env["STY"] || env["ZELLIJ"]) return false;
  return (
    ["iTerm.app", "WezTerm", "vscode", "ghostty"].includes(program) ||
    /^(?:xterm-kitty|xterm-ghostty|foot|wezterm)/.test(env["TERM"] ?? "") ||
    ["KITTY_WINDOW_ID", "WT_SESSION"].some((name) => Boolean(env[name])) ||
    isAtLeast(env["VTE_VERSION"], 7600) ||
    isAtLeast(env["KONSOLE_VERSION"], 210400)
  );
}

/** `3.4`, `3.5a`, `7600`. */
function isAtLeast(version: string | undefined, least: number): boolean {
  return Number.parseFloat(version ?? "") >= least;
}
