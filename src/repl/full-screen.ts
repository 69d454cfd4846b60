import { writeSync } from "node:fs";
import type { FullScreen, FullScreenEvents } from "../command/full-screen.ts";
import { isErrno } from "../core/errors.ts";
import type { Key } from "./editor/keymap.ts";
import { type Paste, Terminal, type TerminalStreams } from "./terminal.ts";

/** The other screen, empty; no cursor, and no row goes on in the next one. */
const enter = "\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?7l";
const leave = "\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l";

/**
 * Gives the terminal to the work, keys and all. However that ends, the terminal is left as it was.
 * @param lent in the shell: a paste may be going on. Keys struck before anything is shown are the shell's then.
 */
export async function fullScreen<T>(
  streams: TerminalStreams,
  work: (screen: FullScreen) => Promise<T>,
  lent?: Paste,
): Promise<T> {
  const { stdin, stdout } = streams;
  const paste = lent ?? { isGoingOn: false, isWatched: false };
  paste.isWatched = true;
  const ended = new AbortController();
  const nobody: FullScreenEvents = { key: () => undefined, repaint: () => undefined };
  let events = nobody;
  let exitCode = 0;
  let isOn = false;
  let isShown = lent === undefined;
  let ahead = "";
  let pasted = "";
  /** Of a paste that began before. Its end may have been read by then: Ctrl-C leaves all the same. */
  let isRest = paste.isGoingOn;
  const key = (text: string | undefined, struck: Key): void => {
    const leaves = struck.ctrl === true && struck.name === "c";
    if (struck.name === "paste-start" || struck.name === "paste-end") {
      if (paste.isGoingOn && isShown) events.pasted?.(pasted);
      paste.isGoingOn = struck.name === "paste-start";
      isRest = false;
      pasted = "";
    } else if (paste.isGoingOn && !(isRest && leaves)) pasted += text ?? "";
    else if (isShown || leaves) events.key(text, struck);
    else ahead += struck.sequence ?? text ?? "";
  };
  const turnOn = (): void => {
    isOn = true;
    terminal.write(enter);
  };
  const turnOff = (): void => {
    if (isOn) stdout.write(leave);
    isOn = false;
  };
  const end = (code: number): void => {
    exitCode = code;
    turnOff();
    ended.abort();
  };
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const terminal = new Terminal(
    streams,
    {
      key,
      resized: () => events.repaint(),
      interrupted: () => end(0),
      stopping: turnOff,
      continued: () => {
        turnOn();
        events.repaint();
      },
      lent: () => undefined,
      ended: end,
      bug: fail,
    },
    false,
  );
  // At the very end nothing that waits runs any more.
  const atExit = (): void => {
    if (isOn && stdout.fd !== undefined) writeAnyway(stdout.fd, leave);
  };
  process.on("exit", atExit);
  terminal.open();
  turnOn();
  const screen: FullScreen = {
    get columns() {
      return terminal.columns;
    },
    get rows() {
      return terminal.rows;
    },
    write: (text) => {
      isShown = true;
      if (isOn) terminal.write(text);
    },
    listen: (wanted) => {
      events = wanted;
    },
    async suspend() {
      await terminal.stop();
      turnOn();
      events.repaint();
    },
    ended: ended.signal,
    get exitCode() {
      return exitCode;
    },
  };
  try {
    return await Promise.race([work(screen), failed]);
  } finally {
    events = nobody;
    turnOff();
    terminal.close();
    if (ahead !== "" && !ended.signal.aborted) stdin.unshift(ahead);
    process.off("exit", atExit);
  }
}

function writeAnyway(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch (error) {
    if (!isErrno(error, "EIO", "EBADF", "EAGAIN", "EPIPE")) throw error; // The terminal is gone.
  }
}
