// @ts-check
import { delimiter, join } from "node:path";

/**
 * Where the person stood who typed `npm start`: npm itself goes to the clone first.
 * @param {NodeJS.ProcessEnv} env
 */
export function callersFolder(env) {
  return env["npm_lifecycle_event"] === undefined ? undefined : env["INIT_CWD"];
}

// `npm_config_registry` and the like may be the person's own, from a profile: only what npm always adds.
const ofNpm = new RegExp(
  [
    "^npm_(lifecycle_.*|package_.*|command|execpath|node_execpath)$",
    "^npm_config_(cache|global_prefix|globalconfig|init_module|local_prefix|loglevel|node_gyp|noproxy|npm_version)$",
    "^npm_config_(prefix|user_agent|userconfig)$",
    "^(INIT_CWD|NODE|COLOR)$",
  ].join("|"),
);

/**
 * Takes out what npm added: a process started from here must see the environment it would see from a plain `tsm`,
 * and keep it through restarts and reboots.
 * @param {NodeJS.ProcessEnv} env changed in place
 */
export function callersEnvironment(env) {
  if (env["npm_lifecycle_event"] === undefined) return;
  for (const name of Object.keys(env)) if (ofNpm.test(name)) delete env[name];
  env["PATH"] = pathWithoutNpm(env["PATH"] ?? "");
}

/**
 * npm puts `node_modules/.bin` of the package and of every folder above it first, then its own node-gyp.
 * @param {string} path
 */
function pathWithoutNpm(path) {
  const folders = path.split(delimiter);
  const last = folders.findIndex((folder) => folder.endsWith(join("run-script", "lib", "node-gyp-bin")));
  return folders.slice(last + 1).join(delimiter);
}
