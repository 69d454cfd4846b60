import type { ProcessMetrics } from "../core/metrics.ts";
import { bytes } from "./bytes.ts";
import { glyphsFor } from "./glyphs.ts";
import { axisColumns, plot } from "./plot.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { sparkline } from "./sparkline.ts";
import { table } from "./table.ts";

/** The mean of each stretch of time, by process: see core/sample-buckets.ts. */
export type Divide = (
  metrics: ProcessMetrics,
  count: number,
) => { readonly cpu: readonly (number | undefined)[]; readonly memory: readonly (number | undefined)[] };

const widest = 120;
const usualWidth = 80;

/** Two pictures of one process: cpu and memory over time. */
export function* metricsPage(metrics: ProcessMetrics, screen: Screen, divide: Divide): Generator<string> {
  const { name, id, samples, cpu, memory } = metrics;
  const heading = `${screen.paint.strong(sanitize(name))} ${screen.paint.faint(`(#${id})`)}`;
  const [since, until] = [clockTime(metrics.since, metrics), clockTime(metrics.until, metrics)];
  yield `${heading} ${since} to ${until}, ${samples.length} ${samples.length === 1 ? "sample" : "samples"}`;
  if (samples.length === 0) {
    yield screen.paint.faint("no samples yet: one is taken each minute while it runs");
    if (cpu !== null && memory !== null) yield `now: cpu ${percent(cpu)}, memory ${bytes(memory)}`;
    return;
  }
  const said = (values: readonly number[], now: number | null, words: (value: number) => string) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const facts = [`mean ${words(mean)}`, `most ${words(Math.max(...values))}`];
    return [...(now === null ? ["it does not run"] : [`now ${words(now)}`]), ...facts].join(", ");
  };
  const [cpus, memories] = [samples.map((sample) => sample.cpu), samples.map((sample) => sample.memory)];
  const cpuSaid = `cpu: ${said(cpus, cpu, percent)} (of one core)`;
  const memorySaid = `memory: ${said(memories, memory, bytes)}`;
  if (screen.plain) {
    yield cpuSaid;
    yield memorySaid;
    return;
  }
  const count = Math.max(10, Math.min(screen.columns ?? usualWidth, widest) - axisColumns);
  const values = divide(metrics, count);
  const glyphs = glyphsFor(screen);
  const axis = { height: 8, from: since, to: until };
  yield "";
  yield* plot({ ...axis, title: cpuSaid, values: values.cpu, least: 1, label: percent }, screen, glyphs);
  yield "";
  yield* plot({ ...axis, title: memorySaid, values: values.memory, least: 1_000_000, label: bytes }, screen, glyphs);
}

const historyColumns = 24;

/** A row for each process. */
export function metricsTable(all: readonly ProcessMetrics[], screen: Screen, divide: Divide): string[] {
  const glyphs = glyphsFor(screen);
  const rows = all.map((metrics) => ({ ...metrics, buckets: divide(metrics, historyColumns) }));
  const history = (values: readonly (number | undefined)[], least: number) =>
    sparkline(values, Math.max(least, ...values.map((value) => value ?? 0)), glyphs);
  const most = (values: readonly number[], words: (value: number) => string) =>
    values.length === 0 ? "-" : words(Math.max(...values));
  return table(
    rows,
    [
      { title: "id", min: 4, cell: ({ id }) => String(id) },
      { title: "name", min: 18, shrinkTo: 8, cell: ({ name }) => name, paint: screen.paint.strong },
      { title: "cpu", min: 6, cell: ({ cpu }) => (cpu === null ? "-" : percent(cpu)), align: "right" },
      {
        title: "most",
        min: 6,
        cell: ({ samples }) =>
          most(
            samples.map(({ cpu }) => cpu),
            percent,
          ),
        align: "right",
        dropFirst: 1,
      },
      {
        title: "cpu history",
        isPicture: true,
        min: historyColumns,
        cell: ({ buckets }) => history(buckets.cpu, leastCpu),
        paint: screen.paint.accent,
        dropFirst: 3,
      },
      { title: "mem", min: 7, cell: ({ memory }) => (memory === null ? "-" : bytes(memory)), align: "right" },
      {
        title: "most",
        min: 7,
        cell: ({ samples }) =>
          most(
            samples.map(({ memory }) => memory),
            bytes,
          ),
        align: "right",
        dropFirst: 2,
      },
      {
        title: "mem history",
        isPicture: true,
        min: historyColumns,
        cell: ({ buckets }) => history(buckets.memory, 1),
        paint: screen.paint.accent,
        dropFirst: 4,
      },
    ],
    { columns: screen.columns, paintFrame: screen.paint.faint, cut: screen.cut, plain: screen.plain },
  );
}

/** A history of less than so many percent is not made to look like work. */
export const leastCpu = 5;

export function percent(value: number): string {
  return `${value.toFixed(value >= 99.95 ? 0 : 1)}%`;
}

/** `10:30`, with its day where the whole is longer than one. */
function clockTime(seconds: number, { since, until }: ProcessMetrics): string {
  const at = new Date(seconds * 1000);
  const two = (number: number) => String(number).padStart(2, "0");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return until - since < 86_400 ? time : `${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}
