import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

/** A program of nobody's that listens, and ends with the test. @param where a port, with a host perhaps, or a path. */
export async function stranger(
  where: { readonly port: number; readonly host?: string } | string,
): Promise<ChildProcess> {
  const listen = `require("node:net").createServer().listen(${JSON.stringify(where)}, () => console.log("up"))`;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TSM_")));
  const child = spawn(process.execPath, ["-e", listen], { stdio: ["ignore", "pipe", "inherit"], env });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  await once(child.stdout, "data");
  return child;
}
