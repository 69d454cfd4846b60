import { expect, test } from "vitest";
import { callersEnvironment, callersFolder } from "../../../src/build/caller.mjs";

/** As npm 11 makes it for `npm start` in /clone/docs, in a shell that has three variables. */
const fromNpm = (): NodeJS.ProcessEnv => ({
  HOME: "/home/ada",
  npm_config_registry: "https://registry.example",
  INIT_CWD: "/clone/docs",
  NODE: "/usr/bin/node",
  COLOR: "1",
  npm_command: "start",
  npm_config_cache: "/home/ada/.npm",
  npm_config_loglevel: "silent",
  npm_config_node_gyp: "/usr/lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js",
  npm_config_npm_version: "11.0.0",
  npm_execpath: "/usr/lib/node_modules/npm/bin/npm-cli.js",
  npm_lifecycle_event: "start",
  npm_lifecycle_script: "exec node src/build/start.mjs",
  npm_node_execpath: "/usr/bin/node",
  npm_package_json: "/clone/package.json",
  npm_package_name: "tsm",
  PATH: "/clone/node_modules/.bin:/node_modules/.bin:/usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin:/usr/local/bin:/usr/bin:/bin",
});

test("what npm adds is taken out, and what the person set stays", () => {
  const env = fromNpm();
  callersEnvironment(env);
  expect(env).toEqual({
    HOME: "/home/ada",
    npm_config_registry: "https://registry.example",
    PATH: "/usr/local/bin:/usr/bin:/bin",
  });
});

test("the person's folder is where npm was started, not the clone", () => {
  expect(callersFolder(fromNpm())).toBe("/clone/docs");
});

test("without npm nothing is touched", () => {
  const env = { PATH: "/clone/node_modules/.bin:/usr/bin", NODE: "mine", INIT_CWD: "/elsewhere" };
  const before = { ...env };
  callersEnvironment(env);
  expect(env).toEqual(before);
  expect(callersFolder(env)).toBe(undefined);
});
