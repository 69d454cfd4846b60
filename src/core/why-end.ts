import { quoteLine } from "./quote.ts";
import { isGone, leastBytes } from "./why-blockers.ts";
import { certain, type End, likely } from "./why-cause.ts";
import { type Ended, lastEvent, type WhyFacts } from "./why-facts.ts";
import { type Evidence, heldBy, isoTime } from "./why-found.ts";
import { childKilled, memoryKill, memoryNews } from "./why-memory.ts";
import { signIn } from "./why-words.ts";

/** @param ended undefined: no end is on record. */
export function endOf(facts: WhyFacts, ended: Ended | undefined): End {
  for (const rule of rules) {
    const found = rule(facts);
    if (found !== undefined) return found;
  }
  if (ended === undefined)
    return certain(facts.record.pid === 0 ? { cause: "never-started" } : { cause: "ended-unseen" }, []);
  for (const rule of rulesOfEnds) {
    const found = rule(ended);
    if (found !== undefined) return found;
  }
  return ended.exit.code === null && ended.exit.signal === null
    ? certain({ cause: "ended-unseen" }, [])
    : certain(
        { cause: "exit" },
        [],
        [`tsm logs ${quoteLine([facts.record.name])}${facts.run === null ? "" : ` --run ${facts.run}`}`],
      );
}

/** Whoever wanted it comes first, then what the system says, then what the program says. The first that answers wins. */
const rules: readonly ((facts: WhyFacts) => End | undefined)[] = [restartFailed, person, reboot];
const rulesOfEnds: readonly ((ended: Ended) => End | undefined)[] = [
  byTsm,
  hook,
  notReady,
  cannotExecute,
  memoryKill,
  signalled,
  done,
  stopCode,
  childKilled,
  ownWords,
  scriptGone,
  dependency,
];

/** A restart ended it, and could not start it again. */
function restartFailed(facts: WhyFacts): End | undefined {
  const failed = lastEvent(facts, "start", "start-failed", "stop", "kill");
  if (failed?.event === "start-failed" && failed.reason !== undefined && facts.status === "stopped") {
    const cause = { cause: "restart-failed", by: null, why: "", problem: failed.reason } as const;
    return { ...certain(cause, [{ from: "journal", text: `its restart failed: ${failed.reason}` }]), since: failed.at };
  }
  const { restarted } = facts.sightings;
  const { last_exit: exit } = facts.record;
  if (facts.status === "waiting" || restarted?.problem == null || exit === null || restarted.at < exit.at)
    return undefined;
  const [problem = ""] = restarted.problem.split("\n", 1);
  const text = `restarted by ${restarted.by} (${restarted.why}), which failed: ${problem}`;
  return certain({ cause: "restart-failed", by: restarted.by, why: restarted.why, problem }, [
    { from: "patrol", text },
  ]);
}

/** A stop is wanted also of what only waits to be started again: then its last exit is an older story. */
function person(facts: WhyFacts): End | undefined {
  const { record, status, deed } = facts;
  if (status !== "stopped") return undefined;
  const { last_exit: exit } = record;
  const last = lastEvent(facts, "start", "stop", "kill");
  const isAsked = last?.event !== "start" && last?.by === "user" && (exit === null || last.at >= exit.at);
  // An exit with 0 after which somebody says stop was over before that.
  const isOver = exit !== null && exit.by === "crash" && exit.code === 0;
  if (isOver || !(isAsked || exit?.by === "user")) return undefined;
  const since = last?.at ?? exit?.at;
  const isDeed = deed !== null && (deed.verb === "stop" || deed.verb === "kill");
  const verb =
    isDeed && (deed.verb === "stop" || deed.verb === "kill")
      ? deed.verb
      : last?.event === "kill"
        ? "kill"
        : isAsked
          ? "stop"
          : null;
  const evidence: Evidence[] = [];
  if (deed !== null && isDeed)
    evidence.push({
      from: "record",
      text: `tsm ${deed.verb} was typed in the ${deed.by === "shell" ? "shell" : "command line"} at ${isoTime(deed.at)}`,
    });
  if (isAsked && last !== undefined)
    evidence.push({ from: "journal", text: `${last.event} by a person at ${isoTime(last.at)}` });
  return {
    ...certain({ cause: "stopped-by-person", verb, by: isDeed ? deed.by : null }, evidence),
    ...(since === undefined ? {} : { since }),
  };
}

function reboot({ rebooted, record }: WhyFacts): End | undefined {
  const wasLive = record.status !== "stopped" && record.status !== "crashed";
  if (!rebooted || !wasLive) return undefined;
  return certain({ cause: "machine-restarted" }, [
    { from: "kernel", text: `it was ${record.status} when the machine went down: the boot on record is not this one` },
  ]);
}

function byTsm({ exit, sightings: { restarted } }: Ended): End | undefined {
  if (exit.by === "crash" || exit.by === "user" || (exit.by === "health" && restarted?.by !== "health"))
    return undefined;
  const why = restarted?.by === exit.by ? restarted.why : null;
  return certain({ cause: "ended-by-tsm", by: exit.by, why }, why === null ? [] : [{ from: "patrol", text: why }]);
}

function hook({ record, hook: state }: Ended): End | undefined {
  const isSaid = record.reason.includes("its pre-hook failed");
  if (!isSaid && state !== "running") return undefined;
  return certain({ cause: "hook-failed", hook: record.prehook }, [
    { from: "files", text: `the pre-hook is ${record.prehook}` },
  ]);
}

function notReady({ record, exit }: Ended): End | undefined {
  const [why] = /not ready within .*$/.exec(record.reason) ?? [];
  if (why === undefined && exit.by !== "health") return undefined;
  return certain({ cause: "not-ready-in-time", why: why ?? "" }, []);
}

/** What the shells that are between the runner and the program end with when they cannot go on. */
function cannotExecute({ exit, record, cwd, cwdAccess, program }: Ended): End | undefined {
  if (exit.code !== 126 && exit.code !== 127) return undefined;
  if (isGone(cwd) && exit.code === 126)
    return certain({ cause: "folder-gone", folder: record.cwd }, [
      { from: "files", text: `there is no folder ${record.cwd}` },
    ]);
  if (cwdAccess !== "open" && exit.code === 126)
    return certain({ cause: "folder-closed", folder: record.cwd }, [
      { from: "files", text: `${record.cwd} may not be entered` },
    ]);
  if (program.kind === "missing")
    return certain({ cause: "program-gone", program: program.path }, [
      { from: "files", text: `there is no ${program.path}` },
    ]);
  if (!program.executable)
    return certain({ cause: "not-executable", program: program.path }, [
      { from: "files", text: `${program.path} may not be executed` },
    ]);
  return undefined;
}

const faults = ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSYS", "SIGTRAP"];

function signalled(ended: Ended): End | undefined {
  const { exit } = ended;
  if (exit.signal === null) return undefined;
  const { signal } = exit;
  const sent = ended.journal.findLast(
    (line) => line.event === "kill" && line.signal === signal && Math.abs(line.at - exit.at) <= 3,
  );
  if (sent !== undefined)
    return certain({ cause: "signalled-by-person", signal }, [
      { from: "journal", text: `tsm kill --signal ${signal} at ${isoTime(sent.at)}` },
    ]);
  if (faults.includes(signal)) {
    const words = ownWords(ended);
    return words?.cause.cause === "out-of-memory" ? words : certain({ cause: "fault", signal }, []);
  }
  if (signal === "SIGXCPU" || signal === "SIGXFSZ") return certain({ cause: "limit-exceeded", signal }, []);
  if (signal !== "SIGKILL") return certain({ cause: "killed", signal, oom: "no" }, []);
  const { oom, text } = memoryNews(ended);
  return certain({ cause: "killed", signal, oom }, [{ from: "kernel", text }]);
}

function done({ exit }: Ended): End | undefined {
  if (exit.code !== 0) return undefined;
  return certain({ cause: "done" }, []);
}

function stopCode({ exit, status, stopExitCodes }: Ended): End | undefined {
  if (exit.code === null || status !== "stopped" || !stopExitCodes.includes(exit.code)) return undefined;
  return certain({ cause: "stop-exit-code" }, [
    { from: "record", text: `--stop-exit-codes ${stopExitCodes.join(",")}` },
  ]);
}

/** What the program says is likely; what the system says too is certain. */
function ownWords(ended: Ended): End | undefined {
  const sign = signIn(ended.said.lines);
  if (sign === undefined) return undefined;
  const { said } = sign;
  const { record, freeBytes } = ended;
  const evidence: Evidence[] = [{ from: ended.said.stream, text: sign.line.trim().slice(0, 300) }];
  switch (said.cause) {
    case "port-taken": {
      const port = said.port ?? (record.port === "none" ? null : record.port);
      const holder = port === null ? null : ended.holderOf(port);
      const cause = { cause: "port-taken", port, holder } as const;
      if (holder === null) {
        const now: Evidence[] = port === null ? [] : [{ from: "ports", text: `nobody listens on port ${port} now` }];
        return likely(cause, [...evidence, ...now]);
      }
      const held = heldBy(holder);
      return certain(cause, [...evidence, held.evidence], held.fix);
    }
    case "disk-full":
      return freeBytes < leastBytes
        ? certain(said, [...evidence, { from: "files", text: "the disk of tsm's home is full" }])
        : likely(said, evidence, [`df -h ${quoteLine([record.cwd])}`]);
    case "connection-refused": {
      const down = ended.needs.find(({ status }) => status !== "online");
      if (down !== undefined)
        return likely({ cause: "dependency-down", service: down.ref }, evidence, [
          `tsm start ${quoteLine([down.ref])}`,
        ]);
      const isOpen = said.port !== null && ended.holderOf(said.port) !== null;
      return likely(
        said,
        isOpen ? [...evidence, { from: "ports", text: `somebody listens on port ${said.port} now` }] : evidence,
      );
    }
    case "module-missing":
      return likely(
        said,
        evidence,
        installsOf(ended, said.module).map((line) => `cd ${quoteLine([record.cwd])} && ${line}`),
      );
    case "out-of-memory":
    case "too-many-files":
    case "file-missing":
    case "command-missing":
    case "permission-denied":
      return likely(said, evidence);
  }
}

/** What its folder says is needed, else the module alone; a file of its own nobody can install. */
function installsOf({ record, manifests }: Ended, module: string): string[] {
  const lists = (file: string) => manifests.includes(file);
  switch (record.process_type) {
    case "node": {
      const [name] = /^(?:@[\w.~-]+\/)?[A-Za-z0-9][\w.~-]*/.exec(module) ?? [];
      if (name === undefined) return [];
      return [lists("package.json") ? "npm install" : `npm install ${quoteLine([name])}`];
    }
    case "python": {
      if (lists("requirements.txt")) return ["pip install -r requirements.txt"];
      if (lists("pyproject.toml")) return ["pip install ."];
      const [name] = /^[A-Za-z_]\w*/.exec(module) ?? [];
      return name === undefined ? [] : [`pip install ${name}`];
    }
    case "ruby":
      return ["bundle install"];
    default:
      return [];
  }
}

function scriptGone({ script, exit }: Ended): End | undefined {
  if (script === null || script.kind !== "missing" || exit.by !== "crash") return undefined;
  return likely({ cause: "script-gone", script: script.path }, [{ from: "files", text: `there is no ${script.path}` }]);
}

function dependency(ended: Ended): End | undefined {
  const down = ended.needs.find(({ status }) => status !== "online" && status !== null);
  if (down === undefined || ended.exit.uptime > 60) return undefined;
  return likely({ cause: "dependency-down", service: down.ref }, [], [`tsm start ${quoteLine([down.ref])}`]);
}
