import type { Home } from "./home.ts";
import { openScreen, type Screen } from "./screen.ts";
import { program } from "./tsm.ts";

/** The shell of the built program at a terminal, at its first prompt. */
export async function openShell(
  home: Home,
  { env = {}, columns = 100, rows = 50 }: { env?: NodeJS.ProcessEnv; columns?: number; rows?: number } = {},
): Promise<Screen> {
  const options = { cwd: home.folder, env: { TSM_HOME: home.path, ...env }, columns, rows };
  const screen = openScreen(process.execPath, [program, "repl"], options);
  await screen.waitFor(atPrompt);
  return screen;
}

/** Is the line empty, and the cursor behind the prompt? */
export function atPrompt(screen: Screen): boolean {
  const { row, column } = screen.cursor();
  const shown = screen.rows()[row] ?? "";
  return /^tsm \d+● (\d+✗ )?›$/.test(shown) && column === shown.length + 1;
}
