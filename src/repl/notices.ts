import type { ShellNotice } from "../command/shell.ts";
import type { Happening } from "../core/happenings.ts";
import type { ProcessSummary } from "../core/process.ts";
import { ordinal, shortTime } from "../view/duration.ts";
import { betweenKeys } from "./between-keys.ts";

export interface NoticesDeps {
  /** What is true of a process now. */
  summaryOf(name: string): ProcessSummary | undefined;
  lastWordsOf(name: string): string | undefined;
  /** `PID 4242 (node server.js)`. */
  portHolder(port: number): Promise<string | undefined>;
  /** `used 91 MB of memory, 80M (84 MB) are allowed`. */
  memoryExcess(name: string): Promise<string | undefined>;
  /** Some of what is new, in at most a few lines, and how many are left out of it. Not called again until a second later. */
  show(notices: readonly ShellNotice[], leftOut: number): void;
}

/** What comes of an exit its runner writes within a few milliseconds; later its next life may be over again. */
const settleMs = 150;
const paceMs = 1000;
const shownAtOnce = 4;
const kept = 500;

/** What a process has done since the last look. */
interface Exits {
  readonly by: string;
  /** The last of them: `exit code 3`. */
  readonly how: string;
  readonly count: number;
}

/**
 * From what goes on record to what a person is told: what nobody asked for and what came of it. What comes all at once
 * is told as a few and a number: a thousand crashes in a second do not scroll the screen away.
 */
export class Notices {
  readonly #deps: NoticesDeps;
  readonly #all: ShellNotice[] = [];
  /** Exits that nobody wanted, by process, since the last look. */
  readonly #exits = new Map<string, Exits>();
  /** Processes that were told to be down, and whether they are brought back by themselves. */
  readonly #down = new Map<string, boolean>();
  readonly #portHeld = new Set<string>();
  /** Who began as this shell started it, and whether it was up when the command had ended: what comes then is news. */
  readonly #began = new Map<string, boolean>();
  #waiting: { readonly name: string; readonly notice: ShellNotice }[] = [];
  #due: NodeJS.Timeout | undefined;
  #lastShown = Number.NEGATIVE_INFINITY;
  #isHeld = false;
  #isTelling = false;
  /** One of those that were told to be down has begun, or is ready, since the last look. */
  #mayBeBack = false;
  #isStarting = false;

  constructor(deps: NoticesDeps) {
    this.#deps = deps;
  }

  take(happenings: readonly Happening[]): void {
    for (const { event, name, exit, how } of happenings) {
      const isBroughtBack = this.#exits.has(name) || this.#down.get(name) === true;
      if (event === "start" && this.#isStarting && !isBroughtBack) this.#began.set(name, false);
      if ((event === "start" || event === "ready") && this.#down.has(name)) this.#mayBeBack = true;
      if (event === "port-held") this.#portHeld.add(name);
      if (event === "exit" && exit !== undefined && ["crash", "memory", "health"].includes(exit.by)) {
        // What fails as this very shell starts it is told by the command.
        if (this.#began.get(name) === false) continue;
        this.#began.delete(name);
        this.#exits.set(name, { by: exit.by, how, count: (this.#exits.get(name)?.count ?? 0) + 1 });
      }
    }
    if (this.#isDue()) this.#look();
  }

  /** While a child or a picker has the terminal nothing is shown, and nothing lost. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.#look();
  }

  /** A command of this shell is starting processes, and tells itself what becomes of them. */
  starting(isStarting: boolean): void {
    this.#isStarting = isStarting;
    if (isStarting) return;
    for (const name of this.#began.keys()) {
      const now = this.#deps.summaryOf(name);
      if (now?.status === "online" && now.unstableRestarts === 0) this.#began.set(name, true);
    }
    // Its last lines may still be on their way.
    if (this.#began.size > 0) setTimeout(() => this.#began.clear(), 4 * settleMs).unref();
  }

  /** All that have been told or would have been, the oldest first. */
  all(): readonly ShellNotice[] {
    return this.#all;
  }

  end(): void {
    clearTimeout(this.#due);
  }

  #look(inMs = settleMs): void {
    if (this.#isTelling) return;
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      void this.#tell();
    }, inMs).unref();
  }

  async #tell(): Promise<void> {
    this.#isTelling = true;
    try {
      await this.#gather();
    } finally {
      this.#isTelling = false;
    }
    this.#show();
    if (this.#isDue()) this.#look();
  }

  #isDue(): boolean {
    return this.#exits.size > 0 || this.#portHeld.size > 0 || this.#mayBeBack;
  }

  /** What has become of each: a thousand in a second take longer than a key may wait. */
  async #gather(): Promise<void> {
    const exits = [...this.#exits];
    const portHeld = [...this.#portHeld];
    const back = [...this.#down.keys()].filter((name) => !this.#exits.has(name));
    this.#exits.clear();
    this.#portHeld.clear();
    this.#mayBeBack = false;
    for await (const [name, exit] of betweenKeys(exits)) {
      const now = this.#deps.summaryOf(name);
      // Deleted, or stopped by somebody since: nobody needs to be told.
      if (now === undefined || now.status === "stopped") continue;
      const excess = exit.by === "memory" ? await this.#deps.memoryExcess(name) : undefined;
      this.#add(name, { ...crashed(now, exit, excess), words: this.#deps.lastWordsOf(name) });
      if (now.status === "online") this.#down.delete(name);
      else this.#down.set(name, now.status !== "crashed");
    }
    let looks = 0;
    for await (const name of betweenKeys(portHeld)) {
      const now = this.#deps.summaryOf(name);
      if (now?.status === "waiting") {
        looks += 1;
        // Of those that are shown alone: it takes a look at every process.
        const mayLook = looks <= shownAtOnce && now.port !== "none";
        const holder = (mayLook ? await this.#deps.portHolder(Number(now.port)) : undefined) ?? "another";
        const text = `${named(now)} waits: port ${now.port} is held by ${holder}`;
        this.#add(name, { kind: "warn", text, words: undefined });
        this.#down.set(name, true);
      }
    }
    for await (const name of betweenKeys(back)) {
      const now = this.#deps.summaryOf(name);
      if (now === undefined || now.status === "stopped") this.#down.delete(name);
      else if (now.status === "online") {
        this.#down.delete(name);
        // What this shell has started is told by the command.
        if (this.#began.has(name)) continue;
        this.#add(name, { kind: "good", text: `${named(now)} is online again`, words: undefined });
      }
    }
  }

  #add(name: string, told: Omit<ShellNotice, "at">): void {
    const notice = { at: Date.now(), ...told };
    this.#all.push(notice);
    if (this.#all.length > kept) this.#all.shift();
    this.#waiting.push({ name, notice });
  }

  #show(): void {
    if (this.#waiting.length === 0 || this.#isHeld) return;
    const pause = this.#lastShown + paceMs - Date.now();
    if (pause > 0) {
      this.#look(pause);
      return;
    }
    this.#lastShown = Date.now();
    const waiting = this.#waiting;
    this.#waiting = [];
    // Of more than there is room for, what is true of each process now.
    const some = waiting.length > shownAtOnce ? new Map(waiting.map((each) => [each.name, each])).values() : waiting;
    const shown = [...some].slice(0, shownAtOnce).map(({ notice }) => notice);
    this.#deps.show(shown, waiting.length - shown.length);
  }
}

function named({ name, id }: ProcessSummary): string {
  return `${name} (#${id})`;
}

/** `api-3000 (#0) crashed: exit code 3; retry in 0.4 s (3rd)`. */
function crashed(
  now: ProcessSummary,
  { by, how, count }: Exits,
  excess = "used more memory than it may",
): Pick<ShellNotice, "kind" | "text"> {
  const times = count > 1 ? ` ${count} times, last` : "";
  const why = by === "memory" ? excess : by === "health" ? "did not answer its probe" : `crashed${times}: ${how}`;
  const given = now.status === "crashed";
  return { kind: given || by === "crash" ? "bad" : "warn", text: `${named(now)} ${why}; ${whatNext(now)}` };
}

function whatNext({ status, reason, retryInMs, unstableRestarts, port }: ProcessSummary): string {
  if (status === "crashed") return reason === "" ? "it is not started again" : reason;
  if (status === "waiting" && reason !== "") return `it waits for port ${port}`;
  if (status === "waiting" && retryInMs !== null)
    return `retry in ${shortTime(retryInMs)} (${ordinal(Math.max(1, unstableRestarts))})`;
  return "it is started again";
}
