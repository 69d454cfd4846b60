import type { Exported, ExportedFile } from "../core/exported.ts";
import type { RestartPolicy } from "../core/process.ts";
import { environmentLine, execLine, unitPath, unitText } from "./systemd-text.ts";

export interface ServiceUnit {
  readonly unit: ExportedFile;
  /** For the eyes of root and its owner alone. */
  readonly environment: ExportedFile;
  /** What systemd does otherwise than we. */
  readonly notes: readonly string[];
}

export const exportedBy = "Made by tsm export";

/** One unit that runs what we would run, without us. */
export function serviceUnit(exported: Exported): ServiceUnit {
  const { description, cwd, env, policy, needs, hooks, user, preHook, folder } = exported;
  const name = unitName(exported.name);
  const { limits, oversight } = policy;
  const needed = needs.map((each) => `${unitName(each)}.service`).join(" ");
  const burst = Math.max(1, policy.maxRestarts);
  const lines = [
    `# ${exportedBy}.`,
    "[Unit]",
    `Description=${unitText(description)}`,
    ...(needed === "" ? [] : [`Wants=${needed}`, `After=${needed}`]),
    `StartLimitBurst=${burst}`,
    `StartLimitIntervalSec=${Math.ceil((burst * (policy.minUptimeMs + (policy.restartDelayMs ?? 100))) / 1000)}`,
    "",
    "[Service]",
    "Type=exec",
    `User=${limits.runAs?.user ?? user}`,
    ...(limits.runAs?.group ? [`Group=${limits.runAs.group}`] : []),
    `WorkingDirectory=${unitPath(cwd)}`,
    `EnvironmentFile=${unitPath(`${folder}/${name}.env`)}`,
    `ExecStart=${execLine(behindHook(exported))}`,
    `Restart=${restartOf[policy.restart]}`,
    `RestartSec=${policy.restartDelayMs ?? 100}ms`,
    ...(policy.stopExitCodes.length === 0 ? [] : [`RestartPreventExitStatus=${policy.stopExitCodes.join(" ")}`]),
    `KillSignal=${policy.killSignal}`,
    `TimeoutStopSec=${Math.ceil(policy.killTimeoutSeconds * 1000)}ms`,
    ...(oversight.maxMemory === null ? [] : [`MemoryMax=${oversight.maxMemory}`]),
    ...(limits.nice === null ? [] : [`Nice=${limits.nice}`]),
    ...(limits.openFiles === null ? [] : [`LimitNOFILE=${limits.openFiles}`]),
    ...(limits.processes === null ? [] : [`LimitNPROC=${limits.processes}`]),
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ];
  const { ready, health, cron, watch } = oversight;
  const flags = { "--ready": ready, "--health": health, "--cron": cron, "--watch": watch[0] ?? null };
  const without = Object.entries(flags).flatMap(([flag, value]) => (value === null ? [] : [flag]));
  const variables = Object.entries(env).filter(isVariable).map(lineOf);
  return {
    unit: { name: `${name}.service`, text: lines.join("\n"), mode: 0o644 },
    environment: { name: `${name}.env`, text: [`# ${exportedBy}.`, ...variables, ""].join("\n"), mode: 0o600 },
    notes: [
      ...without.map((flag) => `systemd has nothing like ${flag}: it is left out`),
      ...hooks.map((event) => `the hook ${event} is left out`),
      ...(oversight.maxMemory === null
        ? []
        : ["over its memory limit systemd kills it at once, and does not ask it to end"]),
      ...(preHook === null
        ? []
        : [`${preHook.file} is sourced after the environment file, which does not win over it`]),
    ],
  };
}

/** systemd's names hold these characters and no others. */
function unitName(name: string): string {
  const legal = name.replace(/[^A-Za-z0-9:_.-]/g, (character) =>
    [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
  );
  return `tsm-${legal}`;
}

const restartOf: Readonly<Record<RestartPolicy, string>> = { no: "no", "on-failure": "on-failure", always: "always" };

/** The hook is called with nothing, and what it has brought into PATH runs, in the folder that it was to run in. */
function behindHook({ argv, preHook }: Exported): readonly string[] {
  if (preHook === null) return argv;
  const { file, endsInTest, tetraFolder, lookup } = preHook;
  const begin = `tsm__argv=("\${@:2}") tsm__folder=$PWD TETRA_DIR=\${TETRA_DIR:-$1}
set --
source "$0" || ${endsInTest ? "[ $? -eq 1 ] || " : ""}exit
cd "$tsm__folder" && exec "\${tsm__argv[@]}"`;
  const [program = "", ...args] = argv;
  return ["/bin/bash", "-c", begin, file, tetraFolder, lookup === "" ? program : lookup, ...args];
}

/** systemd passes over any other. */
function isVariable([name]: [string, string]): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

function lineOf([name, value]: [string, string]): string {
  return environmentLine(name, value);
}
