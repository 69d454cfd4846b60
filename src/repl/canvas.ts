import type { Canvas } from "./editor/painter.ts";
import type { Terminal } from "./terminal.ts";

/** The screen of a terminal, for the painter. */
export function canvasAt(terminal: Terminal, env: NodeJS.ProcessEnv): Canvas {
  return {
    get columns() {
      return terminal.columns;
    },
    get rows() {
      return terminal.rows;
    },
    // The terminal of VS Code leaves the line with the cursor as it is when its width changes.
    reflows: env["TERM_PROGRAM"] !== "vscode",
    lookAtSize: () => terminal.lookAtSize(),
    write: (text) => terminal.write(text),
  };
}
