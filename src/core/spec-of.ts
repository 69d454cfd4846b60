import { readApp, withoutFiltered } from "./app-part.ts";
import { refuseBadLogs } from "./asked-logs.ts";
import { dependsOn } from "./depends-on.ts";
import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import type { LaunchSpec } from "./launch.ts";
import { readWords } from "./launch-words.ts";
import { limitsAgain } from "./limits.ts";
import { callerEnvironment, filtered, readEnvFile } from "./plan.ts";
import { readPolicy } from "./policy.ts";
import { portInEnvFile, withWinningPort } from "./port-choice.ts";
import { preHookAgain } from "./pre-hook.ts";
import type { ProcessRecord } from "./process.ts";
import { quoteWord } from "./quote.ts";
import { readAsked } from "./service-asked.ts";
import type { World } from "./world.ts";

/**
 * What a record and its launch files say should run.
 * @throws TsmError BAD_DATA where those files are missing, NO_FILE where the program or the folder is gone.
 */
export function specOf(
  world: World,
  record: ProcessRecord,
  settleMs: number,
  restarts: number,
  options: {
    /** Of the launch files, where they are not in their place. */
    readonly folder?: string;
    /** The caller's environment instead of theirs. */
    readonly updateEnv?: boolean | undefined;
  } = {},
): LaunchSpec {
  const { folder = processPaths(world.home, record.name).launch, updateEnv = false } = options;
  const argv = readWords(world, folder, "argv");
  const env = readWords(world, folder, "env");
  if (argv === undefined || env === undefined || argv[0] === undefined) {
    throw new TsmError("BAD_DATA", `the launch files of '${record.name}' are missing`, {
      hint: `tsm delete ${quoteWord(record.name)}, then start it anew`,
    });
  }
  const { files } = world.platform;
  const preHook = preHookAgain(world, record, folder);
  if (!files.isExecutable(argv[0]) && preHook.file === "") {
    throw new TsmError("NO_FILE", `${argv[0]} is gone or can no longer be executed`, {
      hint: `Start '${record.name}' anew with the program as it is now`,
    });
  }
  if (files.kind(record.cwd) !== "directory") {
    throw new TsmError("NO_FILE", `the folder ${record.cwd} is gone`, {
      hint: `Make it again, or start '${record.name}' from another folder`,
    });
  }
  const app = readApp(files, folder);
  const policy = readPolicy(files, folder, record.restart_policy);
  const base = updateEnv
    ? withoutFiltered(filtered(callerEnvironment(world, record.cwd), policy.filterEnv), app)
    : Object.fromEntries(env.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
  refuseBadLogs(files, policy.streams, processPaths(world.home, record.name));
  const envFileValues = readEnvFile(world, record.env_file, base);
  const origin = files.readText(`${folder}/port-from`);
  const fromFile = origin === "flag" ? undefined : portInEnvFile(envFileValues, record.env_file);
  const port = fromFile ?? record.port;
  return {
    name: record.name,
    argv: withWinningPort(argv, port),
    interpreter: record.interpreter,
    type: record.process_type,
    port,
    portFrom:
      fromFile !== undefined ? "env-file" : origin === "flag" ? "flag" : record.port === "none" ? "none" : "command",
    cwd: record.cwd,
    envFile: record.env_file,
    env: base,
    envFileValues,
    preHook,
    lookup: files.readText(`${folder}/lookup`) ?? "",
    policy: { ...policy, limits: limitsAgain(world, policy.limits) },
    namespace: record.namespace ?? "",
    service: files.readText(`${folder}/service`) ?? "",
    asked: readAsked(files, folder),
    dependsOn: dependsOn(world, record.name, folder),
    app,
    settleMs,
    restarts,
  };
}
