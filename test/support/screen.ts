import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { onTestFinished } from "vitest";

/** A terminal with a program in it, and what a person would see. */
export interface Screen {
  readonly pid: number;
  /** Sends characters as they are. */
  type(text: string): void;
  /** Presses keys by name: `enter`, `tab`, `up`, `ctrl-c`, `alt-b`, `escape`, … */
  key(...names: string[]): void;
  /** Sends text as a terminal sends a paste to a program that asked for brackets. */
  paste(text: string): void;
  /** The rows now on the screen, without the blanks at their ends and the empty rows at the bottom. */
  rows(): string[];
  /** Everything since the start, also what scrolled away; wrapped rows joined. */
  text(): string;
  /** Counted from 0. */
  cursor(): { row: number; column: number };
  /** Does the cell have this look? */
  isUnderlined(row: number, column: number): boolean;
  /** How the cell looks: the number of its colour (1 red, 2 green, …), and is it faint, or inverse? */
  lookOf(
    row: number,
    column: number,
  ): { readonly colour: number | undefined; readonly faint: boolean; readonly inverse: boolean };
  /** How the program has shaped the cursor; "own": as the terminal has it by itself. */
  cursorShape(): "own" | "block" | "underline" | "bar";
  /** Is the program asking for pastes in brackets? */
  bracketsPastes(): boolean;
  /** Every byte that came from the program. */
  bytes(): string;
  resize(columns: number, rows: number): void;
  /** Resolves as soon as the screen is so; fails with the screen when it does not come to that. */
  waitFor(what: string | RegExp | ((screen: Screen) => boolean), timeoutMs?: number): Promise<void>;
  readonly exit: Promise<{ code: number; signal: number | undefined }>;
}

/** Opens a terminal that runs a program. The program is ended with the test. */
export function openScreen(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; columns?: number; rows?: number } = {},
): Screen {
  const { columns = 80, rows = 24 } = options;
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    scrollback: 20_000,
    reflowCursorLine: true,
  });
  const env = { ...knownEnvironment(), ...options.env };
  const pty = spawn(file, [...args], {
    cols: columns,
    rows,
    cwd: options.cwd ?? process.cwd(),
    env,
    // It would overrule the TERM of the environment.
    name: env.TERM,
  });
  const watchers = new Set<() => void>();
  const look = (): void => {
    for (const watcher of watchers) watcher();
  };
  let shape: ReturnType<Screen["cursorShape"]> = "own";
  terminal.parser.registerCsiHandler({ intermediates: " ", final: "q" }, ([asked]) => {
    shape = (["own", "block", "block", "underline", "underline", "bar", "bar"] as const)[Number(asked ?? 0)] ?? "own";
    return true;
  });
  let bytes = "";
  pty.onData((data) => {
    bytes += data;
    terminal.write(data, look);
  });
  // Answers to a program's questions (vim asks what it runs in).
  terminal.onData((data) => pty.write(data));
  let over = false;
  const exit = new Promise<{ code: number; signal: number | undefined }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      over = true;
      // What it wrote last may still be on its way to the screen.
      terminal.write("", () => {
        look();
        resolve({ code: exitCode, signal: signal === 0 ? undefined : signal });
      });
    });
  });
  onTestFinished(async () => {
    if (!over) pty.kill("SIGKILL");
    await exit;
    terminal.dispose();
  });

  const screen: Screen = {
    pid: pty.pid,
    type: (text) => pty.write(text),
    key: (...names) => {
      for (const name of names) pty.write(bytesOf(name));
    },
    paste: (text) => pty.write(`\x1b[200~${text.replaceAll("\n", "\r")}\x1b[201~`),
    rows: () => rowsOf(terminal),
    text: () => textOf(terminal),
    cursor: () => ({ row: terminal.buffer.active.cursorY, column: terminal.buffer.active.cursorX }),
    isUnderlined: (row, column) => {
      const line = terminal.buffer.active.getLine(terminal.buffer.active.baseY + row);
      return (line?.getCell(column)?.isUnderline() ?? 0) !== 0;
    },
    lookOf: (row, column) => {
      const cell = terminal.buffer.active.getLine(terminal.buffer.active.baseY + row)?.getCell(column);
      const coloured = cell !== undefined && cell.isFgDefault() === false;
      const [faint, inverse] = [(cell?.isDim() ?? 0) !== 0, (cell?.isInverse() ?? 0) !== 0];
      return { colour: coloured ? cell.getFgColor() : undefined, faint, inverse };
    },
    cursorShape: () => shape,
    bracketsPastes: () => terminal.modes.bracketedPasteMode,
    bytes: () => bytes,
    resize: (newColumns, newRows) => {
      terminal.resize(newColumns, newRows);
      pty.resize(newColumns, newRows);
    },
    waitFor: (what, timeoutMs = 10_000) => {
      const holds = (): boolean => {
        if (typeof what === "function") return what(screen);
        const seen = screen.rows().join("\n");
        return typeof what === "string" ? seen.includes(what) : what.test(seen);
      };
      // The stack of the caller: the failing line of the test, not this one.
      const failure = new Error("the screen never showed it");
      return new Promise((resolve, reject) => {
        const watch = (): void => {
          if (!holds()) return;
          watchers.delete(watch);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          watchers.delete(watch);
          const { row, column } = screen.cursor();
          failure.message = `the screen never showed ${String(what)}; it shows (cursor ${row}:${column}${over ? ", program over" : ""}):\n${screen.rows().join("\n")}`;
          reject(failure);
        }, timeoutMs);
        watchers.add(watch);
        watch();
      });
    },
    exit,
  };
  return screen;
}

/** A dark xterm that knows UTF-8 and nothing more, whatever terminal (or none) the tests were started in. */
function knownEnvironment(): NodeJS.ProcessEnv & { readonly TERM: string } {
  const terminals =
    /^(?:TERM|COLORTERM|COLORFGBG|NO_COLOR|FORCE_COLOR|LC_|LANG|TMUX|STY|ZELLIJ|KITTY_|WT_SESSION|VTE_|KONSOLE_|INSIDE_EMACS|TSM_)/;
  const others = Object.entries(process.env).filter(([name]) => !terminals.test(name));
  return { ...Object.fromEntries(others), TERM: "xterm-256color", COLORFGBG: "15;0", LANG: "C.UTF-8" };
}

/** What a terminal sends for a key. */
export function bytesOf(name: string): string {
  const known = keys[name];
  if (known !== undefined) return known;
  const control = /^ctrl-([a-z_])$/.exec(name)?.[1];
  if (control !== undefined) return String.fromCharCode(control.toUpperCase().charCodeAt(0) & 0x1f);
  const alt = /^alt-(.+)$/.exec(name)?.[1];
  if (alt !== undefined) return `\x1b${keys[alt] ?? alt}`;
  throw new Error(`no key is called ${name}`);
}

const keys: Readonly<Record<string, string>> = {
  enter: "\r",
  tab: "\t",
  "shift-tab": "\x1b[Z",
  escape: "\x1b",
  backspace: "\x7f",
  delete: "\x1b[3~",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  home: "\x1b[H",
  end: "\x1b[F",
  pageup: "\x1b[5~",
  pagedown: "\x1b[6~",
  "ctrl-left": "\x1b[1;5D",
  "ctrl-right": "\x1b[1;5C",
};

function rowsOf(terminal: xterm.Terminal): string[] {
  const { active } = terminal.buffer;
  const rows: string[] = [];
  for (let y = 0; y < terminal.rows; y++)
    rows.push(
      active
        .getLine(active.baseY + y)
        ?.translateToString(true)
        .trimEnd() ?? "",
    );
  while (rows.at(-1) === "") rows.pop();
  return rows;
}

function textOf(terminal: xterm.Terminal): string {
  const { active } = terminal.buffer;
  let text = "";
  for (let y = 0; y < active.length; y++) {
    const line = active.getLine(y);
    if (line === undefined) continue;
    const continued = active.getLine(y + 1)?.isWrapped === true;
    const row = line.translateToString(!continued);
    text += continued ? row : `${row.trimEnd()}\n`;
  }
  return text.trimEnd();
}
