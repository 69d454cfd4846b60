import { isVerbName, type Registry } from "../command/registry.ts";
import type { Meanings } from "../core/settings.ts";

/** What a shell says when it begins: a verb that came later has the name of an alias, and is what the word means. */
export function hiddenAliases(registry: Registry, aliases: Meanings): readonly string[] {
  return [...aliases]
    .filter(([alias]) => isVerbName(registry, alias))
    .map(
      ([alias, meaning]) =>
        `tsm: '${alias}' is a command now and hides your alias for '${meaning}'; unalias ${alias}, and choose another name`,
    );
}
