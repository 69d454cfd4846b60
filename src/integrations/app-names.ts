import { type Place, type Remarks, wholeFile } from "./remarks.ts";

/** Gives every app a name that a process may have, and that no other of the file has. */
export interface AppNames {
  /** For what the file calls so. */
  take(name: string, place: Place): string;
  /** Every name that was given for what the file calls so: instances have several. */
  given(name: string): readonly string[];
}

export function appNames(remarks: Remarks): AppNames {
  const taken = new Set<string>();
  const given = new Map<string, string[]>();
  return {
    take(name, place) {
      const wanted = legal(name);
      let free = wanted;
      for (let number = 2; taken.has(free); number += 1) free = `${wanted}-${number}`;
      taken.add(free);
      given.set(name, [...(given.get(name) ?? []), free]);
      if (wanted !== name) remarks.changed(place, "name", `is called '${free}' here: no process may be called so`);
      else if (free !== name) remarks.changed(place, "name", `is called '${free}' here: there are several '${name}'`);
      return free;
    },
    given: (name) => given.get(name) ?? [],
  };
}

/** The names of those that are needed; what the file does not have, or what was left out, is said. */
export function neededApps(
  wanted: readonly string[],
  names: AppNames,
  remarks: Remarks,
  place: Place = wholeFile,
): readonly string[] | undefined {
  const found = wanted.flatMap((name) => {
    const known = names.given(name);
    if (known.length === 0) remarks.lost(place, "depends_on", `'${name}' is not among what was carried`);
    return known;
  });
  return found.length === 0 ? undefined : [...new Set(found)];
}

/** What a process may not be called becomes `-`. */
function legal(name: string): string {
  const harmless = name.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069/*?]+/gu, "-");
  const begun = harmless.replace(/^[.:-]+/, "").replace(/^pid:/, "pid-");
  const short = [...begun].slice(0, 60).join("").trim();
  return short === "" || short === "all" ? `app${short === "" ? "" : "-all"}` : short;
}
