import type * as engine from "./engine.ts";
import { readCommand } from "./vi-command.ts";
import { noRegisters } from "./vi-registers.ts";
import { run } from "./vi-run.ts";
import type { Insertion, Pressed, Vi } from "./vi-state.ts";
import { pressVisual } from "./vi-visual.ts";

/** At the beginning of a line, which is typed as anywhere. */
export function viAt(buffer: engine.Buffer, before: Vi | undefined): Vi {
  const { change, find, registers = noRegisters } = before ?? {};
  const insertion: Insertion = { command: undefined, before: buffer, from: buffer, overwritten: [] };
  return { mode: "insert", begun: [], insertion, change, find, registers, anchor: 0 };
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
