import { specChanges } from "./app-changes.ts";
import { appOf, recordsOfApp, recordsOfFile } from "./app-records.ts";
import { type AppInstance, type AskedOfFile, instancesOf, requestFor } from "./app-request.ts";
import type { PlannedStep } from "./app-steps.ts";
import { checkCron } from "./cron.ts";
import type { App, Ecosystem } from "./ecosystem-apps.ts";
import { shownFile } from "./ecosystem-file.ts";
import { TsmError } from "./errors.ts";
import type { LaunchSpec } from "./launch.ts";
import { nearest } from "./nearest.ts";
import { circlesIn } from "./needs.ts";
import { isLive, observe } from "./observe.ts";
import { plan } from "./plan.ts";
import type { ProcessRecord } from "./process.ts";
import { readRecords } from "./records.ts";
import type { World } from "./world.ts";

export interface PlanRequest extends AskedOfFile {
  /** These apps alone, with what they need; undefined: all. */
  readonly only: readonly string[] | undefined;
  readonly mode: PlanMode;
}

/**
 * "start" and "again": each is started, what runs is restarted with what the file says now. "restart": only what is not as
 * the file says it. "apply": that, and what the file no longer names is deleted. All but "start" keep the env_NAME with
 * which everything was started.
 */
export type PlanMode = "start" | "again" | "restart" | "apply";

/**
 * What would have to be done so that everything is as the file says. Looks, and changes nothing.
 * @throws TsmError when any of its apps could not be started: then none is.
 */
export async function planEcosystem(world: World, ecosystem: Ecosystem, request: PlanRequest): Promise<PlannedStep[]> {
  const { records } = readRecords(world);
  const chosen = chosenApps(ecosystem, request.only);
  const processesOf = new Map<string, AppInstance[]>();
  for (const app of ecosystem.apps) processesOf.set(app.name, processesFor(world, app, records));
  const needs = new Map(ecosystem.apps.map((app) => [app.name, app.settings.depends_on ?? []]));
  refuseCircles(ecosystem, needs);
  const neededBy = (app: App): string[] =>
    (app.settings.depends_on ?? []).flatMap(
      (word) => processesOf.get(word)?.map(({ name }) => name) ?? alreadyThere(world, ecosystem, app, word, records),
    );
  const problems: { who: string; error: TsmError }[] = [];
  const steps: PlannedStep[] = [];
  for (const app of withNeeds(ecosystem, chosen, needs)) {
    const isAsked = chosen.includes(app);
    for (const each of processesOf.get(app.name) ?? []) {
      try {
        const step = await stepFor(world, each, records, { ...request, isAsked, dependsOn: neededBy(app) });
        steps.push(step);
      } catch (error) {
        if (!(error instanceof TsmError)) throw error;
        problems.push({ who: app.name, error });
        break;
      }
    }
  }
  refuse(ecosystem, problems);
  refuseTwins(ecosystem, steps);
  return onlyChanges(request) && request.only === undefined
    ? [...steps, ...surplus(world, ecosystem, steps, records, request.mode)]
    : steps;
}

function onlyChanges({ mode }: Pick<PlanRequest, "mode">): boolean {
  return mode === "apply" || mode === "restart";
}

function chosenApps({ file, apps }: Ecosystem, only: readonly string[] | undefined): readonly App[] {
  if (only === undefined) return apps;
  return only.map((name) => {
    const found = apps.find((app) => app.name === name);
    if (found !== undefined) return found;
    const names = apps.map((app) => app.name);
    const [near] = nearest(name, names);
    throw new TsmError("NOT_FOUND", `${shownFile(file)} has no app '${name}'`, {
      hint: near === undefined ? `It has ${names.join(", ")}` : `Did you mean '${near}'?`,
    });
  });
}

/** Those, and what they need of the same file, in the order of the file. */
function withNeeds({ apps }: Ecosystem, chosen: readonly App[], needs: ReadonlyMap<string, readonly string[]>): App[] {
  const names = new Set<string>();
  const ahead = chosen.map(({ name }) => name);
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (names.has(name)) continue;
    names.add(name);
    ahead.push(...(needs.get(name) ?? []));
  }
  return apps.filter(({ name }) => names.has(name));
}

/** Its processes: those that there are keep their names, whatever the number of instances was. */
function processesFor(world: World, app: App, records: readonly ProcessRecord[]): AppInstance[] {
  const of = instancesOf(app.settings.instances ?? 1, world.platform.processors());
  const existing = recordsOfApp(world, app.name, records);
  const taken = new Set(existing.map(({ record }) => record.name));
  return Array.from({ length: of }, (_, instance) => {
    const found = existing.find((each) => (each.app?.instance ?? 0) === instance)?.record.name;
    const fresh = of === 1 || (instance === 0 && taken.has(app.name)) ? app.name : `${app.name}-${instance}`;
    return { app, name: found ?? fresh, instance, of };
  });
}

/** A process that the file does not know: it must be there. */
function alreadyThere(
  world: World,
  { file, apps }: Ecosystem,
  app: App,
  word: string,
  records: readonly ProcessRecord[],
): string[] {
  const found = recordsOfApp(world, word, records);
  if (found.length > 0) return found.map(({ record }) => record.name);
  const [near] = nearest(
    word,
    apps.map(({ name }) => name),
  );
  throw new TsmError(
    "BAD_DATA",
    `depends_on names '${word}', which is not an app of ${shownFile(file)} and no process`,
    {
      hint: near === undefined ? `'${app.name}' needs it` : `Did you mean '${near}'?`,
    },
  );
}

function refuseCircles({ file }: Ecosystem, needs: ReadonlyMap<string, readonly string[]>): void {
  const [circle] = circlesIn(needs);
  if (circle === undefined) return;
  throw new TsmError("BAD_DATA", `${shownFile(file)}: apps depend on each other: ${circle.join(" → ")}`, {
    hint: "Take one of them out of depends_on",
  });
}

interface Wanted extends PlanRequest {
  /** Or is it only needed by one that was asked for? */
  readonly isAsked: boolean;
  readonly dependsOn: readonly string[];
}

async function stepFor(
  world: World,
  each: AppInstance,
  records: readonly ProcessRecord[],
  request: Wanted,
): Promise<PlannedStep> {
  const { app, name } = each;
  const { cron_restart: cron } = app.settings;
  if (cron) await checkCron(cron);
  const spec = specFor(world, each, request);
  const record = records.find((found) => found.name === name);
  const step = { name, app: app.name, id: record?.tsm_id ?? null };
  const isUp = record !== undefined && isLive(observe(record, world.platform.processes));
  const changes = record === undefined ? [] : specChanges(world, record, appOf(world, record), spec);
  const nothing = (why: string): PlannedStep => ({ ...step, does: "nothing", changes, why, spec: undefined });
  const isNamed = request.only?.includes(app.name) === true;
  const rests = app.settings.autostart === false && !isUp && !isNamed && request.isAsked;
  if (rests && record === undefined) return { ...step, does: "record", changes, why: "autostart is false", spec };
  if (rests) return nothing("autostart is false");
  if (isUp && !request.isAsked) return nothing("it is up");
  if (isUp && onlyChanges(request) && changes.length === 0) return nothing("it is as the file says");
  return {
    ...step,
    does: isUp ? "restart" : "start",
    changes,
    why: isUp || record === undefined ? "" : "it does not run",
    spec,
  };
}

function specFor(world: World, each: AppInstance, request: Wanted): LaunchSpec {
  const asked = requestFor(world, each, request, request.dependsOn);
  const spec = plan(world, asked);
  // An env file or the script itself says which port: each instance has the next.
  if (asked.port !== undefined || spec.port === "none" || each.instance === 0) return spec;
  return plan(world, { ...asked, port: spec.port + each.instance });
}

function refuse({ file }: Ecosystem, problems: readonly { who: string; error: TsmError }[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const lines = problems.map(({ who, error }) => `app '${who}': ${asAttributes(error.message)}`);
  // What an app says is data, whatever the same words behind `start` would have been.
  const code = first.error.code === "USAGE" || first.error.code === "BAD_NAME" ? "BAD_DATA" : first.error.code;
  const { hint } = first.error;
  throw new TsmError(code, `${shownFile(file)}: ${problems.length === 1 ? "" : "\n  "}${lines.join("\n  ")}`, {
    hint: problems.length === 1 && hint !== undefined ? asAttributes(hint) : "Nothing was done",
  });
}

/** What a flag is called in a file. What stands in quotes is the file's own, and a command is one to type. */
function asAttributes(text: string): string {
  if (text.startsWith("tsm ")) return text;
  return text.replaceAll(/'[^']*'|--[a-z]+(?:-[a-z]+)*/g, (part) => attributeOf[part] ?? part);
}

const attributeOf: Readonly<Record<string, string>> = {
  "--cron": "cron_restart",
  "--cwd": "cwd",
  "--group": "gid",
  "--health": "health",
  "--interpreter": "interpreter",
  "--nice": "nice",
  "--pid": "pid_file",
  "--port": "port",
  "--ready": "ready",
  "--user": "uid",
  "--wait-ready": "wait_ready",
  "--watch": "watch",
};

/** One of several instances may be called as another app is. */
function refuseTwins({ file }: Ecosystem, steps: readonly PlannedStep[]): void {
  const owners = new Map<string, string>();
  for (const { name, app } of steps) {
    const other = owners.get(name);
    owners.set(name, app);
    if (other === undefined) continue;
    throw new TsmError("BAD_DATA", `${shownFile(file)}: '${other}' and '${app}' would both have a process '${name}'`, {
      hint: "Give one of them another name",
    });
  }
}

/** What was started from the file and is none of its processes any more. */
function surplus(
  world: World,
  { file }: Ecosystem,
  steps: readonly PlannedStep[],
  records: readonly ProcessRecord[],
  mode: PlanMode,
): PlannedStep[] {
  if (file === "-") return [];
  const deletes = mode === "apply";
  const names = new Set(steps.map(({ name }) => name));
  return recordsOfFile(world, file, records)
    .filter(({ record }) => !names.has(record.name))
    .map(({ record, app }) => {
      const why = steps.some((step) => step.app === app?.name)
        ? "the file asks for fewer instances"
        : "the file no longer names it";
      return {
        name: record.name,
        app: app?.name ?? record.name,
        id: record.tsm_id,
        does: deletes ? "delete" : "nothing",
        changes: [],
        why: deletes ? why : `${why}: tsm apply deletes it`,
        spec: undefined,
      };
    });
}
