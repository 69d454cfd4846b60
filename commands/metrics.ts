import { anyNumber, defineCommand, flag, toggle } from "../src/command/define.ts";
import { moment } from "../src/command/log-types.ts";
import { listenAddress } from "../src/command/port-types.ts";
import { process } from "../src/command/targets.ts";
import type { Engine } from "../src/core/engine.ts";
import type { ProcessMetrics } from "../src/core/metrics.ts";
import { divided } from "../src/core/sample-buckets.ts";
import { type Family, familiesOf, prometheusText, prometheusType } from "../src/integrations/prometheus.ts";
import { metricsPage, metricsTable } from "../src/view/metrics-page.ts";

type Shown =
  | { readonly metrics: readonly ProcessMetrics[]; readonly single: boolean }
  | { readonly families: readonly Family[] }
  | { readonly listening: string };

const hourMs = 3_600_000;

export default defineCommand({
  name: "metrics",
  summary: "Cpu and memory of processes over time; as text for Prometheus too",
  details: [
    "A sample of each process, with all that it has started, is taken each minute while something runs (each third while nothing that runs uses the processor), and kept for the days that the setting metricsDays says (7). With names there is a picture of each, without one a table of all. Cpu is percent of one core. --json has every sample.",
    "--prom is what is true now, as the text that Prometheus reads; with --listen it is served at /metrics until Ctrl-C.",
  ],
  effect: "reads",
  args: { targets: anyNumber(process(), "Whose; without one, those of all") },
  flags: {
    since: flag(moment, {
      summary: "From then on: 1h (the default), 2d, 10:30, start",
      fallback: { kind: "ago", ms: hourMs },
    }),
    prom: toggle("The text that Prometheus reads"),
    listen: flag(listenAddress, { summary: "Serve it there: 127.0.0.1:9209" }),
  },
  examples: [
    "metrics",
    "metrics api",
    "metrics api --since 2d --json",
    "metrics --prom",
    "metrics --prom --listen 127.0.0.1:9209",
  ],
  run({ targets, since, prom, listen }, { engine, signal }): Promise<Shown> | AsyncIterable<Shown> {
    const names = targets.length === 0 ? undefined : targets.map(({ name }) => name);
    if (listen !== undefined) return served(engine, names, listen, signal);
    if (prom) return engine.usage(names).then(({ processes }) => ({ families: familiesOf(processes) }));
    const records = names === undefined ? engine.records() : targets;
    return engine.metrics(records, since, signal).then((metrics) => ({ metrics, single: names !== undefined }));
  },
  *render(shown, screen) {
    if ("listening" in shown) yield `tsm: metrics at ${shown.listening}, until Ctrl-C`;
    else if ("families" in shown) yield prometheusText(shown.families).replace(/\n$/, "");
    else if (!shown.single) yield* metricsTable(shown.metrics, screen, divided);
    else
      for (const [index, metrics] of shown.metrics.entries()) {
        if (index > 0) yield "";
        yield* metricsPage(metrics, screen, divided);
      }
  },
  json: (shown) => ("metrics" in shown ? shown.metrics : "families" in shown ? shown.families : shown),
});

async function* served(
  engine: Engine,
  names: readonly string[] | undefined,
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): AsyncGenerator<Shown> {
  const page = async () => {
    const { processes } = await engine.usage(names);
    return { type: prometheusType, body: prometheusText(familiesOf(processes)) };
  };
  const serving = await engine.serveMetrics({ host, port, pages: { "/metrics": page } }, signal);
  const name = serving.host.includes(":") ? `[${serving.host}]` : serving.host;
  yield { listening: `http://${name}:${serving.port}/metrics` };
  await serving.ended;
}
