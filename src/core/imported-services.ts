import { dirname, join } from "node:path";
import { parseEnvFile } from "./env-file.ts";
import { TsmError } from "./errors.ts";
import type { ImportedApp, Remark } from "./imported-app.ts";
import type { RestartPolicy } from "./process.ts";
import { quoteWord } from "./quote.ts";
import { formatServiceFile } from "./service-save.ts";
import { newPlace, type ServicePlace } from "./service-store.ts";
import { tetraFolder } from "./tetra-folder.ts";
import type { World } from "./world.ts";

/** A service that is to be written, and the variables that lie beside it. */
export interface ImportedService {
  readonly place: ServicePlace;
  readonly text: string;
  /** null: it has none of its own. */
  readonly env: { readonly file: string; readonly text: string } | null;
}

/** Services that do what the apps say, as far as a service file has words for it. */
export function servicesFrom(
  world: World,
  org: string,
  apps: readonly ImportedApp[],
): { services: readonly ImportedService[]; remarks: Remark[] } {
  const remarks: Remark[] = [];
  const instances = new Map(apps.map((app) => [app.name, instancesOf(app)]));
  const services = apps.flatMap((app) => {
    const wordless = withoutWord(app);
    if (wordless.length > 0) remarks.push(lost(app.name, wordless.join(", "), "a service file has no word for it"));
    if (app.env_file !== undefined && app.env !== undefined)
      remarks.push({
        app: app.name,
        line: null,
        attribute: "env_file",
        kind: "changed",
        what: "its values are copied: a service has one file of variables",
      });
    return instancesOf(app).map((instance) => {
      const place = newPlace(world, `${org}/${instance.name}`);
      const env = envOf(world, place, instance, remarks, app.env_file);
      const depends = (app.depends_on ?? []).flatMap((name) =>
        (instances.get(name) ?? []).map((each) => `${org}/${each.name}`),
      );
      const restart = restartOf(app.autorestart);
      const text = formatServiceFile(place.ref, {
        TSM_NAME: instance.name,
        TSM_COMMAND: wordsOf(app),
        ...(app.cwd === undefined ? {} : { TSM_CWD: app.cwd }),
        TSM_ENV: env?.file ?? app.env_file ?? "none",
        ...(instance.port === undefined ? {} : { TSM_PORT: String(instance.port) }),
        ...(depends.length === 0 ? {} : { TSM_DEPENDS: depends.join(" ") }),
        ...(app.ready === undefined ? {} : { TSM_READY: app.ready }),
        ...(app.health === undefined ? {} : { TSM_HEALTH: app.health }),
        ...(restart === undefined ? {} : { TSM_RESTART: restart }),
        ...(app.max_memory_restart === undefined ? {} : { TSM_MAX_MEMORY: String(app.max_memory_restart) }),
        ...(app.autostart === false ? { TSM_AUTOSTART: "false" } : {}),
      });
      return { place, text, env };
    });
  });
  return { services, remarks };
}

function lost(app: string, attribute: string, what: string): Remark {
  return { app, line: null, attribute, kind: "lost", what };
}

/** Writes all of them, or none. @throws TsmError NAME_TAKEN naming those that are there and say something else. */
export function writeServices(
  { platform: { files } }: World,
  services: readonly ImportedService[],
  force: boolean,
): void {
  const written = services.flatMap(({ place, text, env }) => [
    { ref: place.ref, file: place.file, text },
    ...(env === null ? [] : [{ ref: place.ref, ...env }]),
  ]);
  const others = written.filter(({ file, text }) => (files.readText(file) ?? text) !== text);
  if (others.length > 0 && !force) {
    throw new TsmError(
      "NAME_TAKEN",
      `there are others already: ${[...new Set(others.map(({ ref }) => ref))].join(", ")}`,
      {
        hint: "--force replaces them, --only NAME imports the others, another org has room",
      },
    );
  }
  for (const { file, text } of written) {
    files.makeFolder(dirname(file));
    files.writeWhole(file, text, { durable: true });
  }
}

/** As behind `tsm start`. */
function wordsOf({ script, interpreter, node_args: before = [], args = [] }: ImportedApp): readonly string[] {
  const runs = interpreter === undefined || interpreter === "none" ? [script] : [interpreter, ...before, script];
  return [...runs, ...args];
}

interface Instance {
  readonly name: string;
  readonly port: number | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** One service for each instance, told apart as pm2 does it. */
function instancesOf(app: ImportedApp): readonly Instance[] {
  const { instances = 1, instance_var: number = "NODE_APP_INSTANCE", increment_var: counted, env = {} } = app;
  const port = app.port ?? portIn(env["PORT"]);
  if (instances <= 1) return [{ name: app.name, port, env }];
  return Array.from({ length: instances }, (_none, index) => {
    const start = Number(counted === undefined ? Number.NaN : env[counted]);
    const own = counted !== undefined && Number.isInteger(start) ? { [counted]: String(start + index) } : {};
    return {
      name: `${app.name}-${index}`,
      port: portIn(own["PORT"]) ?? port,
      env: { ...env, [number]: String(index), ...own },
    };
  });
}

function portIn(text: string | undefined): number | undefined {
  const port = Number(text);
  return text !== undefined && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
}

/** A file of variables, 0600, in the org beside its services. */
function envOf(
  world: World,
  place: ServicePlace,
  { env }: Instance,
  remarks: Remark[],
  file?: string,
): ImportedService["env"] {
  const shared =
    file === undefined
      ? []
      : [...parseEnvFile(world.platform.files.readBytes(file) ?? new Uint8Array(), file, world.env)];
  const pairs = Object.entries({ ...Object.fromEntries(shared), ...env });
  const wrong = pairs.filter(([key]) => !/^[A-Za-z_]\w*$/.test(key)).map(([key]) => key);
  if (wrong.length > 0)
    remarks.push({
      app: place.name,
      line: null,
      attribute: "env",
      kind: "lost",
      what: `${wrong.join(", ")}: no shell could set it`,
    });
  const lines = pairs.filter(([key]) => !wrong.includes(key)).map(([key, value]) => `${key}=${quoteWord(value)}\n`);
  if (Object.keys(env).length === 0 || lines.length === 0) return null;
  const folder = join(tetraFolder(world), "orgs", place.org ?? "", "tsm/env");
  return { file: join(folder, `${place.name}.env`), text: lines.join("") };
}

function restartOf(said: ImportedApp["autorestart"]): RestartPolicy | undefined {
  if (said === undefined) return undefined;
  return said === true ? "always" : said === false ? "no" : said;
}

function withoutWord(app: ImportedApp): string[] {
  return Object.entries(app)
    .filter(([key, value]) => value !== undefined && !carried.has(key))
    .map(([key]) => key);
}

const carried: ReadonlySet<string> = new Set([
  "name",
  "script",
  "args",
  "interpreter",
  "node_args",
  "cwd",
  "port",
  "env",
  "env_file",
  "instances",
  "instance_var",
  "increment_var",
  "depends_on",
  "autostart",
  "autorestart",
  "ready",
  "health",
  "max_memory_restart",
]);
