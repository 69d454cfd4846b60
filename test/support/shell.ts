import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "./home.ts";
import { openScreen, type Screen } from "./screen.ts";
import { program } from "./tsm.ts";

const usualPrompt = /^tsm \d+● (\d+✗ )?›$/;

/** The shell of the built program at a terminal, at its first prompt. */
export async function openShell(
  home: Home,
  {
    env = {},
    columns = 100,
    rows = 50,
    prompt = usualPrompt,
  }: { env?: NodeJS.ProcessEnv; columns?: number; rows?: number; prompt?: RegExp } = {},
): Promise<Screen> {
  welcomed(home);
  const options = { cwd: home.folder, env: { TSM_HOME: home.path, ...env }, columns, rows };
  const screen = openScreen(process.execPath, [program, "repl"], options);
  await screen.waitFor((seen) => atPrompt(seen, prompt));
  return screen;
}

/** From now on no shell of this home is its first one. */
export function welcomed(home: Home): void {
  mkdirSync(join(home.path, "config"), { recursive: true, mode: 0o700 });
  writeFileSync(join(home.path, "config/welcomed"), "");
}

/** Is the line empty, and the cursor behind the prompt? */
export function atPrompt(screen: Screen, prompt = usualPrompt): boolean {
  const { row, column } = screen.cursor();
  const shown = screen.rows()[row] ?? "";
  return prompt.test(shown) && column === shown.length + 1;
}
