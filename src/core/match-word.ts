import { appOf, areOneApp, recordsOfApp, recordsOfFile } from "./app-records.ts";
import { ecosystemPath, isEcosystemWord } from "./ecosystem-word.ts";
import { isLive, observe } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { type Match, matchTarget, mayBeScript } from "./resolve.ts";
import { recordsOfService } from "./service-of.ts";
import type { World } from "./world.ts";

/** What a word means in this home: a service, an app, an ecosystem file or a script by what was started from it, else processes. */
export async function matchWord(world: World, word: string, all: readonly ProcessRecord[]): Promise<Match> {
  const started = recordsOfService(world, word, all) ?? [];
  if (started.length > 0) return { kind: "exact", records: started };
  const instances = recordsOfApp(world, word, all);
  if (instances.length > 1) return { kind: "exact", records: instances.map(({ record }) => record) };
  if (word !== "-" && isEcosystemWord(word) && !all.some(({ name }) => name === word))
    return { kind: "exact", records: await recordsByFile(world, word, all) };
  if (mayBeScript(word, all)) {
    const { recordsOfScript } = await import("./script-of.ts");
    const running = recordsOfScript(world, word, all);
    if (running.length > 0) return { kind: "exact", records: running };
  }
  const match = await matchTarget(word, all);
  if (match.kind === "exact" && /^(?::|pid:)\d+$/.test(word)) return sharing(world, match.records);
  const isOne = match.kind === "ambiguous" && areOneApp(world, word, match.records, all);
  return isOne ? { ...match, kind: "exact" } : match;
}

/** Of those with one port or one pid that are meant which run; several are told apart by name, unless they are of one app. */
function sharing(world: World, found: readonly ProcessRecord[]): Match {
  const live = found.filter((record) => isLive(observe(record, world.platform.processes)));
  const records = live.length > 0 ? live : found;
  const [app, ...others] = new Set(records.map((record) => appOf(world, record)?.name));
  const areOne = records.length === 1 || (app !== undefined && others.length === 0);
  return { kind: areOne ? "exact" : "ambiguous", records };
}

/** What was started from the file; failing that, what is called as its apps are. */
async function recordsByFile(
  world: World,
  word: string,
  all: readonly ProcessRecord[],
): Promise<readonly ProcessRecord[]> {
  const path = ecosystemPath(world, word);
  const found = recordsOfFile(world, path, all).map(({ record }) => record);
  if (found.length > 0) return found;
  const { namesInFile } = await import("./ecosystem-names.ts");
  const names = await namesInFile(world, path);
  return names.flatMap((name) => recordsOfApp(world, name, all)).map(({ record }) => record);
}
