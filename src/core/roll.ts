import { appOf } from "./app-records.ts";
import type { StepError } from "./app-steps.ts";
import { dependsOn } from "./depends-on.ts";
import { TsmError } from "./errors.ts";
import { among, eachInOrder } from "./needs.ts";
import type { ProcessRecord } from "./process.ts";
import type { World } from "./world.ts";

/** What became of one of them: `done`, or why not. */
export interface Rolled<T> {
  readonly name: string;
  readonly done?: T;
  readonly error?: StepError;
}

/**
 * Does it to each process, behind what it depends on; to the instances of one app one after the other, and when one fails
 * the rest of them stays as it is. Different apps go side by side.
 * @throws TsmError of a single one
 */
export async function roll<T>(
  world: World,
  records: readonly ProcessRecord[],
  act: (record: ProcessRecord) => Promise<T>,
): Promise<Rolled<T>[]> {
  const [only] = records;
  if (only !== undefined && records.length === 1) return [{ name: only.name, done: await act(only) }];
  const byName = new Map(records.map((record) => [record.name, record]));
  const apps = new Map(records.map((record) => [record.name, appOf(world, record)?.name ?? record.name]));
  const names = [...byName.keys()];
  const needs = among(new Map(names.map((name) => [name, dependsOn(world, name)])), names);
  const chained = new Map(
    names.map((name, index) => {
      const before = names.slice(0, index).findLast((each) => apps.get(each) === apps.get(name));
      return [name, [...(needs.get(name) ?? []), ...(before === undefined ? [] : [before])]] as const;
    }),
  );
  return await eachInOrder<Rolled<T>>(chained, async (name, before) => {
    const record = byName.get(name);
    if (record === undefined) throw new Error("what is done was named");
    try {
      const failed = before.find((each) => each.error !== undefined && apps.get(each.name) === apps.get(name));
      if (failed !== undefined)
        throw new TsmError("START_FAILED", `'${name}' was left as it was, as '${failed.name}' did not come up`);
      return { name, done: await act(record) };
    } catch (error) {
      if (!(error instanceof TsmError)) throw error;
      const { code, message, hint = null, exitCode } = error;
      return { name, error: { code, message, hint, exitCode } };
    }
  });
}
