import type { ManagedTree, ProcessTree } from "../core/forest.ts";
import { bytes } from "./bytes.ts";
import type { Paint } from "./paint.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { clip } from "./width.ts";

/** What stands on a line, what colours it, and what hangs below it. */
interface Branch {
  readonly text: string;
  readonly colour: (text: string) => string;
  readonly below: readonly Branch[];
}

/** `0 api online 123`, below it the processes of its tree, and those that it has had started. */
export function* treeLines(forest: readonly ManagedTree[], screen: Screen): Iterable<string> {
  if (forest.length === 0) yield "no processes";
  for (const root of forest) yield* drawn(managed(root, screen.paint), "", "", screen);
}

function* drawn({ text, colour, below }: Branch, before: string, indent: string, screen: Screen): Iterable<string> {
  const { columns, paint, cut, plain } = screen;
  const shown = columns === undefined ? text : clip(text, Math.max(8, columns - before.length), cut);
  yield `${paint.faint(before)}${colour(shown)}`;
  for (const [index, branch] of below.entries()) {
    const isLast = index === below.length - 1;
    // Words alone: how deep it is, is the indentation.
    const [here, further] = plain === true ? ["  ", "  "] : isLast ? ["└─ ", "   "] : ["├─ ", "│  "];
    yield* drawn(branch, indent + here, indent + further, screen);
  }
}

function managed({ process, processes, children }: ManagedTree, paint: Paint): Branch {
  const { id, name, status, pid, memory } = process;
  const parts = [`${id} ${sanitize(name)} ${status}`, ...(pid === null ? [] : [`pid ${pid}`])];
  if (memory !== null) parts.push(bytes(memory));
  const colour = status === "online" ? paint.good : status === "crashed" ? paint.bad : paint.warn;
  const below = [...processes.map((each) => unmanaged(each, paint)), ...children.map((each) => managed(each, paint))];
  return { text: parts.join(" "), colour, below };
}

function unmanaged({ pid, command, memory, processes }: ProcessTree, paint: Paint): Branch {
  const below = processes.map((each) => unmanaged(each, paint));
  return { text: `${pid} ${sanitize(command)} ${bytes(memory)}`, colour: paint.faint, below };
}
