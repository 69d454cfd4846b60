import { defineCommand, one } from "../src/command/define.ts";
import { wrap } from "../src/command/help.ts";
import { processOrService } from "../src/command/service-target.ts";
import { sizeIn } from "../src/core/amounts.ts";
import { describeExit } from "../src/core/exit-text.ts";
import type { Inspection } from "../src/core/inspect.ts";
import { describeLimits } from "../src/core/limits.ts";
import { notFound } from "../src/core/service-store.ts";
import { bytes } from "../src/view/bytes.ts";
import { duration, ordinal, shortTime } from "../src/view/duration.ts";
import { holderText } from "../src/view/memory-holder.ts";
import { sanitize } from "../src/view/sanitize.ts";
import { servicePage } from "../src/view/service-table.ts";
import { clip } from "../src/view/width.ts";

export default defineCommand({
  name: "info",
  summary: "Everything about one process, or one service, on one screen",
  details: ["A word that is a process and a service means the process; ORG/NAME is the service."],
  effect: "reads",
  args: { target: one(processOrService(notFound), "The process; or a service, as ORG/NAME or NAME") },
  flags: {},
  examples: ["info api", "describe 0", "show api --json", "show tetra/api"],
  run: async ({ target }, { engine }) =>
    "ref" in target ? (await engine.services()).page(target) : await engine.inspect(target),
  names: (info) => ("ref" in info ? (info.process === null ? [] : [info.process]) : [info.name]),
  *render(info, screen) {
    if ("ref" in info) {
      yield* servicePage(info, screen);
      return;
    }
    for (const [title, value] of rows(info)) {
      const text = sanitize(value);
      if (screen.columns !== undefined && screen.columns < narrow && !screen.plain) {
        if (title !== "") yield screen.paint.faint(title);
        for (const line of wrap(text, screen.columns, "  "))
          yield title === "status" ? statusColour(info, screen.paint)(line) : line;
        continue;
      }
      const line = `${screen.paint.faint(title.padEnd(12))} ${title === "status" ? statusColour(info, screen.paint)(text) : text}`;
      yield screen.columns === undefined || screen.plain || title === "command" || title.endsWith("log")
        ? line
        : clip(line, screen.columns, screen.cut);
    }
    if (info.lastWords.length > 0) yield screen.paint.faint("last words");
    for (const line of info.lastWords) yield `   ${sanitize(line)}`;
  },
});

/** On fewer columns a value stands below its title, or most of it would be cut. */
const narrow = 50;

function rows(info: Inspection): [string, string][] {
  const { lastExit, tree, logs } = info;
  const limits = describeLimits(info.limits);
  const log = ({ path, size }: Inspection["logs"]["out"]) =>
    path === null ? "not kept" : `${path} (${size === null ? "none yet" : bytes(size)})`;
  return [
    ["name", info.name],
    ["id", String(info.id)],
    ["status", statusText(info)],
    ["uptime", info.uptimeMs === null ? "-" : duration(info.uptimeMs)],
    ["pid", info.pid === null ? "-" : `${info.pid} (start mark ${info.startMark})`],
    ["started", time(info.startedAt)],
    [
      "last exit",
      lastExit === null
        ? "none"
        : `${describeExit(lastExit)}, ${time(lastExit.at)}, after ${duration(lastExit.uptime * 1000)}${lastExit.by === "crash" ? "" : `, wanted by ${lastExit.by}`}`,
    ],
    ["restarts", `${info.restarts} (policy ${info.restartPolicy})`],
    ...(limits === "" ? [] : [["limits", limits] satisfies [string, string]]),
    ...oversightRows(info),
    ["port", portText(info)],
    ["cpu", info.cpu === null ? "-" : `${info.cpu}%`],
    ["mem", info.memory === null ? "-" : bytes(info.memory)],
    ["tree", tree.length === 0 ? "-" : tree.map(({ pid, command }) => `${pid} ${command}`).join(", ")],
    ["command", info.command],
    ["interpreter", info.interpreter],
    ["type", info.type],
    ...(info.service === "" ? [] : [["service", info.service] satisfies [string, string]]),
    ...(info.dependsOn.length === 0 ? [] : [["depends on", info.dependsOn.join(", ")] satisfies [string, string]]),
    ["cwd", info.cwd],
    ["env file", info.envFile === "" ? "none" : info.envFile],
    ["pre-hook", info.preHook === "" ? "none" : info.preHook],
    ["out log", log(logs.out)],
    ["err log", log(logs.err)],
    ...(logs.stamp === null ? [] : [["log lines", stampText(logs.stamp)] satisfies [string, string]]),
    ...runtimeRows(info.runtime),
    ["runner", info.runnerPid === null ? "-" : String(info.runnerPid)],
    ["created", time(info.created)],
  ];
}

/** What was asked for, and what has been seen of it; nothing where nothing was asked for. */
function oversightRows({ oversight, sightings, status, memoryHolder }: Inspection): [string, string][] {
  const { ready, readyTimeoutMs, health, healthIntervalMs, healthFailures, maxMemory, cron } = oversight;
  const { memory, nextCron, restarted } = sightings;
  const rows: [string, string][] = [];
  if (ready !== null) rows.push(["ready", `${ready} within ${shortTime(readyTimeoutMs)}`]);
  if (health !== null) {
    rows.push([
      "health",
      `${health} every ${shortTime(healthIntervalMs)}; ${healthFailures === 1 ? "1 failure restarts" : `${healthFailures} failures restart`} it`,
    ]);
    rows.push(["last probe", healthText(sightings.health)]);
  }
  if (maxMemory !== null) {
    const weighed = memory === null ? "not weighed yet" : `${bytes(memory.bytes)} at ${time(memory.at)}`;
    const action = oversight.maxMemoryAction === "stop" ? ", then it is stopped" : "";
    // As it was typed, of 1024, and as what is weighed is shown, of 1000.
    const limit = `${sizeIn(maxMemory)} = ${bytes(maxMemory)}`;
    const held = memoryHolder === null ? limit : `${limit} ${holderText(memoryHolder)}`;
    rows.push(["max memory", `${held}${action} (${weighed})`]);
  }
  if (cron !== null) {
    const isComing = nextCron !== null && (status === "online" || oversight.cronMode !== "restart");
    const mode = oversight.cronMode === "restart" ? "" : ` ${oversight.cronMode}`;
    rows.push(["cron", `${cron}${mode} (next: ${isComing ? time(nextCron) : "none while it is not online"})`]);
  }
  if (oversight.watch.length > 0) {
    const ignored = oversight.ignoreWatch.length === 0 ? "" : `, but not ${oversight.ignoreWatch.join(", ")}`;
    rows.push(["watch", `${oversight.watch.join(", ")}${ignored}`]);
  }
  if (restarted !== null) {
    const problem = restarted.problem === null ? "" : `; ${restarted.problem.split("\n", 1)[0]}`;
    rows.push(["restarted by", `${restarted.by}, ${time(restarted.at)}: ${restarted.why}${problem}`]);
  }
  return rows;
}

/** What it says of itself, the first few in its own order. */
function runtimeRows(runtime: Inspection["runtime"]): [string, string][] {
  if (runtime === null) return [];
  if ("problem" in runtime) return [["runtime", runtime.problem]];
  const all = Object.entries(runtime.values);
  const shown = all.slice(0, mostRuntimeRows).map(([key, value]) => `${key}: ${value}`);
  if (all.length > shown.length) shown.push(`and ${all.length - shown.length} more: tsm info --json`);
  const first = `reported ${time(runtime.at)}`;
  return [["runtime", first], ...shown.map((text): [string, string] => ["", text])];
}

const mostRuntimeRows = 20;

function stampText({ kind, format }: NonNullable<Inspection["logs"]["stamp"]>): string {
  return kind === "json" ? `JSON objects${format === null ? "" : ` with ${format}`}` : `begin with ${format}`;
}

function healthText(seen: Inspection["sightings"]["health"]): string {
  if (seen === null) return "none yet";
  return seen.why === null
    ? `ok, ${time(seen.at)}`
    : `${seen.why} (${ordinal(seen.failures)} in a row), ${time(seen.at)}`;
}

function portText({ port, listening, ports }: Inspection): string {
  const others = ports.filter((each) => each !== port);
  const declared =
    port === "none" ? "none" : `${port}${listening === null ? "" : listening ? " (listening)" : " (not listening)"}`;
  return others.length === 0 ? declared : `${declared}, also listens on ${others.join(", ")}`;
}

function time(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace("T", " ").replace(".000Z", " UTC");
}

function statusColour(
  { status }: Inspection,
  paint: { good(text: string): string; bad(text: string): string; warn(text: string): string },
) {
  return status === "online" ? paint.good : status === "crashed" ? paint.bad : paint.warn;
}

function statusText({ status, supervised, retryInMs, unstableRestarts, reason }: Inspection): string {
  const retry =
    retryInMs === null ? "" : ` (retry in ${shortTime(retryInMs)}, ${ordinal(Math.max(1, unstableRestarts))})`;
  return `${status}${retry}${supervised ? "" : " (unsupervised)"}${reason === "" ? "" : `: ${reason}`}`;
}
