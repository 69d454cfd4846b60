import { writeSync } from "node:fs";
import type { FullScreen, FullScreenEvents } from "../command/full-screen.ts";
import { isErrno } from "../core/errors.ts";
import { Terminal, type TerminalStreams } from "./terminal.ts";

/** The other screen, empty; no cursor, and no row goes on in the next one. */
const enter = "\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?7l";
const leave = "\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l";

/** Gives the terminal to the work, keys and all. However that ends, the terminal is left as it was. */
export async function fullScreen<T>(streams: TerminalStreams, work: (screen: FullScreen) => Promise<T>): Promise<T> {
  const { stdout } = streams;
  const ended = new AbortController();
  const nobody: FullScreenEvents = { key: () => undefined, repaint: () => undefined };
  let events = nobody;
  let exitCode = 0;
  let isOn = false;
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
      key: (text, key) => events.key(text, key),
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
