import { TsmError } from "../core/errors.ts";
import type { ProcessRecord } from "../core/process.ts";
import { endingOf } from "../core/script-endings.ts";
import type { NoService, ServicePlace } from "../core/service-store.ts";
import type { Services } from "../core/services.ts";
import type { Ask, ParamType, Resolving } from "./define.ts";
import { process } from "./targets.ts";

/** A service as people name it: ORG/NAME, or NAME where one org alone has it. */
export function service(which: "all" | "enabled" | "disabled", saying: NoService): ParamType<ServicePlace> {
  return {
    label: "SERVICE",
    offers: { kind: "services", which },
    parse,
    async resolve(words, resolving) {
      const services = await resolving.engine.services();
      const found: ServicePlace[] = [];
      for (const word of words) found.push(await oneOf(word, services, resolving, saying, which));
      return found;
    },
  };
}

/** What `edit` takes: a service, or the path of a definition wherever it lies. */
export function serviceOrFile(saying: NoService): ParamType<ServicePlace> {
  const named = service("all", saying);
  return {
    ...named,
    async resolve(words, resolving) {
      const found = (await resolving.engine.services()).at(words[0] ?? "");
      return found === undefined ? ((await named.resolve?.(words, resolving)) ?? []) : [found];
    },
  };
}

/** What `info` takes: a process, else a service of that name. */
export type Shown = ProcessRecord | ServicePlace;

export function processOrService(saying: NoService): ParamType<Shown> {
  const processes = process();
  return {
    label: "PROCESS|SERVICE",
    offers: { kind: "processes", which: "all", services: true },
    parse,
    async resolve(words, resolving) {
      const [word = ""] = words;
      const isService = /^[^./~][^/]*\/[^/]+$/.test(word) && endingOf(word) === undefined;
      const match = isService ? undefined : await resolving.engine.match(word);
      if (match === undefined || match.kind === "none" || match.kind === "guess") {
        const services = await resolving.engine.services();
        const defined = services.at(word);
        if (defined !== undefined) return [defined];
        if (isService || services.named(word).length > 0)
          return [await oneOf(word, services, resolving, saying, "all")];
      }
      return (await processes.resolve?.(words, resolving)) ?? [];
    },
  };
}

/** Does it; where several orgs have what the word means, a person at the terminal is asked which, and it is done with that. */
export async function orWhichOrg<T>(
  word: string,
  { engine, interactive, ask }: Pick<Resolving, "engine" | "interactive" | "ask">,
  verb: string,
  act: (word: string) => Promise<T>,
): Promise<T> {
  try {
    return await act(word);
  } catch (error) {
    if (!(error instanceof TsmError) || error.code !== "AMBIGUOUS" || !interactive || ask === undefined) throw error;
    const found = (await engine.services()).named(word);
    if (found.length < 2) throw error;
    return await act((await pick(word, found, ask, verb)).ref);
  }
}

async function pick(word: string, found: readonly ServicePlace[], ask: Ask, verb: string): Promise<ServicePlace> {
  const choices = found.map((value) => ({ value, label: value.ref }));
  const chosen = await ask.pick(`Several orgs have '${word}'. Which one to ${verb}?`, choices);
  if (chosen !== undefined) return chosen;
  throw new TsmError("CANCELLED", "nothing was chosen, nothing was done");
}

async function oneOf(
  word: string,
  services: Services,
  { interactive, ask, verb }: Resolving,
  saying: NoService,
  which: "all" | "enabled" | "disabled",
): Promise<ServicePlace> {
  const found = services.named(word);
  if (found.length > 1 && interactive && ask !== undefined) return await pick(word, found, ask, verb);
  return which === "enabled" ? services.enabledOrDefined(word) : services.one(word, saying);
}

// Words become services all at once, in `resolve`.
function parse(): never {
  throw new Error("services are resolved, not parsed");
}
