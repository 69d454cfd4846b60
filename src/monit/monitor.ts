import type { Context } from "../command/define.ts";
import type { FullScreen } from "../command/full-screen.ts";
import { findVerb } from "../command/registry.ts";
import type { LogLine } from "../core/log-line.ts";
import type { Sample } from "../core/sample-lines.ts";
import { cpuBetween, type Usage } from "../core/usage.ts";
import { stripEscapes } from "../view/escapes.ts";
import { glyphsFor } from "../view/glyphs.ts";
import { LogPrinter } from "../view/log-lines.ts";
import { logTime } from "../view/log-time.ts";
import { repaint } from "../view/repaint.ts";
import { sanitizeButColours } from "../view/sanitize.ts";
import { clip } from "../view/width.ts";
import { frame, heightsOf, historyMinutes, isLargeEnough, type Place } from "./frame.ts";
import { Histories } from "./histories.ts";
import { strike, type Wish } from "./keys.ts";
import { atFirst, type Message, type Row, type State, withRows } from "./state.ts";

/** So often what has come is shown: twice a second. What a key does is shown at once. */
const beatMs = 500;
/** Looks at the processes are this many beats apart: each reads the table of all processes of the machine. */
const beatsOfLook = 4;

/** What is still at work when the monitor is left. */
export interface Left {
  readonly unfinished: readonly Acting[];
  /** With what the program ends when it was ended by a signal, else 0. */
  readonly exitCode: number;
}

interface Acting {
  /** `stop of 'api'`. */
  readonly what: string;
  /** What it says when it is done. */
  readonly said: Promise<string>;
}

/** The full-screen monitor: shows what runs until the person leaves. */
export async function monitor(screen: FullScreen, context: Context, levelOf: LevelOf): Promise<Left> {
  return await new Monitor(screen, context, levelOf).run();
}

type LevelOf = ConstructorParameters<typeof LogPrinter>[0]["levelOf"];

class Monitor {
  readonly #screen: FullScreen;
  readonly #context: Context;
  readonly #histories = new Histories(historyMinutes);
  readonly #logs: LogPrinter;
  readonly #left = new AbortController();
  readonly #explains: string;
  #state: State = atFirst;
  #painted: readonly string[] | undefined;
  /** Of what the painted rows were made. */
  #shown: (Seen & { readonly size: string }) | undefined;
  #usage: Usage | undefined;
  #logLines: readonly string[] = [];
  /** Whose log was read, how long it was then, and how many lines were wanted. */
  #logMark = "";
  readonly #acting = new Set<Acting>();
  #failure: { readonly error: unknown } | undefined;

  constructor(screen: FullScreen, context: Context, levelOf: LevelOf) {
    this.#screen = screen;
    this.#context = context;
    this.#explains = findVerb(context.registry, "why") === undefined ? "info" : "why";
    this.#logs = new LogPrinter({ raw: false, named: false, times: "short", levelOf }, []);
  }

  async run(): Promise<Left> {
    const { engine, signal } = this.#context;
    const leave = () => this.#left.abort();
    this.#screen.ended.addEventListener("abort", leave, { once: true });
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted || this.#screen.ended.aborted) leave();
    this.#screen.listen({
      key: (text, key) => this.#guarded(() => this.#key(strokeOf(text, key))),
      pasted: (text) => this.#guarded(() => this.#pasted(text)),
      repaint: () => this.#guarded(() => this.#paintAnew()),
    });
    try {
      for (let beat = 0; !this.#left.signal.aborted; beat++) {
        // The second look comes after one beat: it tells how busy each is now.
        if (beat % beatsOfLook === 0 || beat === 1) await this.#look();
        await this.#readLog();
        this.#paint();
        await engine.pause(beatMs, this.#left.signal);
        if (this.#failure !== undefined) throw this.#failure.error;
      }
    } finally {
      signal.removeEventListener("abort", leave);
    }
    return { unfinished: [...this.#acting], exitCode: this.#screen.exitCode };
  }

  /** What a key does wrong ends the monitor in order: the terminal is given back first. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#left.abort();
  }

  async #look(): Promise<void> {
    const { engine } = this.#context;
    const usage = await engine.usage();
    if (this.#usage === undefined) this.#histories.add(await engine.samples(usage.at - historyMinutes * 60_000));
    const cpu = this.#usage === undefined ? new Map<string, number>() : cpuBetween(this.#usage, usage);
    this.#usage = usage;
    this.#histories.add(samplesOf(usage, cpu));
    const histories = this.#histories;
    const rows = usage.processes.map(({ summary, use }): Row => {
      const past = () => histories.of(summary.name, usage.at);
      const known = () =>
        cpu.get(summary.name) ??
        past()
          .cpu.slice(-2)
          .findLast((value) => value !== undefined);
      return {
        summary,
        cpu: use === undefined ? undefined : known(),
        memory: use?.memoryBytes,
        // Of those that are seen alone.
        get history() {
          return past();
        },
      };
    });
    this.#state = withRows(this.#state, rows);
  }

  /** Only when there is something new: a log that grows by gigabytes is read from its end, twice a second. */
  async #readLog(): Promise<void> {
    const { engine } = this.#context;
    const { selected, mode } = this.#state;
    if (selected === undefined) {
      this.#logLines = [];
      return;
    }
    const back = mode.kind === "logs" ? mode.back : 0;
    const wanted = heightsOf(this.#state, this.#screen).pane + back;
    const mark = `${selected} ${wanted} ${engine.logMark(selected)}`;
    if (mark === this.#logMark) return;
    const record = engine.records().find(({ name }) => name === selected);
    if (record === undefined) return;
    const lines: LogLine[] = [];
    const request = { records: [record], patterns: [], streams: ["out", "err"] as const, lines: wanted, ...everything };
    for await (const batch of engine.logs(request, this.#left.signal)) lines.push(...batch.lines);
    // The person may have gone on to another meanwhile.
    if (this.#state.selected !== selected) return;
    this.#logMark = mark;
    this.#logLines = this.#looked(lines);
  }

  #looked(lines: readonly LogLine[]): string[] {
    const { screen } = this.#context;
    const parts = [...this.#logs.lines(lines, { ...screen, columns: this.#screen.columns, paint: screen.paint })];
    const text = parts.map((part) => (typeof part === "string" ? `${part}\n` : Buffer.from(part).toString())).join("");
    return text.replace(/\n$/, "") === "" ? [] : text.replace(/\n$/, "").split("\n").map(withoutTabs);
  }

  #key(stroke: string): void {
    const place = this.#place();
    if (!isLargeEnough(place)) {
      // What is not seen is not to be done.
      if (["q", "escape", "ctrl-c"].includes(stroke)) this.#left.abort();
      else if (stroke === "ctrl-z") this.#wish({ kind: "suspend" });
      return;
    }
    const { list, pane } = heightsOf(this.#state, place);
    const before = this.#state;
    const page = before.mode.kind === "list" || before.mode.kind === "filter" ? list : pane;
    const { state, wish } = strike(before, stroke, Math.max(1, page - 1));
    this.#state = state;
    if (wish !== undefined) this.#wish(wish);
    if (this.#left.signal.aborted) return;
    this.#paint();
    if (state.selected !== before.selected || state.mode !== before.mode)
      this.#showLog(state.selected !== before.selected);
  }

  #pasted(text: string): void {
    if (this.#state.mode.kind === "filter") for (const letter of text.replace(/\p{Cc}/gu, "")) this.#key(letter);
  }

  /** Of the process that is selected now, without waiting for the beat. */
  #showLog(isAnother: boolean): void {
    if (isAnother) this.#logLines = [];
    this.#readLog().then(
      () => this.#guarded(() => this.#paint()),
      (error: unknown) => this.#fail(error),
    );
  }

  #wish(wish: Wish): void {
    switch (wish.kind) {
      case "leave":
        this.#left.abort();
        return;
      case "repaint":
        this.#paintAnew();
        return;
      case "suspend":
        this.#screen.suspend().catch((error: unknown) => this.#fail(error));
        return;
      case "explain":
        this.#explain(wish.name).catch((error: unknown) => this.#fail(error));
        return;
      default:
        this.#act(wish.kind, wish.name);
    }
  }

  /** Runs a verb on one process; the monitor goes on meanwhile, and says what came of it. */
  #act(verb: "restart" | "stop", name: string): void {
    const what = `${verb} of '${name}'`;
    this.#say({ text: `${what} is under way`, isBad: false });
    const done = this.#run([verb, exactly(name)]);
    const acting = { what, said: done.then(({ lines }) => lines.join("\n")) };
    this.#acting.add(acting);
    done.then(
      ({ lines, exitCode }) => {
        this.#acting.delete(acting);
        this.#guarded(() => this.#say({ text: lines.join(" "), isBad: exitCode !== 0 }));
      },
      (error: unknown) => this.#fail(error),
    );
  }

  async #explain(name: string): Promise<void> {
    const { lines } = await this.#run([this.#explains, exactly(name)], true);
    if (this.#left.signal.aborted || this.#state.mode.kind !== "list") return;
    this.#state = { ...this.#state, mode: { kind: "text", title: `${this.#explains} ${name}`, lines, top: 0 } };
    this.#paint();
  }

  async #run(words: readonly string[], isPainted = false): Promise<{ lines: readonly string[]; exitCode: number }> {
    let output = "";
    const exitCode = await this.#context.run(words, (text) => {
      output += text;
    });
    const lines = output.trimEnd().split("\n").map(withoutTabs);
    return { lines: isPainted ? lines : lines.map((line) => stripEscapes(line).trim()), exitCode };
  }

  #say(message: Message): void {
    if (this.#left.signal.aborted) return;
    this.#state = { ...this.#state, message };
    this.#paint();
  }

  #place(): Place {
    const { columns, rows } = this.#screen;
    const { paint, cut = "…" } = this.#context.screen;
    return { columns, rows, paint, cut, glyphs: glyphsFor({ cut }) };
  }

  #paint(): void {
    if (this.#left.signal.aborted || this.#usage === undefined) return;
    const shown = { state: this.#state, logLines: this.#logLines, usage: this.#usage };
    const { columns, rows: height } = this.#screen;
    const size = `${columns} ${height}`;
    const before = this.#shown;
    if (this.#painted !== undefined && before?.size === size && isSame(before, shown)) return;
    this.#shown = { ...shown, size };
    const place = this.#place();
    const time = logTime(Math.floor(this.#usage.at / 1000), "short", undefined);
    const logLines = this.#logLines.map((line) => clip(line, place.columns, place.cut));
    const rows = frame(this.#state, { time, logLines, explains: this.#explains }, place);
    const changes = repaint(this.#painted, rows, place.columns);
    this.#painted = rows;
    if (changes !== "") this.#screen.write(changes);
  }

  #paintAnew(): void {
    this.#painted = undefined;
    this.#paint();
  }
}

/** What a picture is made of: another picture is made when one of them is another. */
interface Seen {
  readonly state: State;
  readonly logLines: readonly string[];
  readonly usage: Usage;
}

function isSame(a: Seen, b: Seen): boolean {
  return a.state === b.state && a.logLines === b.logLines && a.usage === b.usage;
}

const everything = {
  follow: false,
  since: undefined,
  until: undefined,
  run: undefined,
  crash: false,
  filter: { pattern: undefined, invert: false, context: 0, level: undefined },
  withLevels: false,
};

function samplesOf({ at, processes }: Usage, cpu: ReadonlyMap<string, number>): Sample[] {
  return processes.flatMap(({ summary: { name }, use }) => {
    const rate = cpu.get(name);
    return use === undefined || rate === undefined ? [] : [{ at: at / 1000, name, cpu: rate, memory: use.memoryBytes }];
  });
}

/** A word that means the process of this name and no other: should it be gone, its name may be a part of another's. */
function exactly(name: string): string {
  return `/^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$/`;
}

function withoutTabs(line: string): string {
  return sanitizeButColours(line).replaceAll("\t", "    ");
}

function strokeOf(
  text: string | undefined,
  { name, ctrl }: { name?: string | undefined; ctrl?: boolean | undefined },
): string {
  if (ctrl === true) return `ctrl-${name ?? ""}`;
  if (name === "space") return " ";
  // Letters and signs as they are typed: `O` is no `o`.
  if (text !== undefined && [...text].length === 1 && text >= " " && text !== "\x7f") return text;
  return name === "enter" ? "return" : (name ?? "");
}
