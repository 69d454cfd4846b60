// @ts-check
import { spawnSync } from "node:child_process";
import { existsSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { root } from "./layout.mjs";
import { installed } from "./staleness.mjs";

/** Is the bundler there? Enough to build with, whatever the times of the files say. */
export function canBuild() {
  return existsSync(join(root, "node_modules", "rolldown", "package.json"));
}

/**
 * Installs what package-lock.json says, development packages included: without the bundler there is no program.
 * Everything npm prints goes to stderr: stdout belongs to the verb that runs next.
 */
export function install() {
  process.stderr.write("tsm: installing dependencies\n");
  const args = [
    "install",
    // The versions of the lock file, which stays as it is.
    "--no-save",
    // Without scripts: no package here needs one, and our own `prepare` would come back to this line.
    "--ignore-scripts",
    "--include=dev",
    "--no-audit",
    "--no-fund",
    "--loglevel=warn",
  ];
  const [program, first] = npmProgram();
  const result = spawnSync(program, [...first, ...args], {
    cwd: root,
    env: plainEnvironment(),
    stdio: ["ignore", 2, 2],
  });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    process.stderr.write(
      "tsm: npm could not install the dependencies\n     Run `npm ci` to see more, then try again\n",
    );
    process.exit(result.status ?? 1);
  }
  // npm leaves the file alone when nothing had to change; then the lock file would look newer for ever.
  const now = new Date();
  if (existsSync(installed)) utimesSync(installed, now, now);
}

/** The npm that runs us, so that both agree on cache and settings; else the one in PATH. @returns {[string, string[]]} */
function npmProgram() {
  const script = process.env["npm_execpath"];
  return script?.endsWith("npm-cli.js") ? [process.execPath, [script]] : ["npm", []];
}

/** Without what an outer `npm install -g .` says about itself: the inner one is not global and not elsewhere. */
function plainEnvironment() {
  const foreign =
    /^npm_(lifecycle_|package_|command$)|^npm_config_(global|location|prefix|local_prefix|global_prefix|dry_run|omit|include|install_links|package_lock|package_lock_only|save.*|workspaces?|loglevel|json)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name) && name !== "NODE_ENV"));
}
