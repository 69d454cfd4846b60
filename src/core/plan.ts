import { dirname, isAbsolute, join, resolve } from "node:path";
import { type AppPart, withoutFiltered } from "./app-part.ts";
import { type AskedLogs, chosenLogs } from "./asked-logs.ts";
import { parseEnvFile, refusePlaceholders } from "./env-file.ts";
import { isErrno, TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { withInterpreterArgs } from "./interpreter-args.ts";
import type { LaunchSpec, PortOrigin } from "./launch.ts";
import { type AskedLimits, limitsFrom } from "./limits.ts";
import { filesOf, type LogChoice } from "./log-files.ts";
import { automaticName, checkName, checkNamespace, withPort } from "./names.ts";
import { noOversight, type Oversight } from "./oversight.ts";
import type { Policy } from "./policy.ts";
import type { PolicyChanges } from "./policy-changes.ts";
import { choosePort, type Port, type PortRange, withWinningPort } from "./port-choice.ts";
import { choosePreHook, hookVariables } from "./pre-hook.ts";
import type { Program } from "./program.ts";
import { programNowOrToCome, refuseMissing } from "./program-to-come.ts";
import { runnerMark } from "./tree.ts";
import { folderOfPattern, refuseOwnFolder } from "./watched.ts";
import type { World } from "./world.ts";

/** What a person asked to be started, in their words. */
export interface StartRequest {
  readonly words: readonly string[];
  /** Words behind an explicit `--` are the program's and never a name. */
  readonly beforeDashes: number | undefined;
  readonly name: string | undefined;
  readonly port: number | undefined;
  /** Instead of a port: where one is to be looked for. */
  readonly allocate?: PortRange | undefined;
  /** The port was looked for. */
  readonly allocated?: boolean;
  /** `local` is `env/local.env`; anything with a `/` or a `.` is a path; `auto` looks for one. */
  readonly env: string | undefined;
  /** A file, the name of one in the home's hooks, or `none`. */
  readonly preHook?: string | undefined;
  readonly cwd: string | undefined;
  readonly interpreter: string | undefined;
  readonly policy: Omit<Policy, "limits" | "streams">;
  readonly limits: AskedLimits;
  readonly streams: AskedLogs;
  readonly settleMs: number;
  /** What several processes are called together. */
  readonly namespace?: string | undefined;
  /** Words for the interpreter, as they are typed before the script. */
  readonly interpreterArgs?: readonly string[] | undefined;
  /** A name that is taken gets a number. */
  readonly force?: boolean | undefined;
  /** What is there already begins with the caller's environment. */
  readonly updateEnv?: boolean | undefined;
  /** And is brought back, ended and restarted so from now on. */
  readonly changes?: PolicyChanges | undefined;
  /** It is put on record and rests. */
  readonly noAutostart?: boolean | undefined;
  /** The file of the service that is started; "" for none. */
  readonly service: string;
  /** The processes that it needs, by name. */
  readonly dependsOn?: readonly string[] | undefined;
  /** What only an ecosystem file or `start -i` says. With it the name stays as it is: no port is put behind it. */
  readonly app?: AppPart | undefined;
  /** Nothing may be run to find out what to start: a `.tsm` file that only bash can read is refused. */
  readonly noExec: boolean;
}

/** Where programs are looked for when nobody says: what `execvp` does without a PATH. */
const defaultPath = "/usr/local/bin:/usr/bin:/bin";

/** From words to the spec that `launch` takes. Looks at files, changes nothing. */
export function plan(world: World, request: StartRequest): LaunchSpec {
  const { files } = world.platform;
  const cwd = folderOf(world, request.cwd, "Give a folder that exists with --cwd");
  const env = withoutFiltered(filtered(callerEnvironment(world, cwd), request.policy.filterEnv), request.app);
  const { words, name: positional } = namedScript(request, (path) => files.kind(resolve(cwd, path)) === "file");
  const found = programNowOrToCome({
    words,
    cwd,
    interpreter: request.interpreter,
    path: request.app?.variables["PATH"] ?? env["PATH"] ?? defaultPath,
    files,
  });
  const program = withInterpreterArgs(world, found.program, request);
  const chosen = request.name ?? positional;
  if (chosen !== undefined) checkName(chosen);
  const envFile = request.env === undefined ? "" : envFilePath(world, request.env, cwd);
  const envFileValues = readEnvFile(world, envFile, env);
  const port = choosePort({
    flag: request.port,
    envFile: envFileValues,
    envFilePath: envFile,
    program,
    scriptText: scriptText(world, program),
    callerPort: env["PORT"],
  });
  const portFrom: PortOrigin =
    request.port !== undefined ? "flag" : port === "none" ? "none" : envFileValues.get("PORT") ? "env-file" : "command";
  const called =
    chosen === undefined
      ? automaticName(program, cwd, port)
      : request.app === undefined
        ? withPort(chosen, port)
        : chosen;
  // Two names that look the same are one. What a file declares is known by the name it has there.
  const isDeclared = request.app !== undefined || request.service !== "";
  const name = checkName(isDeclared ? called : called.normalize());
  const preHook = choosePreHook(world, { asked: request.preHook, name, port, type: program.type, cwd });
  refuseMissing(found, preHook, chosen);
  return {
    name,
    argv: withWinningPort(program.argv, port),
    interpreter: program.interpreter,
    type: program.type,
    port,
    portFrom,
    allocated: request.allocated === true,
    cwd,
    envFile,
    env,
    envFileValues,
    preHook,
    lookup: program.lookup,
    policy: {
      ...request.policy,
      limits: limitsFrom(world, request.limits),
      streams: logsOf(world, request, name, cwd),
      oversight: placedOversight(world, request, cwd, port),
      pidFile: pidFileIn(world, cwd, request.policy.pidFile),
    },
    namespace: checkNamespace(request.namespace ?? ""),
    service: request.service,
    asked: undefined,
    dependsOn: request.dependsOn ?? [],
    app: request.app,
    settleMs: request.settleMs,
    restarts: 0,
  };
}

/** `start server.sh myapp`: for a single shell script one more word is its name, unless `--name` or `--` says otherwise. */
function namedScript(
  { words, beforeDashes, name }: StartRequest,
  isFile: (path: string) => boolean,
): { words: readonly string[]; name: string | undefined } {
  const [script = "", second] = words;
  const isNamed =
    name === undefined &&
    beforeDashes === undefined &&
    words.length === 2 &&
    second !== undefined &&
    /.\.sh$/.test(script) &&
    // With a blank in it, it may be a shell string that ends so.
    (!/\s/.test(script) || isFile(script)) &&
    !second.startsWith("-") &&
    !/^\d+$/.test(second);
  return isNamed ? { words: [script], name: second } : { words, name: undefined };
}

/** @throws TsmError with this hint when there is no such folder. */
export function folderOf(world: World, asked: string | undefined, hint: string): string {
  const cwd = asked === undefined ? world.cwd : isAbsolute(asked) ? asked : join(world.cwd, asked);
  const kind = world.platform.files.kind(cwd);
  if (kind === "directory") return cwd.length > 1 ? cwd.replace(/\/+$/, "") : cwd;
  throw new TsmError("NO_FILE", `the folder ${cwd} ${kind === "missing" ? "does not exist" : "is not a folder"}`, {
    hint,
  });
}

/** With what it watches as absolute paths. @throws TsmError when it asks for what the process has not. */
function placedOversight(world: World, request: StartRequest, cwd: string, port: Port): Oversight {
  const { oversight } = request.policy;
  refuseIdle(request);
  for (const [what, probe] of Object.entries({ ready: oversight.ready, health: oversight.health })) {
    if (probe?.kind !== "port" || probe.port !== undefined || port !== "none") continue;
    if (request.service === "")
      throw new TsmError("USAGE", `--${what} port: it has no port`, { hint: "Say which with --port" });
    throw new TsmError("BAD_DATA", `${request.service}: ${what} port: it has no port`, {
      hint: "Say which with TSM_PORT, or --port",
    });
  }
  const watch = oversight.watch.map((path) => {
    const place = resolve(cwd, path);
    const { files } = world.platform;
    const folder = files.kind(place) === "missing" ? folderOfPattern(place) : undefined;
    refuseOwnFolder(world, folder ?? place);
    if (files.kind(folder ?? place) === "directory" || files.kind(place) !== "missing") return place;
    throw new TsmError("NO_FILE", `--watch: ${folder ?? place} does not exist`, {
      hint: "Name files or folders that exist, or some of a folder: 'src/*.js', 'src/**'",
    });
  });
  return { ...oversight, watch };
}

/**
 * How a probe is asked says nothing where there is none. In a file of apps that is passed over, as pm2 does it; with a service
 * the time to get ready holds for what it depends on too.
 * @throws TsmError
 */
function refuseIdle({ policy: { oversight }, service, app }: StartRequest): void {
  if (app !== undefined && app.file !== "") return;
  const { ready, readyTimeoutMs, health, healthIntervalMs, healthFailures } = oversight;
  const idle = [
    ["--health-interval", "--health", health === null && healthIntervalMs !== noOversight.healthIntervalMs],
    ["--health-failures", "--health", health === null && healthFailures !== noOversight.healthFailures],
    ["--ready-timeout", "--ready", ready === null && service === "" && readyTimeoutMs !== noOversight.readyTimeoutMs],
  ] as const;
  for (const [flag, probe, isIdle] of idle) {
    if (!isIdle) continue;
    throw new TsmError("USAGE", `${flag} is how ${probe} is asked, and there is no ${probe}`, {
      hint: `Say what is to be asked: ${probe} port, ${probe} http://localhost:3000/health, ${probe} cmd:'pg_isready -q'`,
    });
  }
}

/** @throws TsmError when they cannot be written, or when one that nobody keeps is to say that it is ready. */
function logsOf(world: World, { streams: asked, policy }: StartRequest, name: string, cwd: string): LogChoice {
  const paths = processPaths(world.home, name);
  const logs = chosenLogs(world, asked, cwd, paths);
  const { out, err } = filesOf(logs, paths);
  if (policy.oversight.ready?.kind === "log" && out === null && err === null) {
    throw new TsmError("USAGE", "--ready log: nothing of its logs is kept", { hint: "Keep a log, or ask a port" });
  }
  return logs;
}

/** What the process begins with: the caller's environment, without what TSM gave to the caller. */
export function callerEnvironment(world: World, cwd: string): Record<string, string> {
  const env: Record<string, string> = { ...world.env, PWD: cwd };
  // PORT in a managed process is that process's own.
  if (env["TSM_ID"] !== undefined) delete env["PORT"];
  // And what a hook was told.
  for (const own of hookVariables) delete env[own];
  for (const own of ["TSM_ID", "TSM_NAME", "TSM_HOME", "TSM_RUN_DIR", runnerMark, "OLDPWD", "_"]) delete env[own];
  return env;
}

/** Without the variables whose names begin so. */
export function filtered(env: Record<string, string>, prefixes: readonly string[]): Record<string, string> {
  const isKept = ([name]: [string, string]) => !prefixes.some((prefix) => name.startsWith(prefix));
  return Object.fromEntries(Object.entries(env).filter(isKept));
}

/** @throws TsmError when nobody could write it */
function pidFileIn({ platform: { files } }: World, cwd: string, asked: string | null): string | null {
  if (asked === null) return null;
  const path = resolve(cwd, asked);
  if (files.kind(dirname(path)) === "directory" && ["missing", "file"].includes(files.kind(path))) return path;
  throw new TsmError("NO_FILE", `--pid: ${path} cannot be a file`, { hint: "Name a file in a folder that exists" });
}

/** The file that `--env` means. */
export function envFilePath(world: World, asked: string, cwd: string): string {
  if (asked === "auto") return discoveredEnvFile(world, cwd);
  const path = asked.includes("/") || asked.includes(".") ? asked : `env/${asked}.env`;
  return isAbsolute(path) ? path : join(cwd, path);
}

const discovered = ["env/local.env", "env/dev.env", ".env"] as const;

function discoveredEnvFile(world: World, cwd: string): string {
  const found = discovered.map((name) => join(cwd, name)).find((path) => world.platform.files.kind(path) === "file");
  if (found !== undefined) return found;
  throw new TsmError("NO_FILE", `there is no env file in ${cwd}: none of ${discovered.join(", ")}`, {
    hint: "Make one, name another, or leave --env out",
  });
}

/** @throws TsmError NO_FILE or BAD_DATA. An empty path is no file. */
export function readEnvFile(world: World, path: string, known: Readonly<Record<string, string>>): Map<string, string> {
  if (path === "") return new Map();
  const { files } = world.platform;
  let bytes: Buffer | undefined;
  try {
    // To open a pipe that nobody writes to never ends. Those of /dev are open: a shell's <(…).
    if (files.kind(path) === "other" && !path.startsWith("/dev/"))
      throw new TsmError("NO_FILE", `the env file ${path} is not a file`, { hint: "Name a file" });
    bytes = files.readBytes(path);
  } catch (error) {
    if (isErrno(error, "EISDIR"))
      throw new TsmError("NO_FILE", `the env file ${path} is a folder`, { hint: "Name a file" });
    if (isErrno(error, "EACCES", "EPERM"))
      throw new TsmError("NO_FILE", `the env file ${path} cannot be read`, { hint: `chmod u+r ${path}` });
    if (!isErrno(error, "ENOTDIR", "ELOOP", "ENAMETOOLONG")) throw error;
  }
  if (bytes === undefined)
    throw new TsmError("NO_FILE", `the env file ${path} was not found`, {
      hint: "Give its path, or a short name: local is env/local.env",
    });
  const values = parseEnvFile(bytes, path, known);
  refusePlaceholders(values, path);
  return values;
}

function scriptText(world: World, program: Program): string | undefined {
  if (program.script === undefined) return undefined;
  const { files } = world.platform;
  return files.isReadable(program.script) ? files.readRange(program.script, 0, 64 * 1024)?.toString("utf8") : undefined;
}
