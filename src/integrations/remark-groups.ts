import type { Remark } from "../core/imported-app.ts";

/** What is said of several apps, or lines, in the same words. */
export interface RemarkGroup extends Pick<Remark, "attribute" | "kind" | "what"> {
  readonly apps: readonly string[];
  readonly lines: readonly number[];
}

/** In the order in which they were made. */
export function remarkGroups(remarks: readonly Remark[]): RemarkGroup[] {
  const groups = new Map<string, RemarkGroup>();
  for (const { app, line, attribute, kind, what } of remarks) {
    const key = JSON.stringify([kind, app === null, attribute, what]);
    const before = groups.get(key);
    const apps = [...(before?.apps ?? []), ...(app === null ? [] : [app])];
    const lines = [...(before?.lines ?? []), ...(line === null ? [] : [line])];
    groups.set(key, { apps: [...new Set(apps)], lines: [...new Set(lines)], attribute, kind, what });
  }
  return [...groups.values()];
}

/** One line: `image of db (line 7): …`. */
export function remarkText({ apps, lines, attribute, what }: RemarkGroup): string {
  const [only, another] = apps;
  const of = only === undefined || (only === attribute && another === undefined) ? "" : ` of ${some(apps)}`;
  const where = lines.length === 0 ? "" : ` (line${lines.length === 1 ? "" : "s"} ${some(lines)})`;
  return `${attribute}${of}${where}: ${what}`;
}

function some(all: readonly (string | number)[]): string {
  const shown = all.slice(0, 8).join(", ");
  return all.length > 8 ? `${shown} and ${all.length - 8} more` : shown;
}
