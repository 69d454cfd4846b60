import { defineCommand, flag, optional, toggle } from "../src/command/define.ts";
import { port } from "../src/command/port-types.ts";
import { folder, text } from "../src/command/types.ts";

const usualPort = 8080;

export default defineCommand({
  name: "serve",
  summary: "Serve a folder over HTTP, as a process called serve-PORT",
  details: [
    "GET and HEAD of files below the folder, index.html for a folder. What begins with a dot is not there (but .well-known), nor is what a link leads to outside. It is a process like any other: list, logs, restart and stop know it. With a user and a password it asks for both; the password goes into its environment, never into its command line. SERVE_USERNAME and SERVE_PASSWORD in this shell's environment are the same.",
  ],
  effect: "changes",
  args: {
    path: optional(folder, "The folder, default this one"),
    port: optional(port, "The port, default 8080"),
  },
  flags: {
    name: flag(text("NAME"), { short: "n", summary: "Name it other than serve; the port is put behind" }),
    spa: toggle("Every path that is no file is index.html"),
    ftp: toggle("A folder without index.html shows what it holds"),
    basicAuthUsername: flag(text("NAME"), { summary: "Who may look" }),
    basicAuthPassword: flag(text("WORD"), { summary: "And the password" }),
  },
  examples: ["serve", "serve public 8080", "expose dist 3000 --spa"],
  run({ path, port: number, ...flags }, { engine, signal }) {
    const { basicAuthUsername: user, basicAuthPassword: password } = flags;
    return engine.serve({ ...flags, path: path ?? ".", port: number ?? usualPort, user, password }, signal);
  },
  names: ({ name }) => [name],
  *render({ id, name, pid, port: number, cwd }) {
    yield `tsm: serving ${cwd} on http://localhost:${number} as '${name}' (TSM ID: ${id}, PID: ${pid ?? "none"}, Port: ${number})`;
  },
});
