import { PassThrough } from "node:stream";
import type { Ask } from "../command/define.ts";
import type { Terminal, TerminalStreams } from "./terminal.ts";

/**
 * Questions at the terminal. Keys struck before a question is shown are commands to come, never its answer; what is
 * pasted is nobody's answer either.
 */
export function askAt(terminal: Terminal, streams: TerminalStreams, signal: AbortSignal): Ask {
  const asking = <T>(ask: (context: Asking) => Promise<T>) =>
    terminal.lend("picker", async () => {
      const left = new AbortController();
      const keys = withoutPastes(streams, () => left.abort());
      try {
        const either = AbortSignal.any([signal, left.signal]);
        // What is left of an answered or a cancelled list would only be in the way: the command says what it does.
        return await unlessCancelled(() =>
          ask({ input: keys.input, output: streams.stdout, signal: either, clearPromptOnDone: true }),
        );
      } finally {
        keys.end();
      }
    });
  return {
    confirm: async (question) => {
      const { confirm } = await import("@inquirer/prompts");
      return (await asking((context) => confirm({ message: question, default: false }, context))) ?? false;
    },
    pick: async (question, choices) => {
      const { select } = await import("@inquirer/prompts");
      const named = choices.map(({ value, label }) => ({ value, name: label }));
      return asking((context) => select({ message: question, choices: named }, context));
    },
  };
}

interface Asking {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
  readonly clearPromptOnDone: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the marks begin with Escape
const pasteMarks = /(\x1b\[20[01]~)/;

/**
 * The keys of the terminal without what stands between the marks of a bracketed paste.
 * @param leave called for Escape by itself: a terminal sends what begins with it in one piece.
 */
function withoutPastes(
  { stdin, stdout }: TerminalStreams,
  leave: () => void,
): { readonly input: NodeJS.ReadableStream; end(): void } {
  const input = new PassThrough();
  let pasting = false;
  const take = (chunk: Buffer | string): void => {
    if (chunk.toString() === "\x1b") {
      leave();
      return;
    }
    for (const part of chunk.toString().split(pasteMarks)) {
      if (part === "\x1b[200~") pasting = true;
      else if (part === "\x1b[201~") pasting = false;
      else if (!pasting && part !== "") input.write(part);
    }
  };
  stdin.setRawMode?.(true);
  stdin.on("data", take);
  stdin.resume();
  stdout.write("\x1b[?2004h");
  return {
    input,
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
