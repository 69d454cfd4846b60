import { callerEnvironment, envFilePath, readEnvFile } from "./plan.ts";
import { portInEnvFile } from "./port-choice.ts";
import { maskedValue } from "./secrets.ts";
import type { World } from "./world.ts";

/** What an env file says, secrets masked, and what is odd about it. */
export interface EnvFileReport {
  readonly file: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** Reads it as `start --env` would. @throws TsmError as that does, and BAD_DATA for a PORT that is none */
export function checkEnvFile(world: World, asked: string | undefined): EnvFileReport {
  const file = envFilePath(world, asked ?? "auto", world.cwd);
  const values = readEnvFile(world, file, callerEnvironment(world, world.cwd));
  portInEnvFile(values, file);
  const mode = world.platform.files.stat(file)?.mode ?? 0;
  const secrets = [...values].filter(([name, value]) => maskedValue(name, value) !== value).map(([name]) => name);
  const warnings = [
    ...repeated(world.platform.files.readText(file) ?? "").map(
      (name) => `${name} is set more than once; the last counts`,
    ),
    ...[...values].filter(([, value]) => value === "").map(([name]) => `${name} is empty`),
    ...(secrets.length > 0 && (mode & 0o044) !== 0
      ? [`others may read it, and it holds secrets: chmod 600 ${file}`]
      : []),
  ];
  const shown = [...values].map(([name, value]) => [name, maskedValue(name, value)] as const);
  return { file, variables: Object.fromEntries(shown), warnings };
}

function repeated(text: string): string[] {
  const names = [...text.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/gm)].map(([, name = ""]) => name);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
