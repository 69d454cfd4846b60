import { atRest } from "../core/at-rest.ts";
import type { Engine } from "../core/engine.ts";
import { TsmError } from "../core/errors.ts";
import { isLive } from "../core/observe.ts";
import type { Observed, ProcessRecord } from "../core/process.ts";
import { quoteWord } from "../core/quote.ts";
import type { AnyVerb, Context, Left, Rehearsing } from "./define.ts";

/**
 * A dry run: each command is looked up, parsed and resolved as ever, and instead of being run it is told what it would
 * do. Later commands see the processes as earlier ones would have left them.
 */
export class Rehearsal {
  #engine: Engine | undefined;
  /** The verb that would have set `$_`, where nobody can know to what. */
  unknownSet: string | undefined;
  /** What would be so by now; undefined for what would be gone. */
  readonly #changed = new Map<string, { readonly record: ProcessRecord; readonly observed: Observed } | undefined>();

  /** The engine as it would look by now. */
  over(engine: Engine): Engine {
    this.#engine ??= {
      ...engine,
      records: () => this.#records(engine),
      match: (query) => engine.match(query, this.#records(engine)),
      observe: (record) => this.#changed.get(record.name) ?? engine.observe(record),
      resting: () => this.#records(engine).filter((record) => !isLive(this.over(engine).observe(record).observed)),
    };
    return this.#engine;
  }

  /** What the verb would do, in words that follow "would ". */
  async tell(verb: AnyVerb, values: Record<string, unknown>, context: Context): Promise<string> {
    const engine = this.over(context.engine);
    const started: string[] = [];
    const rehearsing: Rehearsing = {
      ...context,
      engine,
      wouldStart: (name, port, again = false) => {
        started.push(name);
        return this.#wouldStart(engine, name, port, again);
      },
    };
    // As for `run`: the values were made by this verb's own declaration.
    const own = values as never;
    const said = await verb.rehearse?.(own, rehearsing);
    const targets = targetsOf(verb, values);
    if (started.length > 0) context.shell?.remember(started);
    if (started.length > 0 || targets.length > 0) this.unknownSet = undefined;
    else if (verb.names !== undefined) this.unknownSet = verb.name;
    const leaves = typeof verb.leaves === "function" ? verb.leaves(own) : verb.leaves;
    const told = said ?? generalWords(verb, targets, leaves, engine);
    for (const { record } of targets) if (record !== undefined) this.#leave(record, leaves);
    return told;
  }

  #records(engine: Engine): ProcessRecord[] {
    const real = engine.records().filter(({ name }) => !this.#changed.has(name));
    const made = [...this.#changed.values()].flatMap((each) => each?.record ?? []);
    return [...real, ...made].sort((a, b) => a.tsm_id - b.tsm_id);
  }

  #wouldStart(engine: Engine, name: string, port: number | "none", again: boolean): number {
    const all = engine.records();
    const found = all.find((record) => record.name === name);
    if (found !== undefined && !again && isLive(engine.observe(found).observed))
      throw new TsmError("ALREADY_RUNNING", `'${name}' is already running (TSM ID: ${found.tsm_id})`, {
        hint: `tsm restart ${quoteWord(name)} starts it anew`,
      });
    const taken = new Set(all.map((record) => record.tsm_id));
    let id = 0;
    while (found === undefined && taken.has(id)) id += 1;
    const record: ProcessRecord = found ?? { ...unknownRecord, tsm_id: id, name, port };
    this.#leave(record, "online");
    return record.tsm_id;
  }

  #leave(record: ProcessRecord, leaves: Left | undefined): void {
    if (leaves === "gone") this.#changed.set(record.name, undefined);
    if (leaves === "stopped") this.#changed.set(record.name, { record, observed: { kind: "stopped" } });
    if (leaves === "online") this.#changed.set(record.name, { record, observed: running });
  }
}

/** Nobody asks it for more than its kind. */
const running: Observed = {
  kind: "online",
  identity: { pid: 0, startMark: "0", bootId: "" },
  supervised: true,
};

const unknownRecord: ProcessRecord = {
  tsm_id: 0,
  name: "",
  pid: 0,
  command: "",
  port: "none",
  cwd: "",
  interpreter: "",
  process_type: "",
  env_file: "",
  prehook: "",
  ...atRest,
  status: "online",
  restart_policy: "no",
  created: 0,
};

interface Target {
  readonly name: string;
  /** undefined when it is damaged. */
  readonly record: ProcessRecord | undefined;
}

/** How a summary begins that says what is shown; any other says what the verb does. */
const shows =
  /^(?:all|clicks|completion|cpu|crashes|disk|events|everything|how|memory|nothing|one|the|what|when|where|which|who|why|words)\b/;

function generalWords(verb: AnyVerb, targets: readonly Target[], leaves: Left | undefined, engine: Engine): string {
  const takesTargets = Object.values(verb.args).some(
    ({ type, arity }) => type.resolve !== undefined && arity === "many",
  );
  if (targets.length === 0) {
    if (takesTargets) return `${verb.name} nothing: there is none`;
    const summary = verb.summary.charAt(0).toLowerCase() + verb.summary.slice(1);
    return shows.test(summary) ? `show ${summary}` : summary;
  }
  const named = ({ name, record }: Target): string =>
    record === undefined
      ? `'${name}' (a damaged record)`
      : `'${name}' (#${record.tsm_id}, ${engine.observe(record).observed.kind})`;
  const needsLive = leaves === "stopped" || leaves === "signalled";
  const isOver = ({ record }: Target): boolean =>
    needsLive && record !== undefined && !isLive(engine.observe(record).observed);
  const done = targets.filter((target) => !isOver(target)).map(named);
  const over = targets.filter(isOver).map(named);
  const told = `${verb.effect === "reads" ? "only look at" : verb.name} ${done.join(", ") || "nothing"}`;
  if (over.length === 0) return told;
  return `${told}; ${over.join(", ")} ${over.length === 1 ? "is" : "are"} not running`;
}

function targetsOf(verb: AnyVerb, values: Record<string, unknown>): Target[] {
  return Object.entries(verb.args)
    .filter(([, { type }]) => type.resolve !== undefined)
    .flatMap(([name]) => [values[name]].flat())
    .flatMap((value) => targetOf(value) ?? []);
}

function targetOf(value: unknown): Target | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  // The types that resolve words give records, or, for `delete`, names with a record where it is good.
  if ("tsm_id" in value) return { name: (value as ProcessRecord).name, record: value as ProcessRecord };
  return "record" in value ? (value as Target) : undefined;
}
