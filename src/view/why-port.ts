import type { HolderSince, WhyPort } from "../core/why-port.ts";
import { duration } from "./duration.ts";
import { localTime } from "./event-line.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { silentWords, unansweredWords } from "./why.ts";

/** Who has it, the evidence, who else wants it, and the command. */
export function* whyPortPage(why: WhyPort, { paint }: Screen): Iterable<string> {
  const { port, cause, holders, wantedBy, fix } = why;
  const colour =
    cause === "own" && why.unanswered === null && why.silent === null
      ? paint.good
      : cause === "free" && wantedBy.length === 0
        ? paint.strong
        : paint.warn;
  yield colour(sanitize(headOf(why)));
  const rows: [string, string][] = holders.flatMap((holder): [string, string][] => [
    ["listens", `${holder.addresses.join(", ")} port ${port}${sinceOf(holder)}`],
    ...(holder.pid === null
      ? []
      : ([["process", `PID ${holder.pid}${holder.cwd === null ? "" : ` in ${holder.cwd}`}: ${holder.command}`]] as [
          string,
          string,
        ][])),
  ]);
  const others = wantedBy.filter(
    ({ by, name }) =>
      !holders.some(({ owner, process }) => by === "process" && owner === "managed" && process === name),
  );
  rows.push(...others.map(({ by, name, runs }): [string, string] => ["wanted", wantedText(by, name, runs)]));
  if (why.unanswered !== null) rows.push(["kernel", `it ${unansweredWords(why.unanswered)}`]);
  if (why.silent !== null) {
    const { forMs, speaks } = why.silent;
    rows.push([speaks.from, speaks.text], ["ports", `it looks as if it ${silentWords(port, forMs)}`]);
  }
  if (rows.length > 0) yield "";
  for (const [title, text] of rows) yield `  ${paint.faint(title.padEnd(8))} ${sanitize(text)}`;
  if (fix.length > 0) yield "";
  for (const command of fix) yield `  ${paint.faint("fix")}      ${paint.accent(sanitize(command))}`;
}

function headOf({ port, cause, holders, wantedBy }: WhyPort): string {
  const [holder] = holders;
  const who = holder?.process ?? "";
  switch (cause) {
    case "own":
      return `Port ${port} is held by ${who}, which has declared it.`;
    case "other":
      return `Port ${port} is held by ${who}, which has not declared it.`;
    case "orphan":
      return `Port ${port} is held by what '${who}' has left behind.`;
    case "other-home":
      return `Port ${port} is held by '${who}' of the home ${holder?.home}.`;
    case "stranger":
      return `Port ${port} is held by a process that is not managed by tsm.`;
    case "unknown":
      return `Port ${port} is held by another user's process, which only root sees.`;
    case "free": {
      const wanting = wantedBy.length === 0 ? ", and nobody has declared it" : "";
      return `Nobody listens on port ${port}${wanting}.`;
    }
  }
}

function sinceOf({ ageMs, since }: HolderSince): string {
  if (ageMs === null || since === null) return "";
  return `, its process since ${localTime(since * 1000)} (${duration(ageMs)})`;
}

function wantedText(by: WhyPort["wantedBy"][number]["by"], name: string, runs: boolean | null): string {
  switch (by) {
    case "process":
      return `by the process '${name}', which ${runs === true ? "runs" : "does not run"}`;
    case "service":
      return `by the service ${name}`;
    case "registry":
      return `by '${name}', to whom the registry promises it`;
  }
}
