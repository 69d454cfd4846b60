import type { Status } from "../core/process.ts";
import type { ProcessUse } from "../core/usage.ts";

/** What Prometheus calls a metric: all values of one name. */
export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly values: readonly Value[];
}

interface Value {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The content type of the text. */
export const prometheusType = "text/plain; version=0.0.4; charset=utf-8";

const statuses: readonly Status[] = ["starting", "online", "waiting", "stopping", "stopped", "crashed"];

/** What processes are and use. What nothing can be said of (the memory of one that does not run) is left out. */
export function familiesOf(processes: readonly ProcessUse[]): Family[] {
  const each = (value: (process: ProcessUse) => number | null | undefined): Value[] =>
    processes.flatMap((process) => {
      const found = value(process);
      return found === null || found === undefined ? [] : [{ labels: labelsOf(process), value: found }];
    });
  const counted = (status: Status) => processes.filter(({ summary }) => summary.status === status).length;
  return [
    {
      name: "tsm_processes",
      type: "gauge",
      help: "Processes on record by status.",
      values: statuses.map((status) => ({ labels: { status }, value: counted(status) })),
    },
    {
      name: "tsm_process_info",
      type: "gauge",
      help: "Always 1: what a process is.",
      values: processes.map((process) => {
        const { port, type } = process.summary;
        return { labels: { ...labelsOf(process), type, port: port === "none" ? "" : String(port) }, value: 1 };
      }),
    },
    {
      name: "tsm_process_up",
      type: "gauge",
      help: "1 while the process runs, else 0.",
      values: each(({ use }) => (use === undefined ? 0 : 1)),
    },
    {
      name: "tsm_process_status",
      type: "gauge",
      help: "1 for the status that the process has, 0 for the others.",
      values: processes.flatMap((process) =>
        statuses.map((status) => ({
          labels: { ...labelsOf(process), status },
          value: process.summary.status === status ? 1 : 0,
        })),
      ),
    },
    {
      name: "tsm_process_cpu_seconds_total",
      type: "counter",
      help: "User and system time of the process and all that it has started, since it began.",
      values: each(({ use }) => use && use.cpuMs / 1000),
    },
    {
      name: "tsm_process_resident_memory_bytes",
      type: "gauge",
      help: "Resident memory of the process and all that it has started.",
      values: each(({ use }) => use?.memoryBytes),
    },
    {
      name: "tsm_process_members",
      type: "gauge",
      help: "How many system processes it is.",
      values: each(({ use }) => use?.members),
    },
    {
      name: "tsm_process_uptime_seconds",
      type: "gauge",
      help: "Seconds since it began.",
      values: each(({ summary }) => (summary.uptimeMs === null ? null : summary.uptimeMs / 1000)),
    },
    {
      name: "tsm_process_restarts_total",
      type: "counter",
      help: "Starts after the first.",
      values: each(({ summary }) => summary.restarts),
    },
    {
      name: "tsm_process_last_exit_code",
      type: "gauge",
      help: "What it exited with last; not there when it never has, or a signal ended it.",
      values: each(({ summary }) => summary.lastExit?.code),
    },
  ];
}

function labelsOf({ summary: { id, name } }: ProcessUse): Readonly<Record<string, string>> {
  return { name, id: String(id) };
}

/** The text exposition format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function prometheusText(families: readonly Family[]): string {
  return families
    .filter(({ values }) => values.length > 0)
    .map(({ name, type, help, values }) => {
      const head = [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`];
      return [...head, ...values.map((value) => valueLine(name, value))].map((line) => `${line}\n`).join("");
    })
    .join("");
}

function valueLine(name: string, { labels, value }: Value): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`);
  return `${name}{${pairs.join(",")}} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
