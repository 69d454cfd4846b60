import { PassThrough } from "node:stream";
import type { Ask } from "../command/define.ts";
import type { Terminal, TerminalStreams } from "./terminal.ts";

/**
 * Questions at the terminal. Keys struck before a question is shown are commands to come, never its answer; what is
 * pasted is nobody's answer either.
 */
export function askAt(terminal: Terminal, streams: TerminalStreams, signal: AbortSignal): Ask {
  const asking = <T>(ask: (context: { input: NodeJS.ReadableStream }) => Promise<T>) =>
    terminal.lend("picker", async () => {
      const keys = withoutPastes(streams);
      try {
        return await unlessCancelled(() => ask({ input: keys.input }));
      } finally {
        keys.end();
      }
    });
  const context = { output: streams.stdout, signal };
  return {
    confirm: async (question) => {
      const { confirm } = await import("@inquirer/prompts");
      return (await asking((keys) => confirm({ message: question, default: false }, { ...context, ...keys }))) ?? false;
    },
    pick: async (question, choices) => {
      const { select } = await import("@inquirer/prompts");
      const named = choices.map(({ value, label }) => ({ value, name: label }));
      return asking((keys) => select({ message: question, choices: named }, { ...context, ...keys }));
    },
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the marks begin with Escape
const pasteMarks = /(\x1b\[20[01]~)/;

/** The keys of the terminal without what stands between the marks of a bracketed paste. */
function withoutPastes({ stdin, stdout }: TerminalStreams): { readonly input: NodeJS.ReadableStream; end(): void } {
  const input = new PassThrough();
  let pasting = false;
  const take = (chunk: Buffer | string): void => {
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
