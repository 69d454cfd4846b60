import { TsmError } from "./errors.ts";
import { validPort } from "./port-choice.ts";

/** A question that a process answers with yes or no. `text` is how a person wrote it, and how it stands on record. */
export type Probe =
  /** Does its tree listen on this port, or on the declared one? */
  | { readonly kind: "port"; readonly text: string; readonly port?: number }
  /** Does GET give 200 to 399? */
  | { readonly kind: "http"; readonly text: string; readonly url: string }
  /** Has this run written a line that matches? */
  | { readonly kind: "log"; readonly text: string; readonly pattern: RegExp }
  /** Has it said process.send("ready")? */
  | { readonly kind: "ipc"; readonly text: string }
  /** Does bash, in its folder and environment, end with 0? */
  | { readonly kind: "command"; readonly text: string; readonly command: string };

/** @throws TsmError USAGE */
export function parseProbe(text: string): Probe {
  if (text === "port" || text === "ipc") return { kind: text, text };
  const [, digits] = /^port:(.*)$/s.exec(text) ?? [];
  if (digits !== undefined) return { kind: "port", text, port: portIn(digits) };
  const [, url] = /^(?:http:)?(https?:\/\/.*)$/is.exec(text) ?? [];
  if (url !== undefined) return { kind: "http", text, url: validUrl(url) };
  if (text.startsWith("log:")) return { kind: "log", text, pattern: validPattern(text) };
  if (text.startsWith("cmd:")) {
    const command = text.slice("cmd:".length).trim();
    if (command !== "" && !command.includes("\0")) return { kind: "command", text, command };
    throw new TsmError("USAGE", "the command behind cmd: is empty", { hint: "As in cmd:'pg_isready -q'" });
  }
  throw new TsmError("USAGE", `'${text}' is not a probe`, {
    hint: "Give port, port:3000, http://localhost:3000/health, log:/listening/i, ipc, or cmd:'pg_isready -q'",
  });
}

function portIn(text: string): number {
  const port = validPort(text);
  if (port !== undefined) return port;
  throw new TsmError("USAGE", `'${text}' is not a port`, { hint: "Give a number from 1 to 65535, as in port:3000" });
}

function validUrl(text: string): string {
  // `http:///path` would be taken for the host `path`.
  if (URL.canParse(text) && /^https?:\/\/[^/?#]/i.test(text)) return new URL(text).href;
  throw new TsmError("USAGE", `'${text}' is not an address`, { hint: "As in http://localhost:3000/health" });
}

function validPattern(text: string): RegExp {
  const [, source, flags] = /^log:\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
  if (source === undefined || flags === undefined || /[^imsu]/.test(flags)) {
    throw new TsmError("USAGE", `'${text}' has no /expression/`, {
      hint: "As in log:/listening on/ or log:/ready/i (flags: i, m, s, u)",
    });
  }
  try {
    return new RegExp(source, flags);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new TsmError("USAGE", `'${text}' is not a regular expression: ${error.message.replace(/^.*: /s, "")}`, {
      hint: "As in log:/listening on/",
    });
  }
}
