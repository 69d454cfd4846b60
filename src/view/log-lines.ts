import type { Level } from "../core/log-level.ts";
import type { CutLine, LogLine } from "../core/log-line.ts";
import { bytes } from "./bytes.ts";
import { colour, stripEscapes } from "./escapes.ts";
import { prettyJson } from "./log-json.ts";
import { logTime, type ShownTime } from "./log-time.ts";
import { sanitize, sanitizeButColours } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { padEnd } from "./width.ts";

/** How lines are shown. */
export interface LogLook {
  /** As they were written, control characters and all. */
  readonly raw: boolean;
  /** Is the name before them? */
  readonly named: boolean;
  readonly times: ShownTime | undefined;
  /** Everything that is known of a line stands before it, as `app=api type=err`. */
  readonly keyed?: boolean;
  /** Words to be seen at once. */
  readonly highlight?: string | undefined;
  /** What a line says of how bad it is. */
  levelOf(text: string): Level | undefined;
}

/** Shows the lines of one `logs`, which it is given in their order. */
export class LogPrinter {
  readonly #look: LogLook;
  /** Of the longest name so far. */
  #width: number;
  /** Whose line waits for its end; undefined: the last line has ended. */
  #open: string | undefined;
  #cutBytes = 0;
  /** Of the line before; undefined: there was none. */
  #before: number | null | undefined;

  constructor(look: LogLook, names: readonly string[]) {
    this.#look = look;
    this.#width = Math.max(0, ...names.map((name) => name.length));
  }

  *lines(lines: readonly LogLine[], screen: Screen): Generator<string | Uint8Array> {
    for (const line of lines) {
      const whose = `${line.name} ${line.stream}`;
      const goesOn = this.#open === whose;
      if (this.#open !== undefined && !goesOn) yield Buffer.from("\n");
      if (line.apart) yield "--";
      const isWhole = !line.more && (line.end !== "" || !this.#look.raw);
      this.#open = isWhole ? undefined : whose;
      yield* screen.terminal && !this.#look.raw
        ? this.#forPerson(line, goesOn, screen)
        : this.#forProgram(line, goesOn, screen);
      this.#before = line.time;
    }
  }

  /** A line that is too long to be kept is shown as far as it was kept, with its length. */
  *#forPerson(line: LogLine, goesOn: boolean, screen: Screen): Generator<string | Uint8Array> {
    const { paint } = screen;
    if (goesOn && this.#cutBytes > 0) {
      this.#cutBytes += Buffer.byteLength(line.text);
      if (line.more) return;
      yield paint.faint(`…(${bytes(this.#cutBytes)})`);
      this.#cutBytes = 0;
      return;
    }
    const isLong = line.more && line.text.length >= longLine;
    if (isLong) this.#cutBytes = Buffer.byteLength(line.text);
    const text =
      line.cut !== undefined ? aroundFound(line.text, line.cut) : isLong ? line.text.slice(0, shownOfLong) : line.text;
    const pretty =
      text.startsWith("{") && this.#look.keyed !== true ? prettyJson(text, this.#look.levelOf(text), paint) : undefined;
    const shown = pretty ?? (screen.plain ? sanitize(stripEscapes(text)) : endColours(sanitizeButColours(text)));
    const marked = highlighted(shown, this.#look.highlight, paint.selected);
    const painted = line.stream === "err" && pretty === undefined ? paint.bad(marked) : marked;
    const before = line.cut === undefined ? "" : paint.faint(cutText(line.cut, Buffer.byteLength(text)));
    const whole = goesOn ? painted : `${this.#head(line, screen)}${before}${painted}`;
    if (line.more) yield Buffer.from(whole);
    else yield whole;
  }

  *#forProgram(line: LogLine, goesOn: boolean, screen: Screen): Generator<string | Uint8Array> {
    const cut =
      line.cut === undefined || this.#look.raw
        ? ""
        : cutText(line.cut, line.bytes?.length ?? Buffer.byteLength(line.text));
    const head = goesOn ? "" : `${this.#head(line, screen)}${cut}`;
    const end = this.#look.raw ? line.end : line.more ? "" : "\n";
    if (line.bytes !== undefined) yield Buffer.concat([Buffer.from(head), line.bytes, Buffer.from(end)]);
    else if (end === "\n") yield head + line.text;
    else yield Buffer.from(head + line.text + end);
  }

  #head({ id, name, time, stream }: LogLine, { paint }: Screen): string {
    const { named, times, keyed } = this.#look;
    if (keyed === true) {
      const at = logTime(time, times ?? keyedTime, this.#before).trim();
      return paint.faint(`timestamp=${value(at)} app=${value(sanitize(name))} id=${id} type=${stream} message=`);
    }
    this.#width = Math.max(this.#width, name.length);
    const stamp = times === undefined ? "" : `${paint.faint(logTime(time, times, this.#before))} `;
    return `${stamp}${named ? `${paint.hue(id, padEnd(sanitize(name), this.#width))} | ` : ""}`;
  }
}

function cutText({ part, bytes: length, isLonger }: CutLine, shown: number): string {
  const whole = `${isLonger ? "more than " : ""}${bytes(length)} line`;
  return part === "end" ? `… (${whole}, its last ${bytes(shown)}) ` : `… (${whole}, ${bytes(shown)} of it) `;
}

/** As much of a part of a line as a person can look at; what was found stands near its beginning. */
function aroundFound(text: string, { part, found }: CutLine): string {
  if (part === "end") return text.slice(-shownOfLong);
  const from = Math.max(0, found - 200);
  return text.slice(from, from + 1000);
}

/** As pm2 writes it. */
const keyedTime = { format: "YYYY-MM-DD-HH:mm:ssZZ" } as const;

function value(text: string): string {
  return /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}

/** Marks a text wherever it stands, and no part of what colours the line. */
function highlighted(shown: string, text: string | undefined, mark: (text: string) => string): string {
  if (text === undefined || text === "") return shown;
  const parts = shown.split(colour);
  return parts.map((part, index) => (index % 2 === 1 ? part : part.replaceAll(text, () => mark(text)))).join("");
}

/** What a longer piece of a line is, that is not only waiting for the rest of it. */
const longLine = 512 * 1024;
const shownOfLong = 4096;

/** A colour that a line leaves on would paint what is printed next. */
function endColours(text: string): string {
  return text.includes("\x1b[") ? `${text}\x1b[0m` : text;
}
