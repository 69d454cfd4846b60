import type * as engine from "./engine.ts";
import { isText } from "./keymap.ts";
import { readCommand, takesKey } from "./vi-command.ts";
import { noRegisters } from "./vi-registers.ts";
import { leaveInsertion, overwrite, restore, run } from "./vi-run.ts";
import { type Insertion, isCommanding, type Pressed, type Vi } from "./vi-state.ts";
import { pressVisual } from "./vi-visual.ts";

/** At the beginning of a line, which is typed as anywhere. */
export function viAt(buffer: engine.Buffer, before: Vi | undefined): Vi {
  const { change, find, registers = noRegisters } = before ?? {};
  const insertion: Insertion = { command: undefined, before: buffer, from: buffer, overwritten: [] };
  return { mode: "insert", begun: [], insertion, change, find, registers, anchor: 0 };
}

/** What a key comes to, whatever the mode; undefined when it is left to what it does in emacs. */
export function pressVi(
  vi: Vi,
  buffer: engine.Buffer,
  text: string | undefined,
  id: string | undefined,
): Pressed | undefined {
  if (isCommanding(vi)) {
    const key = id ?? text ?? "";
    if (takesKey(key)) return press(vi, buffer, key);
    // Tab completes nothing there; and what was begun is not gone on with by a key of emacs.
    return id === undefined || id === "tab" || id === "S-tab" ? { vi: { ...vi, begun: [] }, buffer } : undefined;
  }
  if (id === "escape") return leaveInsertion(vi, buffer);
  if (vi.mode === "insert") return undefined;
  if (id === "backspace") return restore(vi, buffer);
  return id === undefined && isText(text) ? overwrite(vi, buffer, text) : undefined;
}

/** A key where keys are commands. */
export function press(vi: Vi, buffer: engine.Buffer, key: string): Pressed {
  if (vi.mode === "visual" || vi.mode === "visual-lines") return pressVisual(vi, buffer, key);
  const idle: Vi = { ...vi, begun: [] };
  if (key === "escape") return { vi: idle, buffer };
  const keys = [...vi.begun, key];
  const command = readCommand(keys);
  if (command === "begun") return { vi: { ...vi, begun: keys }, buffer };
  return command === undefined ? { vi: idle, buffer } : run(idle, buffer, command);
}
