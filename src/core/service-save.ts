import { dirname, resolve } from "node:path";
import { TsmError } from "./errors.ts";
import { processPaths } from "./home.ts";
import { readWords } from "./launch-words.ts";
import { withoutPort } from "./names.ts";
import { knownPolicy } from "./policy.ts";
import type { ProcessRecord } from "./process.ts";
import { quoteLine, quoteWord } from "./quote.ts";
import { maskedArguments } from "./secrets.ts";
import { type ServiceKey, serviceKeys } from "./service-definition.ts";
import { serviceFileOf } from "./service-of.ts";
import { newPlace, orgsOf, placeOfFile, type ServicePlace } from "./service-store.ts";
import type { World } from "./world.ts";

/** What is to be written of a service; text is one value, words are an array. */
export type ServiceValues = Partial<Record<ServiceKey, string | readonly string[]>>;

export interface SaveRequest {
  readonly ref: string;
  /** As behind `start`. */
  readonly words: readonly string[];
  readonly cwd: string | undefined;
  readonly port: number | undefined;
  readonly env: string | undefined;
  /** Also where there is one of this name. */
  readonly force: boolean;
}

/** A definition that was written. */
export interface Saved {
  readonly ref: string;
  readonly file: string;
  /** There was another one of this name. */
  readonly replaced: boolean;
}

export function saveCommand(world: World, request: SaveRequest): Saved {
  const { words, port, env } = request;
  const place = newPlace(world, request.ref);
  const cwd = request.cwd ?? world.cwd;
  // Said in any case: a service that says nothing needs env/local.env, and one that was just saved is to start.
  const hasLocal = world.platform.files.kind(resolve(world.cwd, cwd, "env/local.env")) === "file";
  if (words[0]?.trim() === "")
    throw new TsmError("USAGE", "there is no command to save", {
      hint: `tsm save ${quoteWord(place.ref)} node server.js`,
    });
  return write(world, place, request.force, {
    TSM_NAME: place.name,
    TSM_COMMAND: words,
    TSM_CWD: cwd,
    TSM_ENV: env ?? (hasLocal ? "local" : "none"),
    ...(port === undefined ? {} : { TSM_PORT: String(port) }),
  });
}

/** What a process runs now, as a service. Its environment is never written: secrets are in it. */
export function saveProcess(world: World, record: ProcessRecord, ref: string | undefined, force: boolean): Saved {
  const { platform, home } = world;
  const { launch: folder } = processPaths(home, record.name);
  const argv = readWords(world, folder, "argv");
  if (argv === undefined) {
    throw new TsmError("BAD_DATA", `the launch files of '${record.name}' are missing`, {
      hint: `tsm delete ${quoteWord(record.name)}, then start it anew`,
    });
  }
  const masked = maskedArguments(argv);
  const secret = argv.findIndex((word, index) => word !== masked[index]);
  if (secret !== -1) {
    throw new TsmError(
      "BAD_DATA",
      `the command of '${record.name}' holds a secret, which is never written: ${masked[secret]}`,
      {
        hint: "Put it into an env file, start it with --env, and save that",
      },
    );
  }
  const place = placeFor(world, record, ref);
  const policy = knownPolicy(platform.files, folder, record.restart_policy);
  const { ready, health, maxMemory } = policy.oversight;
  const short = new RegExp(`^${escaped(record.cwd)}/env/([\\w-]+)\\.env$`).exec(record.env_file)?.[1];
  return write(world, place, force, {
    TSM_NAME: withoutPort(record.name, record.port),
    TSM_COMMAND: argv,
    TSM_CWD: record.cwd,
    TSM_ENV: record.env_file === "" ? "none" : (short ?? record.env_file),
    ...(record.port === "none" ? {} : { TSM_PORT: String(record.port) }),
    ...(ready === null ? {} : { TSM_READY: ready.text }),
    ...(health === null ? {} : { TSM_HEALTH: health.text }),
    ...(policy.restartAsked ? { TSM_RESTART: policy.restart } : {}),
    ...(maxMemory === null ? {} : { TSM_MAX_MEMORY: String(maxMemory) }),
  });
}

/** As asked for; else the service that it is already, or one of its name in the only org. */
function placeFor(world: World, record: ProcessRecord, ref: string | undefined): ServicePlace {
  if (ref !== undefined) return newPlace(world, ref);
  const own = serviceFileOf(world, record.name);
  const known = own === "" ? undefined : placeOfFile(world, own, own);
  if (known !== undefined && known.org !== null) return known;
  const [only, another] = orgsOf(world);
  const name = withoutPort(record.name, record.port);
  if (only !== undefined && another === undefined) return newPlace(world, `${only}/${name}`);
  throw new TsmError("USAGE", "say which org it belongs to", {
    hint: `tsm save ${quoteWord(record.name)} ORG/${name}`,
  });
}

function write(world: World, place: ServicePlace, force: boolean, values: ServiceValues): Saved {
  const { files } = world.platform;
  const text = formatServiceFile(place.ref, values);
  const before = files.readText(place.file);
  if (before !== undefined && before !== text && !force) {
    throw new TsmError("NAME_TAKEN", `there is a service '${place.ref}' already: ${place.file}`, {
      hint: "--force replaces it, tsm edit opens it",
    });
  }
  files.makeFolder(dirname(place.file));
  files.writeWhole(place.file, text, { durable: true });
  return { ref: place.ref, file: place.file, replaced: before !== undefined && before !== text };
}

/** Text that bash and our own parser read back exactly as these values. */
export function formatServiceFile(ref: string, values: ServiceValues): string {
  const lines = serviceKeys.flatMap((key) => {
    const value = values[key];
    return value === undefined ? [] : [`${key}=${typeof value === "string" ? quoteWord(value) : quoteCommand(value)}`];
  });
  return [`# ${ref}`, ...lines, ""].join("\n");
}

/** One word is a shell string, as behind `start`; several are text where no blank or quote in them could be misread. */
function quoteCommand(words: readonly string[]): string {
  const [first = ""] = words;
  if (words.length === 1) return quoteWord(first);
  const line = words.join(" ");
  return quoteLine(words) === line && !first.includes("=") ? quoteWord(line) : `(${quoteLine(words)})`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
