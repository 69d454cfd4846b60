import type { Probes } from "./platform.ts";

/** Asks what runs whether it is well. Nothing of it is loaded before it is used. */
export const systemProbes: Probes = {
  http(url, timeoutMs, signal) {
    const { request } = url.startsWith("https:")
      ? process.getBuiltinModule("node:https")
      : process.getBuiltinModule("node:http");
    return new Promise((resolve) => {
      // Whichever comes first counts: a promise that is resolved stays as it is.
      const asking = request(url, { agent: false, headers: { "user-agent": "tsm", connection: "close" }, signal });
      const late = setTimeout(() => {
        resolve(`no answer within ${seconds(timeoutMs)} s`);
        asking.destroy();
      }, timeoutMs);
      asking.on("response", ({ statusCode = 0 }) => {
        clearTimeout(late);
        resolve(statusCode >= 200 && statusCode < 400 ? undefined : `it answered ${statusCode}`);
        // The body may have no end.
        asking.destroy();
      });
      asking.on("error", (error: NodeJS.ErrnoException) => {
        clearTimeout(late);
        resolve(explained(error));
      });
      asking.end();
    });
  },
  post(url, body, timeoutMs, signal) {
    const { request } = url.startsWith("https:")
      ? process.getBuiltinModule("node:https")
      : process.getBuiltinModule("node:http");
    return new Promise((resolve) => {
      const bytes = Buffer.from(body);
      const headers = { "user-agent": "tsm", connection: "close", "content-type": "application/json" };
      const options = { method: "POST", agent: false, headers: { ...headers, "content-length": bytes.length }, signal };
      const asking = request(url, options);
      const late = setTimeout(() => {
        resolve({ why: `no answer within ${seconds(timeoutMs)} s`, again: true });
        asking.destroy();
      }, timeoutMs);
      asking.on("response", ({ statusCode = 0 }) => {
        clearTimeout(late);
        const isGood = statusCode >= 200 && statusCode < 300;
        const again = statusCode >= 500 || statusCode === 429;
        resolve(isGood ? undefined : { why: `it answered ${statusCode}`, again });
        // The body may have no end.
        asking.destroy();
      });
      asking.on("error", (error: NodeJS.ErrnoException) => {
        clearTimeout(late);
        resolve({ why: explained(error), again: true });
      });
      asking.end(bytes);
    });
  },
  connect(host, port, timeoutMs, signal) {
    const { connect } = process.getBuiltinModule("node:net");
    return new Promise((resolve) => {
      const socket = connect({ host, port, signal });
      const close = () => {
        socket.destroy();
      };
      const late = setTimeout(() => {
        resolve("late");
        close();
      }, timeoutMs);
      const over = (line?: { readonly localPort: number; close(): void }) => {
        clearTimeout(late);
        resolve(line);
      };
      socket.on("connect", () => over({ localPort: socket.localPort ?? 0, close }));
      // Of one that was connected it says that the other side has hung up.
      socket.on("error", () => over());
    });
  },
  ask(over, host, port, words, timeoutMs, signal) {
    const { connect } = process.getBuiltinModule("node:net");
    return new Promise((resolve) => {
      const socket = connect({ host, port, signal });
      // Whose certificate it is does not matter: nothing is told that anybody might not know.
      const line =
        over === "tcp"
          ? socket
          : process.getBuiltinModule("node:tls").connect({ socket, host, rejectUnauthorized: false });
      let isConnected = false;
      const done = (found: "words" | "silence" | undefined) => {
        clearTimeout(late);
        resolve(found);
        line.destroy();
        socket.destroy();
      };
      const late = setTimeout(() => done(isConnected ? "silence" : undefined), timeoutMs);
      socket.on("connect", () => {
        isConnected = true;
      });
      line.on(over === "tcp" ? "connect" : "secureConnect", () => line.write(words));
      line.on("data", () => done("words"));
      line.on("end", () => done("words"));
      // Of one that was connected it says that the other side has hung up, or speaks no TLS.
      const failed = () => done(isConnected && !signal.aborted ? "words" : undefined);
      socket.on("error", failed);
      line.on("error", failed);
    });
  },
  command({ command, cwd, env, input, hears = false }, timeoutMs, signal) {
    const { spawn } = process.getBuiltinModule("node:child_process");
    return new Promise((resolve) => {
      // A group of its own, so that all it started ends with it.
      const child = spawn("bash", ["-c", command], {
        cwd,
        env,
        detached: true,
        stdio: [input === undefined ? "ignore" : "pipe", "ignore", hears ? "pipe" : "ignore"],
      });
      let said = "";
      child.stderr?.on("data", (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-mostSaid);
      });
      // It need not read what it is given.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(input);
      const tell = (why: string | undefined) => {
        const line = said.trim().split("\n").at(-1)?.trim();
        resolve(why === undefined || !line ? why : `${why}: ${line}`);
        child.stderr?.destroy();
      };
      const end = (why: string) => {
        tell(why);
        // Not waited for yet, so the group's number is still its own.
        if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
          process.kill(-child.pid, "SIGKILL");
      };
      const late = setTimeout(() => end(`not done within ${seconds(timeoutMs)} s`), timeoutMs);
      const abort = () => end("nobody waits for it any more");
      signal.addEventListener("abort", abort, { once: true });
      const over = (why: string | undefined) => {
        clearTimeout(late);
        signal.removeEventListener("abort", abort);
        tell(why);
      };
      child.on("error", (error) => over(`it could not be run: ${error.message}`));
      child.on("exit", (code, by) => {
        const why = code === 0 ? undefined : code === null ? `it was killed by ${by}` : `it ended with ${code}`;
        if (why === undefined || child.stderr === null) return over(why);
        // What it said last may still be in the pipe, which something it has started may keep open.
        const soon = setTimeout(over, 200, why);
        child.on("close", () => {
          clearTimeout(soon);
          over(why);
        });
      });
    });
  },
};

/** Of stderr: what is kept while it goes on. */
const mostSaid = 2000;

/** To a tenth: what is left of a wait has many digits behind the point. */
function seconds(ms: number): number {
  return Math.max(1, Math.round(ms / 100)) / 10;
}

function explained({ code, message }: NodeJS.ErrnoException): string {
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: "connection refused",
    ECONNRESET: "the connection was cut",
    ENOTFOUND: "there is no such host",
    EAI_AGAIN: "there is no such host",
  };
  return known[code ?? ""] ?? (message || `no connection (${code})`);
}
