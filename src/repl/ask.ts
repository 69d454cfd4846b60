import { PassThrough } from "node:stream";
import type { Ask } from "../command/define.ts";
import type { Look } from "../view/look.ts";
import { painted, type Styles } from "./editor/styles.ts";
import { pasteBegins, pasteEnds } from "./pasted.ts";
import { questionRows, questionScreen } from "./question-frame.ts";
import type { Paste, Terminal, TerminalStreams } from "./terminal.ts";

export interface AskingPlace {
  readonly signal: AbortSignal;
  readonly look: Look;
  readonly styles: Styles;
  /** See `Canvas`. */
  readonly reflows: boolean;
}

/**
 * Questions at the terminal. Keys struck before a question is shown are commands to come, never its answer; what is
 * pasted is nobody's answer either.
 */
export function askAt(
  terminal: Terminal,
  streams: TerminalStreams,
  { signal, look, styles, reflows }: AskingPlace,
): Ask {
  // Broken when it is painted, for the width that the window has then.
  const theme = themeOf(look, styles, (question) => questionRows(question, "(y/N) n", terminal.columns));
  const asking = <T>(question: string, isList: boolean, ask: (context: Asking) => Promise<T>) => {
    const screen = questionScreen(streams.stdout, {
      message: () => theme.style.message(question),
      isList,
      cut: look.cut,
      reflows,
    });
    const put = async (paste: Paste): Promise<T | undefined> => {
      const left = new AbortController();
      const keys = withoutPastes(streams, paste, () => left.abort());
      try {
        const either = AbortSignal.any([signal, left.signal]);
        // What is left of an answered or a cancelled list would only be in the way: the command says what it does.
        return await unlessCancelled(() =>
          ask({
            input: keys.input,
            output: screen.output,
            signal: either,
            clearPromptOnDone: true,
            dropTyped: keys.dropTyped,
          }),
        );
      } finally {
        screen.end();
        keys.end();
      }
    };
    return terminal.lend("picker", put, () => screen.again());
  };
  return {
    confirm: async (question) => {
      const { confirm } = await import("@inquirer/prompts");
      const message = look.fit(question);
      const answer = await asking(message, false, (context) => {
        const error = (): string => {
          context.dropTyped();
          return look.fit("Answer y or n");
        };
        const keywords = { yes: "Yes", no: "No", error };
        return confirm({ message, default: false, theme: { ...theme, keywords } }, context);
      });
      return answer ?? false;
    },
    pick: async (question, choices) => {
      const { select } = await import("@inquirer/prompts");
      const message = look.fit(question);
      const named = choices.map(({ value, label }) => ({ value, name: look.fit(label) }));
      return asking(message, true, (context) => select({ message, choices: named, theme }, context));
    },
    goOn: (question) =>
      asking(question, false, async ({ input, output, signal: either }) => {
        output.write(painted(styles.faint, look.fit(`${question} (Enter, or q to leave) `)));
        const goesOn = await enterOrQ(input, either);
        output.write("\r\x1b[K");
        return goesOn;
      }).then((goesOn) => goesOn === true),
  };
}

const enter = ["\r", "\n"];
const leave = ["q", "Q", "\x03", "\x04"];

/** Enter is yes; q, Ctrl-C and Ctrl-D are no, and no other key is an answer. */
function enterOrQ(input: NodeJS.ReadableStream, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const answer = (goesOn: boolean): void => {
      input.off("data", take);
      resolve(goesOn);
    };
    const take = (chunk: Buffer | string): void => {
      const keys = [...chunk.toString()];
      // Of keys that come together what leaves counts.
      if (keys.some((key) => leave.includes(key))) answer(false);
      else if (keys.some((key) => enter.includes(key))) answer(true);
    };
    input.on("data", take);
    if (signal.aborted) answer(false);
    else signal.addEventListener("abort", () => answer(false), { once: true });
  });
}

/** The pickers in our own colours and with marks that the terminal has. */
function themeOf({ fit }: Look, styles: Styles, broken: (question: string) => string) {
  // Where ASCII is all there is, the mark of a row that did not end stands in its place: no name of a key.
  const enterKey = fit("⏎") === "⏎" ? "⏎" : "Enter";
  return {
    prefix: { idle: painted(styles.accent, "?"), done: painted(styles.good, "?") },
    icon: { cursor: fit("❯") },
    style: {
      message: (text: string) => painted(styles.strong, broken(text)),
      highlight: (text: string) => painted(styles.accent, text),
      answer: (text: string) => painted(styles.accent, text),
      error: (text: string) => painted(styles.bad, text),
      defaultAnswer: (text: string) => painted(styles.faint, `(${text})`),
      keysHelpTip: (keys: readonly [key: string, action: string][]) =>
        painted(
          styles.faint,
          keys.map(([key, action]) => `${key === "⏎" ? enterKey : fit(key)} ${action}`).join(fit(" · ")),
        ),
    },
  };
}

interface Asking {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
  readonly clearPromptOnDone: boolean;
  /** What stands behind the question goes with the next key. */
  readonly dropTyped: () => void;
}

/** Ctrl-U. */
const clearLine = "\x15";
/** Ctrl-Z. */
const stopKey = "\x1a";
/** In a group: what is split by them has them too. */
const pasteMarks = new RegExp(`(${[pasteBegins, pasteEnds].map((mark) => mark.replace("[", "\\[")).join("|")})`);

/**
 * The keys of the terminal without what stands between the marks of a bracketed paste.
 * @param paste one may be going on when the question is shown, and when it has been answered.
 * @param leave called for Escape by itself: a terminal sends what begins with it in one piece. So it is for Ctrl-C by
 * itself in a paste, whose end may never come.
 */
function withoutPastes(
  { stdin, stdout }: TerminalStreams,
  paste: Paste,
  leave: () => void,
): { readonly input: NodeJS.ReadableStream; dropTyped(): void; end(): void } {
  const input = new PassThrough();
  let drops = false;
  paste.isWatched = true;
  const take = (chunk: Buffer | string): void => {
    // What a key leads to is painted for the width that the window has now.
    stdout._refreshSize?.();
    if (chunk.toString() === "\x1b" || (paste.isGoingOn && chunk.toString() === "\x03")) {
      leave();
      return;
    }
    for (const part of chunk.toString().split(pasteMarks)) {
      if (part === pasteBegins) paste.isGoingOn = true;
      else if (part === pasteEnds) paste.isGoingOn = false;
      else if (!paste.isGoingOn && part !== "") {
        if (drops) input.write(clearLine);
        drops = false;
        input.write(part.replaceAll(stopKey, ""));
        // The picker would stop itself, and not the terminal's raw mode.
        if (part.includes(stopKey)) process.kill(process.pid, "SIGTSTP");
      }
    }
  };
  stdin.setRawMode?.(true);
  stdin.on("data", take);
  stdin.resume();
  stdout.write("\x1b[?2004h");
  return {
    input,
    dropTyped() {
      drops = true;
    },
    end() {
      stdin.off("data", take);
      stdin.pause();
      stdin.setRawMode?.(false);
      stdout.write("\x1b[?2004l");
      input.destroy();
    },
  };
}

/** Ctrl-C at a question is an answer: none of these. */
async function unlessCancelled<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && ["ExitPromptError", "AbortPromptError"].includes(error.name)) return undefined;
    throw error;
  }
}
