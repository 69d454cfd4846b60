import type { Unanswered } from "../core/unanswered.ts";
import type { Why } from "../core/why.ts";
import type { Holder } from "../core/why-facts.ts";
import type { WhyService } from "../core/why-service.ts";
import { duration, ordinal, shortTime } from "./duration.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { displayWidth } from "./width.ts";

/** One paragraph, then the evidence, then the command. */
export function* whyPage(why: Why | WhyService, now: number, { columns, paint }: Screen): Iterable<string> {
  const width = Math.min(columns ?? widest, widest);
  const [head, ...rest] = "ref" in why ? serviceWords(why) : processWords(why, now);
  const text = [head, ...rest].filter((each) => each !== undefined && each !== "").join(" ");
  const colour = isWell(why) ? paint.good : why.state === "crashed" ? paint.bad : paint.warn;
  for (const [index, line] of folded(sanitize(text), width, "").entries()) yield index === 0 ? colour(line) : line;
  if (why.evidence.length > 0) yield "";
  for (const { from, text: said } of why.evidence) {
    const lines = folded(sanitize(said), width, "           ");
    for (const [index, line] of lines.entries())
      yield index === 0 ? `  ${paint.faint(from.padEnd(8))} ${line.trimStart()}` : line;
  }
  if (why.fix.length > 0) yield "";
  for (const command of why.fix) yield `  ${paint.faint("fix")}      ${paint.accent(sanitize(command))}`;
}

const widest = 100;

function isWell({ cause }: Why | WhyService): boolean {
  return cause === "fine" || cause === "restarted";
}

function serviceWords({ ref, cause, problem, needs }: WhyService): string[] {
  const head = `${ref} does not run: it was never started, or its process was deleted.`;
  if (cause === "bad-definition") return [head, `It could not be: ${problem}.`];
  const down = needs.filter(({ status }) => status !== "online").map((need) => need.ref);
  return cause === "dependency-down"
    ? [
        head,
        `It depends on ${listed(down)}, which ${down.length === 1 ? "is" : "are"} not up; starting it starts ${down.length === 1 ? "that" : "those"} first.`,
      ]
    : [head];
}

function processWords(why: Why, now: number): string[] {
  const { name, confidence, blockers, state } = why;
  const sentence = causeWords(why);
  const since = why.since === null ? "" : ` (${ago(now, why.since)})`;
  const head = `${name} ${stateWords(why)}${isDown(why) ? since : ""}: ${confidence === "likely" ? "it looks as if " : ""}${sentence}.`;
  return [
    head,
    why.retry === null ? "" : retryWords(why.retry),
    why.gaveUp === null ? "" : `Tsm ${why.gaveUp.replace(/: .*$/s, "")}.`,
    blockers.length === 0 || isNamed(why)
      ? ""
      : `${state === "online" ? "A restart would fail" : "It could not be started now"}: ${listed(blockers.map(({ text }) => text))}.`,
  ];
}

/** Is what keeps it from starting what the sentence says already? */
function isNamed({ cause, blockers }: Why): boolean {
  return blockers.every(({ kind }) => kind === cause);
}

function isDown({ state }: Why): boolean {
  return state === "stopped" || state === "crashed";
}

function stateWords({ state, retry, cause }: Why): string {
  switch (state) {
    case "online":
      return cause === "fine" ? "is up" : cause === "restarted" ? "is up again" : "runs";
    case "stopped":
      return "is down";
    case "crashed":
      return "is down, crashed";
    case "waiting":
      return retry === null ? "waits" : "is down and will be started again";
    case "starting":
      return "is starting";
    case "stopping":
      return "is being stopped";
  }
}

function retryWords({ inMs, attempt }: { inMs: number; attempt: number }): string {
  return `It is started again in ${shortTime(inMs)}; that is the ${ordinal(Math.max(1, attempt))} restart in a row.`;
}

/** Goes on behind "api is down: ". */
function causeWords(why: Why): string {
  const how = why.exit === null ? "how it ended is not known" : endWords(why);
  switch (why.cause) {
    case "stopped-by-person":
      return `a person ${why.verb === "kill" ? "killed" : "stopped"} it${why.by === null ? "" : `, with tsm ${why.verb} in ${why.by === "shell" ? "the shell" : "a command line"}`}`;
    case "never-started":
      return "it has not run yet";
    case "machine-restarted":
      return "the machine was started anew, and nobody has started it since";
    case "restart-failed":
      return `${why.by === null ? "a restart" : `a restart by ${why.by}${why.why === "" ? "" : ` (${why.why})`}`} ended it and could not start it again: ${why.problem}`;
    case "done":
      return why.state === "crashed"
        ? "it ended by itself with exit code 0 as soon as it was started: it is no program that stays, or found nothing to do"
        : "it was done: it ended by itself with exit code 0, and its policy does not bring that back";
    case "stop-exit-code":
      return `it ended with ${how}, which by its --stop-exit-codes means to rest`;
    case "hook-failed":
      return `its pre-hook ${why.hook} failed, so the program was not started (${how})`;
    case "not-ready-in-time":
      return why.why === "" ? "it did not get ready in time and was ended" : `it was ${why.why}, and was ended`;
    case "folder-gone":
      return `its folder ${why.folder} is gone (${how})`;
    case "folder-closed":
      return `its folder ${why.folder} may not be entered any more (${how})`;
    case "program-gone":
      return `the program that runs it, ${why.program}, is gone (${how})`;
    case "not-executable":
      return `${why.program} may not be executed any more (${how})`;
    case "script-gone":
      return `its script ${why.script} is gone (${how})`;
    case "oom-killed":
      if (why.child !== null)
        return `the kernel killed PID ${why.child.pid} (${why.child.name}), which it had started, for want of memory (${how})`;
      return why.limit === null
        ? "the kernel killed it for want of memory (SIGKILL by the out-of-memory killer)"
        : "the kernel killed it for its own limit of memory (SIGKILL by the out-of-memory killer)";
    case "signalled-by-person":
      return `${why.signal} ended it, which a person sent with tsm kill`;
    case "killed":
      return killedWords(why.signal, why.oom);
    case "fault":
      return `the program itself failed with ${why.signal}${faultWords[why.signal] ?? ""}${why.exit?.core === true ? "; a core was dumped" : ""}`;
    case "limit-exceeded":
      return `it ran into a limit of the system (${why.signal}: ${why.signal === "SIGXCPU" ? "processor time" : "size of a file"})`;
    case "dependency-down":
      return `${why.service}, on which it depends, is not up (${how})`;
    case "ended-by-tsm":
      return `tsm ended it (${why.by}${why.why === null ? "" : `: ${why.why}`})${why.gaveUp === null ? ", and it is not up again yet" : ""}`;
    case "ended-unseen":
      return "it ended while nobody watched, so nobody knows how; its runner was killed too";
    case "port-taken":
      return portWords(why.port, why.holder, how);
    case "disk-full":
      return `the disk was full (${how})`;
    case "out-of-memory":
      return `the program ran out of memory by its own account (${how})`;
    case "too-many-files":
      return `it had too many files open (${how})`;
    case "command-missing":
      return `it calls '${why.command}', which is not found (${how})`;
    case "module-missing":
      return `it misses '${why.module}' (${how})`;
    case "connection-refused":
      return `nobody answered where it wanted to connect${why.port === null ? "" : `, port ${why.port}`} (${how})`;
    case "file-missing":
      return `it misses ${why.path === "" ? "a file" : why.path} (${how})`;
    case "permission-denied":
      return `something was not permitted to it (${how})`;
    case "exit":
      return `it ended by itself with ${how}${why.evidence.some(({ from }) => from === "stderr" || from === "stdout") ? "; why, only its last words can tell" : "; it left no words that say why"}`;
    case "fine":
      return "nothing is wrong as far as can be seen";
    case "restarted":
      return restartWords(why);
    case "unhealthy":
      return `it does not pass its health probe: ${why.why} (${ordinal(why.failures)} in a row; ${why.limit} restart it)`;
    case "suspended":
      return "a signal has suspended it: it lives and does nothing, so nobody gets an answer";
    case "port-of-another":
      return `it does not listen on port ${why.port}, as ${holderWords(why.holder)} does`;
    case "other-port":
      return `it listens on ${listed(why.ports.map(String))} and not on its port ${why.port}`;
    case "not-listening":
      return `it has been up for ${duration(why.upFor * 1000)}, and does not listen on its port ${why.port}${why.upFor < 30 ? " yet" : ""}`;
    case "not-answering":
      return `it ${unansweredWords(why)}`;
    case "silent":
      return `it ${silentWords(why.port, why.forMs)}`;
    case "hook-running":
      return `its pre-hook ${why.hook} is still running, and the program comes after that`;
    case "getting-ready":
      return `it has not got ready in the ${duration(why.upFor * 1000)} since its start (${why.ready}); it has ${duration(why.timeoutMs)} for that`;
    case "waiting-for-port":
      return `it is started as soon as port ${why.port ?? ""} is free${why.holder === null ? "" : `, which ${holderWords(why.holder)} holds`}`;
    case "starting":
      return "its start is under way";
    case "stopping":
      return "a stop is under way; what does not end in time is killed";
  }
}

/** Goes on behind who it is. */
export function unansweredWords({ port, forMs, cpuPercent }: Unanswered): string {
  const within = `listens on port ${port} but does not answer: it accepted no connection within ${Math.round(forMs / 1000)} s`;
  if (cpuPercent === null) return within;
  return `${within}${cpuPercent < 5 ? " and did next to nothing meanwhile" : `, and used ${cpuPercent}% of a core meanwhile`}`;
}

/** Goes on behind "it looks as if it". */
export function silentWords(port: number, forMs: number): string {
  return `hangs or is slow: it listens on port ${port} and takes connections, but answered no request within ${forMs / 1000} s`;
}

function killedWords(signal: string, oom: "no" | "not known"): string {
  const who = `${signal} ended it, which nobody sent through tsm`;
  if (signal !== "SIGKILL") return `${who}: another program did, a person or it itself`;
  return oom === "no"
    ? `${who}: another program did, a person or it itself, and not the kernel for want of memory`
    : `${who}: another program did, a person, it itself, or the kernel for want of memory; which of them cannot be told here`;
}

const faultWords: Readonly<Record<string, string>> = {
  SIGSEGV: " (it touched memory that is not its own)",
  SIGABRT: " (it gave itself up)",
  SIGBUS: " (it touched memory that is not there)",
  SIGFPE: " (it divided by zero, or the like)",
  SIGILL: " (it met an instruction that this processor does not know)",
};

function portWords(port: number | null, holder: Holder | null, how: string): string {
  const which = port === null ? "a port that it wanted" : `port ${port}`;
  return holder === null
    ? `${which} was taken when it started (${how}); it is free now`.replace(
        port === null ? "; it is free now" : "\0",
        "",
      )
    : `${which} is taken by ${holderWords(holder)} (${how})`;
}

function holderWords({ pid, name, command }: Holder): string {
  if (pid === null) return "a process of another user";
  if (name !== null) return `'${name}' (PID ${pid})`;
  return `PID ${pid}${command === "" ? "" : ` (${command.length > 60 ? `${command.slice(0, 59)}…` : command})`}`;
}

function endWords({ exit, how }: Why): string {
  return exit === null ? "" : `${how.replace(/^killed by /, "")} after ${duration(exit.uptime * 1000)}`;
}

function restartWords(why: Extract<Why, { cause: "restarted" }>): string {
  const times = why.restarts === 1 ? "once so far" : `${why.restarts} times so far`;
  const by: Readonly<Record<string, string>> = {
    memory: "it was restarted for using more memory than it may",
    health: "it was restarted as it did not pass its health probe",
    cron: "it was restarted by its schedule",
    watch: "it was restarted as its files had changed",
  };
  const { exit } = why;
  const wasSeen = exit !== null && (exit.code !== null || exit.signal !== null);
  const what =
    by[why.by] ?? (wasSeen ? `its last run ended with ${endWords(why)}` : "nobody saw how its last run ended");
  return `${what}${why.why === null || why.by === "cron" ? "" : `: ${why.why}`} (restarted ${times})`;
}

function ago(now: number, since: number): string {
  return `${duration((now - since) * 1000)} ago`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** Words to lines; a word that is wider than a line is cut where it must be. */
function folded(text: string, width: number, indent: string): string[] {
  const room = Math.max(8, width - indent.length);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((each) => pieces(each, room))) {
    if (line !== "" && displayWidth(line) + 1 + displayWidth(word) > room) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, indent + line];
}

function pieces(word: string, room: number): string[] {
  if (displayWidth(word) <= room) return [word];
  const characters = [...word];
  const found: string[] = [];
  let piece = "";
  for (const character of characters) {
    if (displayWidth(piece + character) > room) {
      found.push(piece);
      piece = character;
    } else piece += character;
  }
  return [...found, piece];
}
