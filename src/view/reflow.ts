/** Does the terminal wrap the line with the cursor anew when its width changes? Nearly all do. */
export function reflowsIn(env: Readonly<Record<string, string | undefined>>): boolean {
  const { TERM = "" } = env;
  // What is set of the outer terminal means nothing in a multiplexer.
  if (env["TMUX"]) return true;
  if (env["STY"]) return false;
  // The terminal of VS Code leaves the line with the cursor as it is.
  if (env["TERM_PROGRAM"]) return env["TERM_PROGRAM"] !== "vscode";
  // Whatever xterm starts inherits this, other terminals too.
  const isXterm = Boolean(env["XTERM_VERSION"]) && /^xterm(?:-(?:16|88|256|direct)?color)?$/.test(TERM);
  if (isXterm) return Boolean(env["VTE_VERSION"] || env["KONSOLE_VERSION"]);
  return !/^(?:linux|st|eterm)(?:-|$)/.test(TERM);
}
