import type { EnvFileReport } from "../core/doctor-env.ts";
import type { Finding } from "../core/doctor-finding.ts";
import type { Fixed } from "../core/doctor-fix.ts";
import type { Report } from "../core/doctor-report.ts";
import type { Validation } from "../core/doctor-validate.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";

const signs = { ok: "✅", note: "– ", warning: "⚠️ ", problem: "❌" } as const;

/** A line for each finding, its hint below. @param quietly what is well is left out */
export function* findingLines(
  findings: readonly Finding[],
  quietly: boolean,
  { paint, plain, columns }: Pick<Screen, "paint" | "plain" | "columns">,
  wrap: (text: string, width: number) => Iterable<string>,
): Iterable<string> {
  const beside = " ".repeat(15);
  const lines = (text: string) => (columns === undefined ? [text] : wrap(text, Math.max(columns - beside.length, 24)));
  const brush = { ok: (text: string) => text, note: paint.faint, warning: paint.warn, problem: paint.bad };
  for (const { check, level, text, hint, fix } of findings) {
    if (quietly && (level === "ok" || level === "note")) continue;
    const word = plain && level !== "ok" && level !== "note" ? `${level}: ` : "";
    const [first = "", ...more] = lines(sanitize(word + text));
    yield brush[level](`${signs[level]} ${check.padEnd(11)} ${first}`);
    for (const line of more) yield brush[level](beside + line);
    for (const line of hint === null ? [] : lines(sanitize(hint))) yield paint.faint(beside + line);
    if (fix !== null && !quietly && level !== "note") yield paint.faint(`${beside}tsm doctor --fix`);
  }
  if (quietly) return;
  const count = (level: Finding["level"]) => findings.filter((each) => each.level === level).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  yield "";
  yield problems + warnings === 0
    ? paint.good("✅ All is well")
    : paint.bad(`${numbered(problems, "problem")}, ${numbered(warnings, "warning")}`);
}

export function* planLines(plan: readonly string[]): Iterable<string> {
  yield "Plan:";
  for (const [index, words] of plan.entries()) yield sanitize(`  ${index + 1}. ${words}`);
}

export function* fixedLines(
  done: readonly Fixed[],
  left: readonly Finding[],
  { paint }: Pick<Screen, "paint">,
): Iterable<string> {
  for (const { words, problem } of done)
    yield problem === null ? sanitize(`✅ ${words}`) : paint.bad(sanitize(`❌ ${words}: ${problem}`));
  if (done.length === 0 && left.length === 0) yield "✅ There is nothing to fix";
  else if (left.length > 0)
    yield paint.bad(`${numbered(left.length, "finding")} left, which ${left.length === 1 ? "wants" : "want"} a person`);
}

export function* envLines({ file, variables, warnings }: EnvFileReport): Iterable<string> {
  const entries = Object.entries(variables);
  yield sanitize(`✅ ${file}: ${numbered(entries.length, "variable")}`);
  for (const [name, value] of entries) yield sanitize(`   ${name}=${value}`);
  for (const warning of warnings) yield sanitize(`⚠️  ${warning}`);
}

export function* validationLines({ checks }: Validation, { paint }: Pick<Screen, "paint">): Iterable<string> {
  for (const { what, problem } of checks) yield problem ? paint.bad(sanitize(`❌ ${what}`)) : sanitize(`✅ ${what}`);
  const problems = checks.filter(({ problem }) => problem).length;
  yield problems === 0 ? "It would start" : `It would not start: ${numbered(problems, "problem")}`;
}

/** Text that can be sent to somebody as it is. */
export function* reportLines(report: Report): Iterable<string> {
  const { tsm, node, platform, home, environment, findings, processes, ports } = report;
  yield `tsm ${tsm} on ${platform}`;
  yield `node: ${node}`;
  yield sanitize(`home: ${home}`);
  yield "";
  yield "Environment";
  for (const [name, value] of Object.entries(environment)) yield sanitize(`  ${name}=${value}`);
  yield "";
  yield "Findings";
  for (const { check, level, text } of findings) yield sanitize(`  ${level.padEnd(8)} ${check}: ${text}`);
  yield "";
  yield `Processes (${processes.length})`;
  for (const { id, name, status, pid, port, restarts, command, reason } of processes)
    yield sanitize(
      `  ${id} ${name} ${status} pid=${pid ?? "none"} port=${port} restarts=${restarts} ${command}${reason === "" ? "" : ` (${reason})`}`,
    );
  yield "";
  yield `Ports (${ports.length})`;
  for (const { service, port, listening, actual } of ports)
    yield sanitize(
      `  ${service}:${port} ${listening ? "listening" : actual.length > 0 ? `listens on ${actual.join(",")}` : "not listening"}`,
    );
}

function numbered(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
