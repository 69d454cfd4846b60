import type { Identity } from "../platform/platform.ts";
import { excess } from "./amounts.ts";
import { asking } from "./ask.ts";
import { nextRun } from "./cron.ts";
import { TsmError } from "./errors.ts";
import { ignoring } from "./ignored.ts";
import { identityOf, observe } from "./observe.ts";
import { cronStarts, noOversight, type Oversight } from "./oversight.ts";
import { unwatched } from "./plain-request.ts";
import type { Policy } from "./policy.ts";
import type { ExitCause, ProcessRecord } from "./process.ts";
import { awaitReady } from "./ready.ts";
import { restartProcess } from "./restart.ts";
import { readSightings, type Sightings, writeSightings } from "./sightings.ts";
import { stopProcess } from "./stop.ts";
import { familyOf, type Table } from "./tree.ts";
import { giveUp, unstableWith } from "./unwell.ts";
import { watched } from "./watched.ts";
import type { World } from "./world.ts";

/**
 * Watches over one process for as long as it is wanted: asks whether it is ready and well, weighs it, knows its hour,
 * and looks at its files. All it does is to tell the runner, or to restart it by the one way there is.
 */
export class Guard {
  readonly #world: World;
  readonly #name: string;
  readonly #doorbell: { readonly signal: AbortSignal; readonly wake: () => void };
  #sightings: Sightings;
  /** What is being asked or done; one thing at a time. */
  #task: Promise<void> | undefined;
  #life = "";
  #failures = 0;
  #nextHealth = 0;
  #nextMemory = 0;
  #cron: { readonly expression: string; next: number | undefined } | undefined;
  #watching: { readonly key: string; end(): Promise<void> } | undefined;
  /** The last change that it has not been restarted for, and when the first one was. */
  #changed: { readonly path: string; readonly at: number; readonly since: number } | undefined;

  /** @param doorbell `wake` is called when there is something to look at before the next look is due. */
  constructor(world: World, name: string, doorbell: { readonly signal: AbortSignal; readonly wake: () => void }) {
    this.#world = world;
    this.#name = name;
    this.#doorbell = doorbell;
    this.#sightings = readSightings(world, name);
  }

  get isBusy(): boolean {
    return this.#task !== undefined;
  }

  /** Does what is due now, and comes back before it is done. */
  look(record: ProcessRecord, policy: Policy, table: () => Table): void {
    if (this.isBusy) return;
    this.#task = this.#act(record, policy, table)
      .catch((error: unknown) => {
        if (!this.#doorbell.signal.aborted) throw error;
      })
      .finally(() => {
        this.#task = undefined;
      });
  }

  /** How long the next look may take to come. */
  get paceMs(): number {
    return this.#changed === undefined ? longestPaceMs : noOversight.watchDelayMs / 4;
  }

  /** What it has begun is done when it comes back: a process is never left between its stop and its start. */
  async end(): Promise<void> {
    await this.#task;
    await this.#unwatch();
  }

  async #unwatch(): Promise<void> {
    const watching = this.#watching;
    this.#watching = undefined;
    await watching?.end();
  }

  async #act(record: ProcessRecord, policy: Policy, table: () => Table): Promise<void> {
    const { oversight } = policy;
    this.#greet(record, oversight);
    await this.#watch(record, oversight);
    const observed = observe(record, this.#world.platform.processes);
    if (observed.kind === "starting" && record.pid > 0 && observed.identity !== undefined) {
      await this.#getReady(record, policy);
      return;
    }
    if (observed.kind === "stopped" || observed.kind === "crashed") {
      if (cronStarts(oversight) && (await this.#cronDue(oversight)) !== undefined) await this.#begin(oversight);
      return;
    }
    if (observed.kind !== "online") return;
    const { identity } = observed;
    const now = this.#world.platform.clock.monotonicMs();
    const due =
      this.#changeDue(oversight, now) ??
      (await this.#cronDue(oversight)) ??
      (await this.#memoryDue(record, policy, identity, table, now)) ??
      (await this.#healthDue(record, oversight, now));
    if (due === undefined || (due.by === "cron" && oversight.cronMode === "skip-if-running")) return;
    if (due.by === "memory" && oversight.maxMemoryAction === "stop") await this.#stop(record, due.why);
    else if (due.by === "health") await this.#restartUnwell(record, policy, due.why);
    else await this.#restart(record, due.by, due.why);
  }

  /** A new life owes nothing for the last one. */
  #greet(record: ProcessRecord, { healthIntervalMs }: Oversight): void {
    const life = `${record.pid} ${record.start_mark}`;
    if (life === this.#life) return;
    const now = this.#world.platform.clock.monotonicMs();
    this.#life = life;
    this.#failures = 0;
    this.#nextHealth = now + healthIntervalMs;
    this.#nextMemory = now + memoryEveryMs;
    // What changed before it began, it has seen.
    const identity = identityOf(record);
    if (this.#changed === undefined || identity === undefined) return;
    const { processes } = this.#world.platform;
    if (processes.isAlive(identity) && this.#changed.at < now - processes.ages()(identity)) this.#changed = undefined;
  }

  async #getReady(record: ProcessRecord, { oversight, killTimeoutSeconds }: Policy): Promise<void> {
    if (oversight.ready === null) return;
    const identity = identityOf(record);
    const age = identity === undefined ? 0 : this.#world.platform.processes.ages()(identity);
    // Whoever started it waits too, and is to be the one who says that the time is up.
    const timeoutMs = Math.max(0, oversight.readyTimeoutMs - age) + graceMs;
    const wait = { probe: oversight.ready, timeoutMs, killSeconds: killTimeoutSeconds };
    await awaitReady(this.#world, record, wait, this.#doorbell.signal);
  }

  #changeDue({ watchDelayMs }: Oversight, now: number): Due | undefined {
    if (this.#changed === undefined) return undefined;
    const { path, at, since } = this.#changed;
    if (now - at < watchDelayMs && now - since < Math.max(longestDebounceMs, watchDelayMs)) return undefined;
    this.#changed = undefined;
    return { by: "watch", why: `${path} changed` };
  }

  async #cronDue({ cron }: Oversight): Promise<Due | undefined> {
    if (cron === null) return undefined;
    const now = this.#world.platform.clock.nowMs();
    if (this.#cron?.expression !== cron) await this.#setCron(cron, now);
    const next = this.#cron?.next;
    if (next === undefined || now < next) return undefined;
    await this.#setCron(cron, now);
    return { by: "cron", why: `its time had come (${cron})` };
  }

  async #setCron(expression: string, now: number): Promise<void> {
    const next = await nextRun(expression, now).catch((error: unknown) => {
      if (error instanceof TsmError) return undefined; // somebody has edited the policy by hand
      throw error;
    });
    this.#cron = { expression, next };
    this.#note({ nextCron: next === undefined ? null : Math.floor(next / 1000) });
  }

  async #memoryDue(
    record: ProcessRecord,
    policy: Policy,
    identity: Identity,
    table: () => Table,
    now: number,
  ): Promise<Due | undefined> {
    const { maxMemory } = policy.oversight;
    if (maxMemory === null || now < this.#nextMemory) return undefined;
    this.#nextMemory = now + memoryEveryMs;
    const bytes = familyOf(identity, table()).reduce((sum, member) => sum + member.memoryBytes, 0);
    this.#note({ memory: { at: this.#epochSeconds(), bytes } });
    if (bytes <= maxMemory || (await this.#isHeld(record, policy))) return undefined;
    return { by: "memory", why: `it ${excess(bytes, maxMemory)}` };
  }

  /** The kernel counts once what several of its processes share, and a sum of them does not. */
  async #isHeld(record: ProcessRecord, policy: Policy): Promise<boolean> {
    if (policy.limits.memoryBy === null) return false;
    const { memoryHolder } = await import("./held-memory.ts");
    return (await memoryHolder(this.#world, record, policy))?.by === "kernel";
  }

  async #healthDue(record: ProcessRecord, oversight: Oversight, now: number): Promise<Due | undefined> {
    const { health, healthIntervalMs, healthFailures } = oversight;
    if (health === null || now < this.#nextHealth) return undefined;
    this.#nextHealth = now + healthIntervalMs;
    const timeoutMs = Math.max(1000, Math.min(healthIntervalMs, longestAskMs));
    const why = await asking(this.#world, record, health)(timeoutMs, this.#doorbell.signal);
    if (this.#doorbell.signal.aborted) return undefined;
    this.#failures = why === undefined ? 0 : this.#failures + 1;
    this.#note({ health: { at: this.#epochSeconds(), why: why ?? null, failures: this.#failures } });
    if (this.#failures < healthFailures) return undefined;
    this.#failures = 0;
    return { by: "health", why: `${healthFailures === 1 ? "once" : `${healthFailures} times`} not well: ${why}` };
  }

  /** As its runner does with one that ends by itself: what does not last is not brought back for ever. */
  async #restartUnwell(record: ProcessRecord, policy: Policy, why: string): Promise<void> {
    const unstable = unstableWith(this.#world, record, policy);
    if (unstable === undefined) await giveUp(this.#world, record, why);
    else await this.#restart(record, "health", why, unstable);
  }

  async #restart(record: ProcessRecord, by: ExitCause, why: string, unstableRestarts = 0): Promise<void> {
    const settleMs = this.#world.settings().settle;
    const life = identityOf(record);
    let problem: string | null = null;
    try {
      const own = { timeoutSeconds: undefined, settleMs, by, unstableRestarts };
      const options = { ...own, ...(life === undefined ? {} : { onlyIf: life }) };
      const after = await restartProcess(this.#world, this.#name, options, new AbortController().signal);
      // Somebody has stopped or restarted it in the meantime.
      if (after.last_exit?.by !== by) return;
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      problem = error.message;
    }
    this.#note({ restarted: { at: this.#epochSeconds(), by, why, problem } });
  }

  /** Starts what has ended by itself, as its hour has come. */
  async #begin({ cron }: Oversight): Promise<void> {
    const options = {
      timeoutSeconds: undefined,
      settleMs: unwatched,
      by: "cron",
      unlessLive: true,
    } as const;
    let problem: string | null = null;
    try {
      await restartProcess(this.#world, this.#name, options, new AbortController().signal);
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      problem = error.message;
    }
    this.#note({
      restarted: { at: this.#epochSeconds(), by: "cron", why: `its time had come (${cron})`, problem },
    });
  }

  async #stop(record: ProcessRecord, why: string): Promise<void> {
    const life = identityOf(record);
    const options = {
      timeoutSeconds: undefined,
      by: "memory",
      hard: false,
      event: "stop",
      ...(life === undefined ? {} : { onlyIf: life }),
    } as const;
    const { wasRunning } = await stopProcess(this.#world, this.#name, options, new AbortController().signal);
    if (wasRunning) this.#note({ restarted: { at: this.#epochSeconds(), by: "memory", why, problem: stoppedFor } });
  }

  /** Begins, ends or changes the watch of its files, so that it is as the policy says. */
  async #watch(record: ProcessRecord, { watch, ignoreWatch, watchEndings, watchOptions }: Oversight): Promise<void> {
    const key = JSON.stringify([watch, ignoreWatch, watchEndings, watchOptions, record.cwd]);
    if (this.#watching?.key === key) return;
    await this.#unwatch();
    if (watch.length === 0) return;
    const { files, clock } = this.#world.platform;
    // As the system's events name them, and as the home is spelled: its logs must never restart anything.
    const { roots, counts } = watched(files, watch);
    const cwd = files.realPath(record.cwd) ?? record.cwd;
    const ignored = ignoring({ cwd, roots, home: this.#world.home.root }, ignoreWatch);
    const changed = (path: string) => {
      if (!counts(path)) return;
      if (watchEndings.length > 0 && !watchEndings.some((ending) => path.endsWith(`.${ending}`))) return;
      const at = clock.monotonicMs();
      this.#changed = { path, at, since: this.#changed?.since ?? at };
      this.#doorbell.wake();
    };
    const end = await files.watchTree(roots, ignored, changed, watchOptions);
    this.#watching = { key, end };
  }

  #note(seen: Partial<Sightings>): void {
    this.#sightings = { ...this.#sightings, ...seen };
    writeSightings(this.#world, this.#name, this.#sightings);
  }

  #epochSeconds(): number {
    return Math.floor(this.#world.platform.clock.nowMs() / 1000);
  }
}

interface Due {
  readonly by: ExitCause;
  readonly why: string;
}

const memoryEveryMs = 5000;
const stoppedFor = "it was stopped, and not started again";
/** What never rests has been changed too. */
const longestDebounceMs = 5000;
/** A cron expression may name each second. */
export const longestPaceMs = 500;
const longestAskMs = 10_000;
const graceMs = 1000;
