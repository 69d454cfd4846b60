import { join } from "node:path";
import { usualEcosystem } from "./ecosystem-word.ts";
import { TsmError } from "./errors.ts";
import type { World } from "./world.ts";

/** Writes an ecosystem file to begin with. @throws TsmError when there is one, whatever it is called */
export function writeFirstEcosystem(world: World, simple: boolean): { file: string } {
  const { files } = world.platform;
  const file = join(world.cwd, "ecosystem.config.cjs");
  const there = usualEcosystem(world) ?? (files.list(world.cwd).includes("ecosystem.config.cjs") ? file : undefined);
  if (there !== undefined)
    throw new TsmError("NAME_TAKEN", `${there} is there already`, { hint: "tsm start starts what it says" });
  files.writeWhole(file, simple ? simpleText : text, { mode: 0o644 });
  return { file };
}

const simpleText = `module.exports = {
  apps: [
    {
      name: "app1",
      script: "./app.js",
    },
  ],
};
`;

const text = `module.exports = {
  apps: [
    {
      name: "api",
      // A script, a program with its arguments, or a shell string; relative to this file, or to cwd.
      script: "server.js",
      args: [],
      // Over an env file (env_file: ".env") stands env, and over it env_production with --env production.
      env: { NODE_ENV: "development", PORT: 3000 },
      env_production: { NODE_ENV: "production" },
      // When it is up: "port", "http://localhost:3000/health", "log:/listening/" or "cmd:…".
      ready: "port",
      max_memory_restart: "500M",
    },
    {
      name: "worker",
      script: "worker.js",
      // Started when api is up, and stopped before it.
      depends_on: ["api"],
      // worker-0 and worker-1, each with its number in NODE_APP_INSTANCE.
      instances: 2,
      autorestart: "on-failure",
      kill_timeout: "10s",
    },
  ],
};
`;
