// @ts-check
import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";

/** @typedef {import("./svg.mjs").Cell} Cell */

/** The colours of the first sixteen numbers. */
const palette = [
  ...["#3b4048", "#e5636d", "#7fc06e", "#e0b25a", "#5ea7f0", "#c67add", "#4fb8c6", "#c8ccd4"],
  ...["#6b717d", "#ff7b85", "#98d982", "#f2c877", "#7fbcff", "#d99bf0", "#6fd2df", "#ffffff"],
];

const keys = {
  enter: "\r",
  tab: "\t",
  escape: "\x1b",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  "ctrl-c": "\x03",
  "ctrl-l": "\x0c",
  "ctrl-r": "\x12",
  "ctrl-u": "\x15",
};

/** @typedef {keyof typeof keys} KeyName */

/**
 * A program at a terminal.
 * @param {readonly [string, ...string[]]} command
 * @param {{ columns: number, rows: number, folder: string, env: Record<string, string> }} where
 */
export function openStage([file, ...args], { columns, rows, folder, env }) {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const pty = spawn(file, args, { cols: columns, rows, cwd: folder, env, name: "xterm-256color" });
  /** @type {Set<() => void>} */
  const watchers = new Set();
  pty.onData((data) =>
    terminal.write(data, () => {
      for (const watch of watchers) watch();
    }),
  );
  terminal.onData((data) => pty.write(data));
  const over = new Promise((resolve) => {
    pty.onExit(resolve);
  });
  const text = () =>
    Array.from({ length: rows }, (_, y) => lineAt(terminal, y)?.translateToString(true).trimEnd() ?? "")
      .join("\n")
      .trimEnd();

  return {
    type: (/** @type {string} */ letters) => pty.write(letters),
    key: (/** @type {KeyName} */ name) => pty.write(keys[name]),
    /** Resolves when the screen shows it. @param {RegExp} what @returns {Promise<void>} */
    shows: (what) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(watch);
          reject(new Error(`the screen never showed ${what}; it shows:\n${text()}`));
        }, 20_000);
        const watch = () => {
          if (!what.test(text())) return;
          watchers.delete(watch);
          clearTimeout(timer);
          resolve();
        };
        watchers.add(watch);
        watch();
      }),
    /** What it shows, without the empty rows at the bottom. @returns {Pick<import("./svg.mjs").Shot, "columns" | "rows" | "cursor">} */
    shot() {
      const { cursorX, cursorY } = terminal.buffer.active;
      const used = Math.max(text().split("\n").length, cursorY + 1);
      const cells = Array.from({ length: used }, (_, y) =>
        Array.from({ length: columns }, (__, at) => cellAt(terminal, y, at)),
      );
      return { columns, rows: cells, cursor: { row: cursorY, column: Math.min(cursorX, columns - 1) } };
    },
    async end() {
      pty.kill("SIGKILL");
      await over;
      terminal.dispose();
    },
  };
}

/** @param {xterm.Terminal} terminal @param {number} y */
function lineAt(terminal, y) {
  return terminal.buffer.active.getLine(terminal.buffer.active.baseY + y);
}

/** @param {xterm.Terminal} terminal @param {number} y @param {number} column @returns {Cell} */
function cellAt(terminal, y, column) {
  const cell = lineAt(terminal, y)?.getCell(column);
  if (cell === undefined) throw new Error(`no cell ${y}:${column}`);
  const colour = cell.isFgDefault() ? undefined : colourOf(cell.isFgRGB(), cell.getFgColor());
  const background = cell.isBgDefault() ? undefined : colourOf(cell.isBgRGB(), cell.getBgColor());
  const isInverse = cell.isInverse() !== 0;
  return {
    text: cell.getChars(),
    width: cell.getWidth(),
    colour: isInverse ? (background ?? "#16181d") : colour,
    background: isInverse ? (colour ?? "#d5d8de") : background,
    bold: cell.isBold() !== 0,
    faint: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underlined: cell.isUnderline() !== 0,
  };
}

/** @param {boolean} isRgb @param {number} number */
function colourOf(isRgb, number) {
  if (isRgb) return `#${number.toString(16).padStart(6, "0")}`;
  const known = palette[number];
  if (known !== undefined) return known;
  const grey = 8 + (number - 232) * 10;
  const step = (/** @type {number} */ at) => (at === 0 ? 0 : 55 + at * 40);
  const cube = number - 16;
  const [red, green, blue] =
    number >= 232 ? [grey, grey, grey] : [step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6)];
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
