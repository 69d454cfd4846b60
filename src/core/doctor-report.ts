import type { Finding } from "./doctor-finding.ts";
import { TsmError } from "./errors.ts";
import type { PortRow } from "./ports.ts";
import { createPorts } from "./ports.ts";
import type { ProcessSummary } from "./process.ts";
import { readRecords } from "./records.ts";
import { maskedValue } from "./secrets.ts";
import { summarize } from "./summary.ts";
import type { World } from "./world.ts";

/** What somebody who is to help wants to know; no secret is in it. */
export interface Report {
  readonly tsm: string;
  readonly node: string;
  readonly platform: string;
  readonly home: string;
  /** Those that change what TSM does. */
  readonly environment: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
  readonly processes: readonly Pick<
    ProcessSummary,
    "id" | "name" | "status" | "pid" | "port" | "restarts" | "type" | "command" | "cwd" | "reason"
  >[];
  readonly ports: readonly Pick<PortRow, "service" | "port" | "listening" | "actual">[];
}

export function reportOf(world: World, tsm: string, findings: readonly Finding[]): Report {
  const { platform, home, programs, env } = world;
  const telling = Object.entries(env).filter(([name]) =>
    /^(?:TSM_|TETRA_|NVM_|PYENV_|LC_|LANG$|TERM$|SHELL$|PATH$)/.test(name),
  );
  return {
    tsm,
    node: programs.node,
    platform: platform.name,
    home: home.root,
    environment: Object.fromEntries(telling.map(([name, value]) => [name, maskedValue(name, value)])),
    findings,
    processes: asFarAsRead(() => summarize(readRecords(world).records, world)).map(
      ({ id, name, status, pid, port, restarts, type, command, cwd, reason }) => ({
        ...{ id, name, status, pid, port, restarts, type, command, cwd, reason },
      }),
    ),
    ports: asFarAsRead(() => createPorts(world).list()).map(({ service, port, listening, actual }) => ({
      ...{ service, port, listening, actual },
    })),
  };
}

/** That a home or a registry cannot be read is one of the findings. */
function asFarAsRead<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof TsmError) return [];
    throw error;
  }
}
