import { TsmError } from "./errors.ts";

/** The paths of the home. Only what TSM itself makes; every folder is 0700. */
export interface Home {
  readonly root: string;
  readonly processes: string;
  readonly locks: string;
  readonly events: string;
  /** Declared ports, `name:port` lines: see port-registry.ts. */
  readonly ports: string;
  /** What processes have used, a file for each day: see samples.ts. */
  readonly samples: string;
  readonly settings: string;
  readonly history: string;
  /** There once a shell was opened. */
  readonly welcomed: string;
  readonly hooks: string;
  /** Pid and start mark of the ticker. */
  readonly ticker: string;
  /** Pid and start mark of the resident patrol; and that there must be one. */
  readonly patrol: string;
  readonly patrolWanted: string;
  /** Written by every runner and resident patrol when it begins: the ticker looks who is new. */
  readonly runnersChanged: string;
  /** There when no process has used the processor since the sample before: the ticker takes its time. */
  readonly idle: string;
  /** There when a log is to be rotated: the ticker sees to it. */
  readonly logsDue: string;
  /** Written when a pass has looked at all logs: see due-logs.ts. */
  readonly logsLooked: string;
  /** A note for each process that somebody is busy with, named like it: see interrupted.ts. */
  readonly underWay: string;
  /** An empty file for each name that was started and not deleted: see lost-record.ts. */
  readonly known: string;
  /** What can be undone, and what is kept for it: see deeds.ts. */
  readonly deeds: string;
  /** One link for each service that is enabled: ORG-NAME.tsm. */
  readonly servicesEnabled: string;
  /** NAME.stack, each a list of services. */
  readonly stacks: string;
  /** What `save` has saved; older ones are dump.json.1 to .4. */
  readonly dump: string;
  /** What came of each boot. */
  readonly bootLog: string;
}

/** `TSM_HOME`, else `$TETRA_DIR/tsm`, else `~/tetra/tsm`. An empty variable counts as unset. */
export function homeRoot(env: Readonly<Record<string, string | undefined>>, userHome: string): string {
  const root = env["TSM_HOME"] || (env["TETRA_DIR"] ? `${env["TETRA_DIR"]}/tsm` : `${userHome}/tetra/tsm`);
  if (!root.startsWith("/")) {
    throw new TsmError("HOME", `the home '${root}' is not an absolute path`, {
      hint: "Set TSM_HOME to an absolute path, or unset it to use ~/tetra/tsm",
    });
  }
  return root.length > 1 ? root.replace(/\/+$/, "") : root;
}

/** @param portsFile `TSM_PORTS_FILE`: the registry of ports lies there, and may be shared. */
export function homeAt(root: string, portsFile = ""): Home {
  if (portsFile !== "" && !portsFile.startsWith("/")) {
    throw new TsmError("HOME", `TSM_PORTS_FILE '${portsFile}' is not an absolute path`, {
      hint: "Set it to an absolute path, or unset it to use runtime/ports of the home",
    });
  }
  return {
    root,
    processes: `${root}/runtime/processes`,
    locks: `${root}/locks`,
    events: `${root}/db/events`,
    ports: portsFile === "" ? `${root}/runtime/ports` : portsFile,
    samples: `${root}/db/metrics`,
    settings: `${root}/config/settings.json`,
    history: `${root}/repl_history`,
    welcomed: `${root}/config/welcomed`,
    hooks: `${root}/hooks`,
    ticker: `${root}/runtime/ticker.pid`,
    patrol: `${root}/runtime/patrol.pid`,
    patrolWanted: `${root}/runtime/patrol.wanted`,
    runnersChanged: `${root}/runtime/runners.changed`,
    idle: `${root}/runtime/idle`,
    logsDue: `${root}/runtime/logs.due`,
    logsLooked: `${root}/runtime/logs.looked`,
    underWay: `${root}/runtime/under-way`,
    known: `${root}/runtime/known`,
    deeds: `${root}/runtime/undo`,
    servicesEnabled: `${root}/services-enabled`,
    stacks: `${root}/stacks`,
    dump: `${root}/dump.json`,
    bootLog: `${root}/db/boot.log`,
  };
}

/** The record of one process: all that most commands want of its folder. */
export function metaPath(home: Home, name: string): string {
  return `${home.processes}/${name}/meta.json`;
}

/** The files of one process. The name has been checked (see names.ts): it cannot leave the home. */
export function processPaths(home: Home, name: string) {
  const folder = `${home.processes}/${name}`;
  return {
    folder,
    meta: metaPath(home, name),
    pid: `${folder}/${name}.pid`,
    out: `${folder}/current.out`,
    err: `${folder}/current.err`,
    launch: `${folder}/launch`,
    /** The launch files of a start that is being prepared, or, until there is one, those of an earlier start. */
    launchNext: `${folder}/.launch-next`,
    /** Those that it replaces, until it has succeeded. */
    launchBefore: `${folder}/.launch-before`,
    /** Seconds until KILL, for the runner that is told to stop. */
    stop: `${folder}/stop`,
    /** How many its runner had to send KILL when the time of the stop was up. */
    forced: `${folder}/forced`,
    /** There once somebody has stopped it, until it is started: a boot leaves it alone. */
    rests: `${folder}/rests`,
    /** Asks the runner to zero its counters. */
    reset: `${folder}/reset`,
    limits: `${folder}/limits`,
    /** Where the kernel is to limit its memory: the group, and bytes. See held-memory.ts. */
    memory: `${folder}/launch/memory`,
    /** Tells the runner on which port it listens instead of the declared one. */
    bound: `${folder}/bound`,
    /** Tells the runner that its process is ready, or that it never got so. */
    ready: `${folder}/ready`,
    failed: `${folder}/failed`,
    /** Empty until the pre-hook of this life is done; there only where there is one. */
    hooked: `${folder}/hooked`,
    /** The pid of a life that has said process.send("ready"). */
    saidReady: `${folder}/said-ready`,
    /** How long the logs were when this life began; only where a log says that it is ready. */
    offsets: `${folder}/offsets`,
    /** Pid and start mark of the stamper, where there is one. */
    stamper: `${folder}/stamper.pid`,
    /** What the resident patrol has seen. */
    sightings: `${folder}/probe.json`,
    /** Pid and start mark of its runner, for the ticker; there while the runner lives, or when it was killed. */
    runnerPid: `${folder}/runner.pid`,
    /** The end of stderr when it was given up. */
    lastWords: `${folder}/last-words`,
    /** What runs were started with: see run-notes.ts. */
    runs: `${folder}/runs`,
    /** TSM_RUN_DIR: the one place in here that is the process's own. */
    run: `${folder}/run`,
    lock: `${home.locks}/${name}.lock`,
  } as const;
}

/** Whose folder this is, or is in; undefined when it is nobody's. @param path may have ` (deleted)` behind it. */
export function processOf(home: Pick<Home, "processes">, path: string): string | undefined {
  if (!path.startsWith(`${home.processes}/`)) return undefined;
  return /^[^/]+?(?=\/| \(deleted\)$|$)/.exec(path.slice(home.processes.length + 1))?.[0];
}

export type ProcessPaths = ReturnType<typeof processPaths>;
