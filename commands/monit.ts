import { type Context, defineCommand } from "../src/command/define.ts";
import type { TakeScreen } from "../src/command/full-screen.ts";
import { levelOf } from "../src/core/log-level.ts";
import type { ProcessMetrics } from "../src/core/metrics.ts";
import { divided } from "../src/core/sample-buckets.ts";
import { monitor } from "../src/monit/monitor.ts";
import { metricsTable } from "../src/view/metrics-page.ts";

export default defineCommand({
  name: "monit",
  summary: "Watch all processes on the whole screen, and act on them by key",
  details: [
    "Each process with what it and all that it has started use, and how that was in the last hour; below it the logs of the selected one. Keys: up and down select, r restarts, s stops (and asks), l shows the logs alone, w says why it is as it is, / filters by name or status, o sorts, O turns the order round, q leaves.",
    "In a pipe and with --json: what is so at this moment.",
  ],
  effect: "reads",
  owns: "screen",
  args: {},
  flags: {},
  examples: ["monit", "dash", "monit --json"],
  run(_values, context): Promise<Shown> | AsyncIterable<Shown> {
    const { takeScreen, engine, signal, json } = context;
    if (takeScreen !== undefined && !json) return watched(takeScreen, context);
    const since = { kind: "ago", ms: 3_600_000 } as const;
    return engine.metrics(engine.records(), since, signal).then((metrics) => ({ metrics }));
  },
  *render(shown, screen) {
    if ("metrics" in shown) yield* metricsTable(shown.metrics, screen, divided);
    else if (shown.said !== "") yield shown.said;
  },
  json: (shown) => ("metrics" in shown ? shown.metrics : shown),
  exitCode: (shown) => ("metrics" in shown ? 0 : shown.exitCode),
});

type Shown =
  | { readonly metrics: readonly ProcessMetrics[] }
  /** Said when the screen has been given back. */
  | { readonly said: string; readonly exitCode: number };

async function* watched(takeScreen: TakeScreen, context: Context): AsyncGenerator<Shown> {
  const { unfinished, exitCode } = await takeScreen((screen) => monitor(screen, context, levelOf));
  yield { said: "", exitCode };
  for (const { what, said } of exitCode === 0 ? unfinished : []) {
    yield { said: `tsm: ${what} is under way`, exitCode };
    yield { said: await said, exitCode };
  }
}
