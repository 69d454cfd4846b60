import { TsmError } from "../core/errors.ts";
import { validPort } from "../core/port-choice.ts";
import type { NoService } from "../core/service-store.ts";
import type { ParamType } from "./define.ts";
import { processOrService, type Shown } from "./service-target.ts";

/** A port, whoever is on it. */
export interface PortMeant {
  readonly listeningOn: number;
}

/** `:3000` is a port; `3000` is one where no process has this id or name. */
export function processServiceOrPort(saying: NoService): ParamType<Shown | PortMeant> {
  const others = processOrService(saying);
  return {
    ...others,
    label: "PROCESS|SERVICE|PORT",
    parse: (word) => others.parse(word),
    async resolve(words, resolving) {
      const [word = ""] = words;
      const listeningOn = validPort(word.replace(/^:/, ""));
      if (/^:\d+$/.test(word) && listeningOn === undefined)
        throw new TsmError("USAGE", `'${word}' is not a port`, { hint: "A port is a number from 1 to 65535" });
      if (listeningOn !== undefined) {
        const records = resolving.engine.records();
        const isProcess = records.some(({ name, tsm_id: id }) => name === word || String(id) === word);
        if (word.startsWith(":") || !isProcess) return [{ listeningOn }];
      }
      return (await others.resolve?.(words, resolving)) ?? [];
    },
  };
}
