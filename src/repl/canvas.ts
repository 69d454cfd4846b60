import { reflowsIn } from "../view/reflow.ts";
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
    reflows: reflowsIn(env),
    lookAtSize: () => terminal.lookAtSize(),
    write: (text) => terminal.write(text),
  };
}
