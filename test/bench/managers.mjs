// @ts-check
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { program } from "../../src/build/layout.mjs";
import { openHouse, script } from "./house.mjs";

/**
 * A process manager with a folder of its own, doing what each of them can do.
 * @typedef {object} Manager
 * @property {string} name
 * @property {string} version
 * @property {import("./house.mjs").House} house
 * @property {(services: readonly Service[]) => void | Promise<void>} start
 * @property {(verb: "stop" | "start" | "restart", name: string) => number} verb how long its command took, in milliseconds
 * @property {(name: string) => void} end for good: what is measured next is not to start it again
 * @property {() => number} restartAll
 * @property {Fleet} [fleet] where it reads files of apps
 * @property {() => void} quit its own command, if it has one; what is left is killed with the house
 */

/**
 * A file of apps.
 * @typedef {object} Fleet
 * @property {(services: readonly Service[]) => number} start all of them by one command, which took so long
 * @property {() => void} remove
 */

/**
 * @typedef {object} Service
 * @property {string} name
 * @property {string} file the program
 * @property {readonly string[]} args
 * @property {number} [port]
 */

/** Those that are here; the others by name, with the reason. @returns {{ managers: Manager[], missing: Record<string, string> }} */
export function openManagers() {
  /** @type {Record<string, string>} */
  const missing = {};
  const managers = [openTsm()];
  for (const [name, open] of /** @type {const} */ ([
    ["pm2", openPm2],
    ["runit", openRunit],
    ["supervisord", openSupervisord],
  ])) {
    const opened = open();
    if (typeof opened === "string") missing[name] = opened;
    else managers.push(opened);
  }
  return { managers, missing };
}

/** @returns {Manager} */
function openTsm() {
  const house = openHouse();
  const tsm = (/** @type {string[]} */ ...args) => timeOf(house, process.execPath, [program, ...args]);
  return {
    name: "tsm",
    version: JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version,
    house,
    start(services) {
      // Up for half a second is stable, as we kill more often than a person would: each respawn is a first one.
      const flags = "--restart always --min-uptime 500 --settle 0";
      script(
        house,
        services.map(({ name, file, args, port }) => {
          const own = port === undefined ? "" : ` --port ${port}`;
          return `start ${flags}${own} --name ${name} -- ${file} ${args.join(" ")}`;
        }),
      );
    },
    verb: (verb, name) => tsm(verb, name, ...(verb === "stop" ? [] : ["--settle", "0"])),
    end: (name) => {
      tsm("delete", name);
    },
    restartAll: () => tsm("restart", "*", "--settle", "0"),
    fleet: {
      start(services) {
        writeFileSync(join(house.folder, "fleet.json"), JSON.stringify({ apps: services.map(appOf) }));
        return tsm("start", "fleet.json", "--settle", "0");
      },
      remove: () => {
        tsm("delete", "fleet.json", "--purge");
      },
    },
    quit: () => {
      tsm("stop", "*");
    },
  };
}

/** @param {Service} service */
function appOf({ name, file: program, args, port }) {
  const [first = "", ...rest] = args;
  const isNode = program === process.execPath;
  return {
    name,
    script: isNode ? first : program,
    args: isNode ? rest : args,
    interpreter: isNode ? process.execPath : "none",
    ...(port === undefined ? {} : { env: { PORT: String(port) } }),
  };
}

const pm2Range = "pm2@7";

/** @returns {Manager | string} */
function openPm2() {
  // The bench's own tool: never one of our dependencies.
  const folder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "tsm-bench", "pm2-7");
  const file = join(folder, "node_modules/pm2/bin/pm2");
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"];
    const run = spawnSync("npm", ["install", "--prefix", folder, ...flags, pm2Range], { stdio: ["ignore", 2, 2] });
    if (run.status !== 0) return "npm could not install it";
  }
  const house = openHouse();
  house.env["PM2_HOME"] = house.home;
  const pm2 = (/** @type {string[]} */ ...args) => timeOf(house, process.execPath, [file, ...args]);
  const startAll = (/** @type {string} */ name, /** @type {readonly Service[]} */ services) => {
    const ecosystem = join(house.folder, name);
    writeFileSync(ecosystem, JSON.stringify({ apps: services.map(appOf) }));
    return pm2("start", ecosystem);
  };
  return {
    name: "pm2",
    version: JSON.parse(readFileSync(join(folder, "node_modules/pm2/package.json"), "utf8")).version,
    house,
    start(services) {
      startAll("ecosystem.json", services);
    },
    fleet: {
      start: (services) => startAll("fleet.json", services),
      remove: () => {
        pm2("delete", join(house.folder, "fleet.json"));
      },
    },
    verb: (verb, name) => pm2(verb, name),
    end: (name) => {
      pm2("delete", name);
    },
    restartAll: () => pm2("restart", "all"),
    quit: () => {
      pm2("kill");
    },
  };
}

/** @returns {Manager | string} */
function openRunit() {
  if (!isInstalled("runsvdir") || !isInstalled("sv")) return "not installed";
  const house = marked(openHouse());
  const services = join(house.folder, "service");
  mkdirSync(services);
  const supervisor = spawn("runsvdir", [services], {
    cwd: house.folder,
    env: house.env,
    detached: true,
    stdio: "ignore",
  });
  supervisor.unref();
  const started = /** @type {string[]} */ ([]);
  const sv = (/** @type {string[]} */ ...args) => timeOf(house, "sv", args);
  return {
    name: "runit",
    version: packageVersion("runit"),
    house,
    async start(wanted) {
      for (const { name, file, args, port } of wanted) {
        // Made whole elsewhere: runsvdir looks at any moment.
        const made = join(house.folder, `.${name}`);
        mkdirSync(made);
        const variable = port === undefined ? "" : `PORT=${port} `;
        writeFileSync(
          join(made, "run"),
          `#!/bin/sh\nexec >>${house.folder}/${name}.log 2>&1\n${variable}exec ${file} ${args.join(" ")}\n`,
          { mode: 0o755 },
        );
        started.push(join(services, name));
        spawnSync("mv", [made, join(services, name)]);
      }
      // It looks every five seconds.
      for (const { name } of wanted) await until(`${name} is up`, () => isUp(join(services, name)));
    },
    verb: (verb, name) => sv(verb, join(services, name)),
    end: (name) => {
      sv("stop", join(services, name));
      started.splice(started.indexOf(join(services, name)), 1);
    },
    restartAll: () => sv("restart", ...started),
    quit: () => {
      if (supervisor.pid !== undefined) process.kill(supervisor.pid, "SIGHUP"); // ends its runsv's too
    },
  };
}

/** @param {string} folder */
function isUp(folder) {
  const path = join(folder, "supervise/stat");
  return existsSync(path) && readFileSync(path, "utf8").startsWith("run");
}

/** @returns {Manager | string} */
function openSupervisord() {
  if (!isInstalled("supervisord") || !isInstalled("supervisorctl")) return "not installed";
  const house = marked(openHouse());
  const config = join(house.folder, "supervisord.conf");
  const socket = join(house.folder, "socket");
  const programs = join(house.folder, "programs");
  mkdirSync(programs);
  writeFileSync(
    config,
    `[supervisord]
logfile=${house.folder}/supervisord.log
pidfile=${house.folder}/supervisord.pid
childlogdir=${house.folder}
[unix_http_server]
file=${socket}
[supervisorctl]
serverurl=unix://${socket}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[include]
files=${programs}/*.conf
`,
  );
  const supervisor = spawn("supervisord", ["-n", "-c", config], {
    cwd: house.folder,
    env: house.env,
    detached: true,
    stdio: "ignore",
  });
  supervisor.unref();
  const control = (/** @type {string[]} */ ...args) => timeOf(house, "supervisorctl", ["-c", config, ...args]);
  return {
    name: "supervisord",
    version: spawnSync("supervisord", ["--version"], { encoding: "utf8" }).stdout.trim(),
    house,
    async start(services) {
      for (const { name, file, args, port } of services) {
        const variable = port === undefined ? "" : `environment=PORT="${port}"\n`;
        // Up at once, as with the others: by default it watches each for a second.
        const text = `[program:${name}]\ncommand=${file} ${args.join(" ")}\nautorestart=true\nstartsecs=0\n${variable}`;
        writeFileSync(join(programs, `${name}.conf`), text);
      }
      await until("supervisord answers", () => existsSync(socket));
      control("update");
    },
    verb: (verb, name) => control(verb, name),
    end: (name) => {
      control("stop", name);
      control("remove", name);
    },
    restartAll: () => control("restart", "all"),
    quit: () => {
      control("shutdown");
    },
  };
}

/** @param {string} what @param {() => boolean} holds */
export async function until(what, holds, pauseMs = 20, patienceMs = 30_000) {
  for (const deadline = performance.now() + patienceMs; !holds(); await sleep(pauseMs)) {
    if (performance.now() > deadline) throw new Error(`it never came to this: ${what}`);
  }
}

/** Its processes are told from all others by a variable. @param {import("./house.mjs").House} house */
function marked(house) {
  house.env["TSM_BENCH"] = `${house.folder}/`;
  return house;
}

/** @param {string} file */
function isInstalled(file) {
  return spawnSync("sh", ["-c", 'command -v "$1"', "sh", file], { stdio: "ignore" }).status === 0;
}

/** @param {string} name */
function packageVersion(name) {
  const run = spawnSync("dpkg-query", ["-W", "-f", "${Version}", name], { encoding: "utf8" });
  return run.status === 0 ? run.stdout.trim() : "unknown";
}

/** @param {import("./house.mjs").House} house @param {string} file @param {string[]} args */
function timeOf(house, file, args) {
  const start = performance.now();
  const run = spawnSync(file, args, { cwd: house.folder, env: house.env, stdio: ["ignore", "pipe", "pipe"] });
  const took = performance.now() - start;
  if (run.status !== 0)
    throw new Error(`${file} ${args.join(" ")} gave ${run.status ?? run.signal}: ${run.stdout}${run.stderr}`);
  return took;
}
