/** What one process, with all that it had started, used at one moment. */
export interface Sample {
  /** Epoch seconds. */
  readonly at: number;
  readonly name: string;
  /** Percent of one core, since the sample before. */
  readonly cpu: number;
  /** Bytes resident. */
  readonly memory: number;
}

/** A process as a line of samples has it. */
export interface SampledProcess {
  readonly id: number;
  readonly cpu: number;
  readonly memory: number;
}

/**
 * One pass as it is written down: `1763750669 0:125:40960 3::1024 ;`, which is the time, and of each process its id, tenths
 * of a percent of one core (nothing for 0) and KiB. The mark at the end tells a whole line from one that was cut.
 */
export function sampleLine(at: number, processes: readonly SampledProcess[]): string {
  const parts = processes.map(({ id, cpu, memory }) => {
    const tenths = Math.round(cpu * 10);
    return `${id}:${tenths === 0 ? "" : tenths}:${Math.round(memory / 1024)}`;
  });
  return [at, ...parts, ";"].join(" ");
}

/** Who the ids of the lines that follow are. */
export function namesLine(names: Iterable<readonly [id: number, name: string]>): string {
  return `names ${JSON.stringify(Object.fromEntries(names))}`;
}

/**
 * The samples of a day's file from a time on, in their order. What is no whole line (a power cut, a full disk, somebody's
 * hand) is passed over.
 * @param wanted of this process alone.
 */
export function* samplesIn(text: string, since: number, wanted?: string): Generator<Sample> {
  let names: ReadonlyMap<string, string> = new Map();
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf("\n", from);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(from, end);
    from = end + 1;
    if (line.startsWith("names ")) {
      names = new Map([...names, ...namesIn(line.slice("names ".length))]);
      continue;
    }
    const at = Number.parseInt(line, 10);
    if (!(at >= since) || !line.endsWith(" ;")) continue;
    for (const part of line.split(" ").slice(1, -1)) {
      const [id = "", tenths = "", kib = ""] = part.split(":");
      const name = names.get(id);
      const memory = Number(kib) * 1024;
      const cpu = Number(tenths) / 10;
      if (name === undefined || (wanted !== undefined && name !== wanted)) continue;
      if (Number.isFinite(cpu) && Number.isFinite(memory)) yield { at, name, cpu, memory };
    }
  }
}

function namesIn(json: string): readonly (readonly [string, string])[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return []; // cut short: the next line that says names is whole
    throw error;
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([id, name]) => (typeof name === "string" ? [[id, name] as const] : []));
}
