import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Home, makeHome } from "./home.ts";
import { cleanEnvironment, type Outcome, program } from "./tsm.ts";
import { asUser, giveToUser } from "./user.ts";

/** A home of an ordinary user, with the program beside it: the repository may lie where only root can read. */
export function userHome(): Home {
  const home = makeHome();
  const base = dirname(home.path);
  cpSync(dirname(program), join(base, "program"), { recursive: true });
  mkdirSync(home.path, { mode: 0o700 });
  chmodSync(base, 0o755);
  for (const path of [base, home.path, home.folder]) giveToUser(path);
  return home;
}

/** As `tsm`, run by that user. */
export async function tsmAsUser(
  home: Home,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [join(dirname(home.path), "program", "tsm.js"), ...args], {
    cwd: home.folder,
    env: { ...cleanEnvironment(home), HOME: home.folder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...asUser(),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
}
