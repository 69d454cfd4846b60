import { TsmError } from "./errors.ts";
import { describeEntry } from "./event-text.ts";
import { type JournalEntry, type JournalPlace, JournalReader } from "./journal-reader.ts";
import { type NotifyEvent, type NotifyRule, readRules, writeRules } from "./notify-rules.ts";
import { sendNotice } from "./notify-send.ts";
import { parsedJson } from "./parsed-json.ts";
import { lockNotify } from "./process-lock.ts";
import type { World } from "./world.ts";

/** A rule, and what became of it. */
export interface NotifyState extends NotifyRule {
  /** Epoch milliseconds; null: never. */
  readonly lastAt: number | null;
  /** Why the last one could not be told; null: it was. */
  readonly problem: string | null;
  /** Not told since, as there were too many. */
  readonly suppressed: number;
}

export interface Notify {
  list(): NotifyState[];
  add(rule: Omit<NotifyRule, "id">, signal: AbortSignal): Promise<NotifyState>;
  /** @throws TsmError NOT_FOUND */
  remove(id: number, signal: AbortSignal): Promise<NotifyState>;
  /** Tells all rules, or one, something made up. */
  test(id: number | undefined, signal: AbortSignal): Promise<NotifyState[]>;
  /** Tells what has happened since the last time. @returns how many notices went out. */
  deliver(signal: AbortSignal): Promise<number>;
}

/** What is kept between two deliveries. */
interface Kept {
  /** Of a rule of which nothing is kept yet. */
  place: JournalPlace;
  /** By the rule's id. */
  readonly rules: Record<string, KeptRule>;
}

interface KeptRule {
  /** So far it has been told. */
  place: JournalPlace;
  /** So many entries behind the place it has been told of. */
  done: number;
  sent: number[];
  suppressed: number;
  lastAt: number | null;
  problem: string | null;
}

/** In one delivery a rule is told what can be told within so long; of the rest it is told how many. */
const deliveryMs = 8000;

/** Who has been told all looks again, as long as another is still being told. */
const againMs = 200;

export function createNotify(world: World): Notify {
  const { files, clock } = world.platform;
  const path = `${world.home.root}/db/notify.json`;
  return {
    list: () => states(readRules(world), read()),
    async add(rule, signal) {
      const release = await lockNotify(world, signal);
      try {
        const rules = readRules(world);
        const added = { id: Math.max(0, ...rules.map(({ id }) => id)) + 1, ...rule };
        // What lies behind is nobody's business any more.
        const kept = rules.length === 0 ? nothingKept() : read();
        kept.rules[added.id] = newRule(JournalReader.end(world));
        write(kept);
        writeRules(world, [...rules, added]);
        return stateOf(added, kept);
      } finally {
        release();
      }
    },
    async remove(id, signal) {
      const release = await lockNotify(world, signal);
      try {
        const rules = readRules(world);
        const removed = named(rules, id);
        writeRules(
          world,
          rules.filter((rule) => rule !== removed),
        );
        return stateOf(removed, read());
      } finally {
        release();
      }
    },
    async test(id, signal) {
      const release = await lockNotify(world, signal);
      try {
        const rules = readRules(world);
        const meant = id === undefined ? rules : [named(rules, id)];
        const kept = read();
        await Promise.all(
          meant.map((rule) => tell(rule, kept, { event: "test", text: "This is a test of notify" }, signal)),
        );
        write(kept);
        return states(meant, kept);
      } finally {
        release();
      }
    },
    async deliver(signal) {
      const release = await lockNotify(world, signal);
      try {
        const rules = readRules(world);
        const kept = read();
        for (const { id } of rules) keptOf(kept, id);
        kept.place = JournalReader.end(world);
        // Else a rule of which nothing was kept would begin at the end the next time too, and never be told anything.
        write(kept);
        const busy = new Set(rules.map(({ id }) => id));
        // Side by side, each in its own time: who does not answer keeps no other from being told.
        const counts = await Promise.all(rules.map((rule) => tellAll(rule, kept, busy, signal)));
        return counts.reduce((sum, count) => sum + count, 0);
      } finally {
        release();
      }
    },
  };

  /** @param busy the rules that are being told of something. What comes meanwhile is told by those that are not. */
  async function tellAll(rule: NotifyRule, kept: Kept, busy: Set<number>, signal: AbortSignal): Promise<number> {
    const state = keptOf(kept, rule.id);
    const reader = JournalReader.after(world, state.place);
    const time = { leftMs: deliveryMs };
    let told = 0;
    while (!signal.aborted) {
      busy.add(rule.id);
      for (const entries of reader.read()) {
        told += await tellOf(rule, kept, entries, time, signal);
        if (signal.aborted) break;
        state.place = reader.place();
        state.done = 0;
        write(kept);
      }
      busy.delete(rule.id);
      if (busy.size === 0 || signal.aborted) break;
      await clock.sleep(againMs);
    }
    return told;
  }

  async function tellOf(
    rule: NotifyRule,
    kept: Kept,
    entries: readonly JournalEntry[],
    time: { leftMs: number },
    signal: AbortSignal,
  ): Promise<number> {
    const state = keptOf(kept, rule.id);
    let told = 0;
    for (const [index, entry] of entries.entries()) {
      if (index < state.done || signal.aborted) continue;
      const event = notifyEventsOf(entry).find((each) => rule.on.includes(each));
      if (event === undefined) continue;
      if (time.leftMs <= 0) state.suppressed += 1;
      else if (mayTell(rule, kept)) {
        const began = clock.monotonicMs();
        await tell(rule, kept, { event, ...noticeOf(entry) }, signal);
        time.leftMs -= clock.monotonicMs() - began;
        told += 1;
      }
      state.done = index + 1;
      // Who is killed here tells each rule at most one again.
      write(kept);
    }
    return told;
  }

  function mayTell({ id, most, perMs }: NotifyRule, kept: Kept): boolean {
    const state = keptOf(kept, id);
    const now = clock.nowMs();
    state.sent = state.sent.filter((at) => at > now - perMs && at <= now);
    if (state.sent.length < most) {
      state.sent.push(now);
      return true;
    }
    state.suppressed += 1;
    return false;
  }

  async function tell(
    { id, via }: NotifyRule,
    kept: Kept,
    what: { readonly event: string; readonly text: string; readonly name?: string },
    signal: AbortSignal,
  ): Promise<void> {
    const state = keptOf(kept, id);
    const problem = await sendNotice(
      world,
      via,
      { ...what, home: world.home.root, suppressed: state.suppressed },
      signal,
    );
    state.lastAt = clock.nowMs();
    state.problem = problem ?? null;
    if (problem === undefined) state.suppressed = 0;
  }

  /** What is missing or damaged begins anew, at the end of the journal. */
  function read(): Kept {
    return parseKept(files.readText(path) ?? "") ?? nothingKept();
  }

  function nothingKept(): Kept {
    return { place: JournalReader.end(world), rules: {} };
  }

  function write(kept: Kept): void {
    files.makeFolder(`${world.home.root}/db`);
    files.writeWhole(path, `${JSON.stringify(kept)}\n`);
  }
}

function noticeOf(entry: JournalEntry) {
  const name = entry.names.join(",");
  const text = `${name === "" ? "" : `${name} `}${describeEntry(entry)}`;
  const { time, id, exit, reason, why } = entry.line;
  return { time, id, name, text, exit, reason: reason ?? why };
}

/** What an entry is, as rules call it: the most exact first, and a rule is told of the first that it names. */
function notifyEventsOf({ event, line }: JournalEntry): readonly NotifyEvent[] {
  if (event === "unseen-exit") return ["crash"];
  if (event === "kill") return ["stop"];
  if (event === "ready") return ["online"];
  // One that is to say when it is ready is online then.
  if (event === "start") return line["phase"] === "starting" ? ["start"] : ["start", "online"];
  if (event === "exit") return exitEvents(line["exit"]);
  const known = ["gave-up", "stop", "restart", "port-held", "hook-failed", "disk-low"] as const;
  return known.filter((each) => each === event);
}

function exitEvents(exit: unknown): readonly NotifyEvent[] {
  const { by, code }: Record<string, unknown> = { ...(typeof exit === "object" ? exit : undefined) };
  const isCrash = code !== 0 && (by === "crash" || by === "memory" || by === "health");
  const exact = by === "memory" ? (["memory"] as const) : by === "health" ? (["unready"] as const) : [];
  return isCrash ? [...exact, "crash"] : exact;
}

function named(rules: readonly NotifyRule[], id: number): NotifyRule {
  const found = rules.find((rule) => rule.id === id);
  if (found !== undefined) return found;
  throw new TsmError("NOT_FOUND", `there is no rule ${id}`, { hint: "tsm notify list" });
}

function states(rules: readonly NotifyRule[], kept: Kept): NotifyState[] {
  return rules.map((rule) => stateOf(rule, kept));
}

function stateOf(rule: NotifyRule, kept: Kept): NotifyState {
  const { lastAt, problem, suppressed } = keptOf(kept, rule.id);
  return { ...rule, lastAt, problem, suppressed };
}

function keptOf(kept: Kept, id: number): KeptRule {
  const state = kept.rules[id] ?? newRule(kept.place);
  kept.rules[id] = state;
  return state;
}

function newRule(place: JournalPlace): KeptRule {
  return { place, done: 0, sent: [], suppressed: 0, lastAt: null, problem: null };
}

function parseKept(text: string): Kept | undefined {
  const value = parsedJson(text);
  if (typeof value !== "object" || value === null || !("place" in value && "rules" in value)) return undefined;
  const place = parsePlace(value.place);
  if (place === undefined || typeof value.rules !== "object") return undefined;
  const rules = Object.entries(value.rules ?? {}).map(([id, rule]) => [id, keptRule(rule, place)] as const);
  return { place, rules: Object.fromEntries(rules) };
}

function parsePlace(value: unknown): JournalPlace | undefined {
  const { day, position }: Record<string, unknown> = typeof value === "object" ? { ...value } : {};
  return typeof day === "string" && typeof position === "number" ? { day, position } : undefined;
}

/** @param place where it does not say one */
function keptRule(value: unknown, place: JournalPlace): KeptRule {
  const of: Record<string, unknown> = typeof value === "object" ? { ...value } : {};
  const sent = Array.isArray(of["sent"]) ? of["sent"].filter((at): at is number => typeof at === "number") : [];
  const suppressed = typeof of["suppressed"] === "number" ? of["suppressed"] : 0;
  const lastAt = typeof of["lastAt"] === "number" ? of["lastAt"] : null;
  const done = typeof of["done"] === "number" ? of["done"] : 0;
  const problem = typeof of["problem"] === "string" ? of["problem"] : null;
  return { place: parsePlace(of["place"]) ?? place, done, sent, suppressed, lastAt, problem };
}
