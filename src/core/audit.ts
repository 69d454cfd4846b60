import { basename, isAbsolute, join, resolve } from "node:path";
import { TsmError } from "./errors.ts";
import { circlesIn } from "./needs.ts";
import { findProgram } from "./program.ts";
import { envFileOf } from "./service-definition.ts";
import { type ReadService, readService } from "./service-read.ts";
import {
  allServices,
  type EnabledLink,
  enabledLinks,
  fileless,
  meantBy,
  placeOfFile,
  type ServicePlace,
} from "./service-store.ts";
import { twinsAmong, twinsText } from "./service-twins.ts";
import type { World } from "./world.ts";

/** Every service, and what is wrong with them. */
export interface Audit {
  readonly available: readonly AuditedService[];
  readonly enabled: readonly EnabledLink[];
  readonly issues: readonly AuditIssue[];
}

export interface AuditedService {
  readonly ref: string;
  readonly file: string;
  readonly port: number | null;
  readonly enabled: boolean;
}

export interface AuditIssue {
  readonly kind:
    | "broken-link"
    | "not-a-link"
    | "unreadable"
    | "missing-key"
    | "bad-value"
    | "needs-bash"
    | "duplicate-port"
    | "duplicate-name"
    | "ignored-port"
    | "missing-dependency"
    | "circle"
    | "not-executable"
    | "missing-env-file";
  /** ORG/NAME, or the link. */
  readonly subject: string;
  readonly text: string;
}

/** What a service should leave to others: ssh, web servers, databases, and what macOS itself listens on. */
const ignoredPorts: readonly number[] = [5000, 22, 80, 443, 3306, 5432];

/** Reads every definition and runs none. */
export function audit(world: World): Audit {
  const links = enabledLinks(world);
  const places = placesOf(world, links);
  const read = places.map((place) => ({ place, service: readOrSay(world, place) }));
  const services = read.flatMap(({ service }) => (typeof service === "string" ? [] : service));
  const available = read.map(({ place, service }) => ({
    ref: place.ref,
    file: place.file,
    port: typeof service === "string" ? null : (service.definition.port ?? null),
    enabled: links.some(({ file, broken }) => !broken && file === place.file),
  }));
  const issues = [
    ...links.flatMap((link) => linkIssues(world, link)),
    ...fileless(world).map((place) => noFile(world, place)),
    ...read.flatMap(({ place, service }) =>
      typeof service === "string"
        ? [{ kind: "unreadable", subject: place.ref, text: service } as const]
        : serviceIssues(world, service),
    ),
    ...duplicatePorts(available),
    ...duplicateNames(
      world,
      services.filter(({ place }) => available.some(({ file, enabled }) => enabled && file === place.file)),
    ),
    ...circles(world, services),
  ];
  return { available, enabled: links, issues };
}

function placesOf(world: World, links: readonly EnabledLink[]): ServicePlace[] {
  const own = allServices(world);
  const elsewhere = links.filter(({ broken }) => !broken).map(({ file }) => placeOfFile(world, file, file));
  return [...own, ...elsewhere.filter(({ org }) => org === null)];
}

function readOrSay(world: World, place: ServicePlace): ReadService | string {
  try {
    return readService(world, place);
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    return error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
  }
}

function linkIssues({ platform: { files } }: World, { link, file, broken }: EnabledLink): AuditIssue[] {
  if (broken) return [{ kind: "broken-link", subject: link, text: `${basename(link)} → ${file} (broken link)` }];
  if (files.linkTarget(link) !== undefined) return [];
  return [{ kind: "not-a-link", subject: link, text: `${basename(link)} is a file, where enable makes a link` }];
}

function noFile({ platform: { files } }: World, { ref, file }: ServicePlace): AuditIssue {
  const target = files.linkTarget(file);
  if (target === undefined) return { kind: "unreadable", subject: ref, text: `${file} is not a file` };
  return { kind: "broken-link", subject: ref, text: `${basename(file)} → ${target} (broken link)` };
}

function serviceIssues(world: World, { place, definition, problems, source }: ReadService): AuditIssue[] {
  const issue = (kind: AuditIssue["kind"], text: string): AuditIssue => ({ kind, subject: place.ref, text });
  const isSaid = (key: string) => new RegExp(`^[ \\t]*(?:export[ \\t]+)?${key}`, "m").test(source);
  // An empty name says nothing; an empty command is a fault of its own.
  const said = { TSM_NAME: isSaid(`TSM_NAME=(?!(?:""|'')?[ \\t\\r]*$)`), TSM_COMMAND: isSaid("TSM_COMMAND=") };
  const missing = (["TSM_NAME", "TSM_COMMAND"] as const).filter((key) => !said[key]);
  const { port } = definition;
  return [
    ...missing.map((key) => issue("missing-key", `missing ${key}`)),
    // What only bash can read may say what seems to be missing.
    ...problems.map(({ line, what }) => issue("needs-bash", `line ${line}: ${what}`)),
    ...(problems.length > 0 ? [] : definition.faults)
      .filter((fault) => !(fault.includes("TSM_COMMAND") && !said.TSM_COMMAND))
      .map((fault) => issue("bad-value", fault)),
    ...(port !== undefined && ignoredPorts.includes(port)
      ? [issue("ignored-port", `port ${port} is one that services should leave alone (${ignoredPorts.join(" ")})`)]
      : []),
    ...(problems.length > 0 ? [] : programIssues(world, definition).map((text) => issue("not-executable", text))),
    ...(problems.length > 0 ? [] : dependsIssues(world, place, definition)).map((text) =>
      issue("missing-dependency", text),
    ),
    ...(problems.length > 0 ? [] : envIssues(world, definition).map((text) => issue("missing-env-file", text))),
  ];
}

function dependsIssues(world: World, { org }: ServicePlace, { depends }: ReadService["definition"]): string[] {
  return depends.flatMap((word) => {
    const refs = meantBy(world, org, word).map(({ ref }) => ref);
    if (refs.length === 0) return [`TSM_DEPENDS names '${word}', which is not a service`];
    return refs.length === 1 ? [] : [`TSM_DEPENDS names '${word}', which several orgs have: ${refs.join(", ")}`];
  });
}

/** A service without a folder of its own has the one in which somebody starts it. */
function envIssues({ platform: { files } }: World, definition: ReadService["definition"]): string[] {
  if (!isAbsolute(definition.cwd) || files.kind(definition.cwd) !== "directory") return [];
  const file = envFileOf(definition, definition.cwd);
  return file === undefined || files.kind(file) === "file" ? [] : [`its env file ${file} does not exist`];
}

/** Can its program be executed, as `start` would? */
function programIssues(world: World, { command, cwd, before }: ReadService["definition"]): string[] {
  // What comes before it may change where it is found.
  if (before !== undefined || command.length === 0 || command[0] === "") return [];
  const { files } = world.platform;
  const folder = cwd === "" || cwd === "." ? world.cwd : isAbsolute(cwd) ? cwd : resolve(world.cwd, cwd);
  if (files.kind(folder) !== "directory") return [`its folder ${folder} does not exist`];
  try {
    const path = world.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
    const { argv, script } = findProgram({ words: command, cwd: folder, interpreter: undefined, path, files });
    const [program = ""] = argv;
    const place = isAbsolute(program) ? program : join(folder, program);
    if (!files.isExecutable(place)) return [`${place} is not executable`];
    return script !== undefined && !files.isReadable(script) ? [`${script} cannot be read`] : [];
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    return [error.message];
  }
}

function filesMeant(world: World, { org }: ServicePlace, word: string): string[] {
  const [only, another] = meantBy(world, org, word);
  return only === undefined || another !== undefined ? [] : [only.file];
}

/** Each circle of services that need each other, once. */
function circles(world: World, services: readonly ReadService[]): AuditIssue[] {
  const needs = new Map(
    services.map(({ place, definition, problems }) => [
      place.file,
      problems.length > 0 ? [] : definition.depends.flatMap((word) => filesMeant(world, place, word)),
    ]),
  );
  return circlesIn(needs).map((circle): AuditIssue => {
    const refs = circle.map((file) => services.find(({ place }) => place.file === file)?.place.ref ?? file);
    return { kind: "circle", subject: refs[0] ?? "", text: `services depend on each other: ${refs.join(" → ")}` };
  });
}

function duplicateNames(world: World, enabled: readonly ReadService[]): AuditIssue[] {
  return twinsAmong(world, enabled).map((twins) => ({
    kind: "duplicate-name",
    subject: twins.refs.join(", "),
    text: twinsText(twins),
  }));
}

function duplicatePorts(services: readonly AuditedService[]): AuditIssue[] {
  const ports = [...new Set(services.flatMap(({ port }) => port ?? []))].sort((a, b) => a - b);
  return ports.flatMap((port): AuditIssue[] => {
    const refs = services.filter((service) => service.port === port).map(({ ref }) => ref);
    if (refs.length < 2) return [];
    return [
      { kind: "duplicate-port", subject: refs.join(", "), text: `port ${port} is that of ${refs.join(" and ")}` },
    ];
  });
}
