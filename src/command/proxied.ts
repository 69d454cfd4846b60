import type { Apps } from "../core/apps.ts";
import { TsmError } from "../core/errors.ts";
import { withoutPort } from "../core/names.ts";
import type { ProcessRecord } from "../core/process.ts";
import type { ParamType } from "./define.ts";
import { process } from "./targets.ts";

/** What a word means to a verb that leads requests to services. */
export interface Proxied {
  readonly word: string;
  readonly records: readonly ProcessRecord[];
  /** Why there are none. */
  readonly problem: TsmError | undefined;
}

/** A service with all its instances: `api` is api-3000 and api-3001. Otherwise what names a process anywhere. */
export const proxied: ParamType<Proxied> = {
  ...process(),
  label: "NAME",
  parse(): never {
    throw new Error("targets are resolved, not parsed");
  },
  resolve: (words, resolving) =>
    Promise.all(
      words.map(async (word): Promise<Proxied> => {
        const instances = resolving.engine.records().filter(({ name, port }) => withoutPort(name, port) === word);
        if (instances.length > 0) return { word, records: instances, problem: undefined };
        try {
          return { word, records: (await process().resolve?.([word], resolving)) ?? [], problem: undefined };
        } catch (error) {
          // It may be the name of something that is only left in the other program.
          if (error instanceof TsmError && error.code === "NOT_FOUND") return { word, records: [], problem: error };
          throw error;
        }
      }),
    ),
};

/** A service and its instances. */
export interface Instances {
  readonly service: string;
  readonly records: readonly ProcessRecord[];
}

/** By service, in the order in which they are met; each process once. Several of one app are one service. */
function instancesOf(records: readonly ProcessRecord[], apps: Pick<Apps, "nameOf">): Instances[] {
  const found = new Map<string, ProcessRecord[]>();
  for (const record of new Set(records)) {
    const service = withoutPort(apps.nameOf(record), record.port);
    found.set(service, [...(found.get(service) ?? []), record]);
  }
  return [...found].map(([service, all]) => ({
    service,
    records: [...new Map(all.map((record) => [record.name, record])).values()].sort((a, b) => a.tsm_id - b.tsm_id),
  }));
}

/** What the words of a command name, or all that has a port. @throws TsmError when that is nothing, or has no port. */
export function servicesAsked(
  asked: readonly Proxied[],
  all: boolean,
  {
    verb,
    records,
    apps,
  }: { readonly verb: string; readonly records: readonly ProcessRecord[]; readonly apps: Pick<Apps, "nameOf"> },
): Instances[] {
  if (all === asked.length > 0)
    throw new TsmError("USAGE", `${verb} needs the names of services, or --all`, {
      hint: `tsm ${verb} api --domain api.example.com`,
    });
  for (const { problem } of asked) if (problem !== undefined) throw problem;
  const services = instancesOf(all ? records : asked.flatMap((each) => each.records), apps);
  const listening = services
    .map((each) => ({ ...each, records: each.records.filter(({ port }) => typeof port === "number") }))
    .filter((each) => each.records.length > 0);
  const without = services.find(({ service }) => !listening.some((each) => each.service === service));
  if (without !== undefined && !all)
    throw new TsmError("USAGE", `'${without.service}' has no port that requests could go to`, {
      hint: "Start it with --port N",
    });
  if (listening.length === 0)
    throw new TsmError("NOT_FOUND", "no process has a port", { hint: "Start one with --port N" });
  return listening;
}

/** One that listens on another port than it declares: requests go to where it is. */
export interface Elsewhere {
  readonly name: string;
  readonly declared: number;
  readonly actual: number;
}

/** Where the instances of services listen, and which of them not where they should. */
export function serversOf(
  services: readonly Instances[],
  addressOf: (port: number) => string,
): {
  readonly services: readonly {
    readonly service: string;
    readonly servers: readonly { host: string; port: number }[];
  }[];
  readonly elsewhere: readonly Elsewhere[];
} {
  const portOf = ({ port, actual_port: actual }: ProcessRecord) => actual ?? port;
  return {
    services: services.map(({ service, records }) => ({
      service,
      servers: records.flatMap((record) => {
        const port = portOf(record);
        return port === "none" ? [] : [{ host: addressOf(port), port }];
      }),
    })),
    elsewhere: services
      .flatMap(({ records }) => records)
      .flatMap(({ name, port, actual_port: actual }) =>
        port === "none" || actual === null || actual === port ? [] : [{ name, declared: port, actual }],
      ),
  };
}

export function elsewhereNote({ name, declared, actual }: Elsewhere): string {
  return `'${name}' listens on ${actual} and not on its port ${declared}: requests go to ${actual}`;
}
