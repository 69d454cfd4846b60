import { describeExit } from "./exit-text.ts";
import type { JournalEntry } from "./journal-reader.ts";
import { exitCauses } from "./process.ts";

/** What an entry says, in words that follow the name of its process: `exited: exit code 3, after 12 s`. */
export function describeEntry({ event, line }: JournalEntry): string {
  switch (event) {
    case "start":
      return `started${numbered(" as PID ", line["pid"])}${numbered(", run ", line["run"])}`;
    case "ready":
      return "is ready";
    case "exit":
      return exitText(line["exit"]);
    case "gave-up":
      return `is not brought back${said(": ", line["reason"])}`;
    case "adopt":
      return `has a runner again${numbered(" (PID ", line["pid"], ")")}`;
    case "port-held":
      return "waits: its port is held by another process";
    case "unseen-exit":
      return "ended while nobody watched";
    case "hook-failed":
      return `its hook${said(" ", line["hook"])} failed${said(": ", line["why"])}`;
    case "source":
      return sourceText(line);
    case "config":
      return configText(line["changes"]);
    case "command":
      return `${who(line)}: ${said("", line["line"])}`;
    default:
      return `${event}${said(" by ", line["by"])}${said(": ", line["why"] ?? line["reason"] ?? line["problem"])}`;
  }
}

/** Who typed it, and where: `ann (tsm 4242, pts/3)`, `ann (shell 4242)` for what called the command line. */
function who(line: Readonly<Record<string, unknown>>): string {
  const place = line["door"] === "shell" ? "tsm" : "shell";
  return `${said("", line["user"]) || "somebody"} (${place}${numbered(" ", line["pid"])}${said(", ", line["terminal"])})`;
}

function exitText(exit: unknown): string {
  if (typeof exit !== "object" || exit === null) return "exited";
  const of: Record<string, unknown> = { ...exit };
  const how = describeExit({
    code: typeof of["code"] === "number" ? of["code"] : null,
    signal: typeof of["signal"] === "string" ? of["signal"] : null,
    core: of["core"] === true,
    at: 0,
    uptime: 0,
    by: "crash",
  });
  const by = exitCauses.find((cause) => cause === of["by"]) ?? "crash";
  const after = typeof of["uptime"] === "number" ? `, after ${Math.round(of["uptime"])} s` : "";
  return `exited: ${how}${after}${by === "crash" ? "" : `, wanted by ${by}`}`;
}

function sourceText(line: Readonly<Record<string, unknown>>): string {
  const short = (hash: unknown) => (typeof hash === "string" ? hash.slice(0, 10) : "none");
  const branch = said(" on ", line["branch"]);
  return typeof line["before"] === "string"
    ? `git HEAD went from ${short(line["before"])} to ${short(line["head"])}${branch}`
    : `git HEAD is ${short(line["head"])}${branch}`;
}

function configText(changes: unknown): string {
  const words = Array.isArray(changes) ? changes.filter((each) => typeof each === "string") : [];
  return `is started otherwise than before${said(": ", words.join(", "))}`;
}

function said(before: string, value: unknown): string {
  return typeof value === "string" && value !== "" ? `${before}${value}` : "";
}

function numbered(before: string, value: unknown, after = ""): string {
  return typeof value === "number" ? `${before}${value}${after}` : "";
}
