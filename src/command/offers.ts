import { endingOf } from "../core/script-endings.ts";
import { settingNamed, settingsSchema } from "../core/settings.ts";
import {
  aliasesOf,
  type Candidate,
  type Known,
  type Offered,
  type OfferedService,
  offeredValue,
  whole,
} from "./completing.ts";
import type { Offers } from "./define.ts";
import { conditionOffers, orderOffers } from "./field-offers.ts";
import { envFiles, files } from "./files-offered.ts";
import { matching, startsWith } from "./matching.ts";
import { jobs, namedIn, namespaces, processes, runs } from "./processes-offered.ts";

/** What a place of a line offers for what is typed of it so far. @param taken words that stand there already */
export function offersOf(offers: Offers, line: Known, current: string, taken: readonly string[]): Candidate[] {
  const wholes = (offered: readonly Offered[]): Candidate[] =>
    matching(offered, current, offeredValue).map(({ value, summary }) => whole(value, summary));
  switch (offers.kind) {
    case "nothing":
      return [];
    case "words":
      return wholes([
        ...offers.words.filter(({ value }) => !taken.includes(value)),
        ...(offers.namespaces === true ? namespaces(line, "all") : []),
      ]);
    case "processes":
      if (offers.jobs === true && current.startsWith("%")) return jobs(line, current, taken);
      return [
        ...processes(line, current, offers.which, taken),
        ...(offers.services ? servicesOf(line, current, "all", taken) : []),
        ...(offers.jobs === true && current === "" ? jobs(line, current, taken) : []),
      ];
    case "jobs":
      return jobs(line, current, taken);
    case "services":
      return servicesOf(line, current, offers.which, taken);
    case "stacks":
      return [
        ...matching(line.known.filter(isStack), current, offeredValue).map(({ value, summary }) =>
          whole(value, summary),
        ),
        ...(/^[./~]/.test(current) ? files(line, current, (file) => file.name.endsWith(".stack")) : []),
      ];
    case "savable":
      return savable(line, current);
    case "files":
      return files(line, current, (file) => offers.endings?.some((ending) => file.name.endsWith(ending)) ?? true);
    case "folders":
      return files(line, current, () => false);
    case "env-files":
      return envFiles(line, current);
    case "programs":
      return startable(line, current);
    case "verbs":
      return wholes(line.registry.map(({ name }) => ({ value: name, summary: "" })));
    case "settings":
      return settings(settingNamed(current));
    case "setting-values":
      return wholes(settingValues(line.words.at(-1)));
    case "aliases":
      return wholes([...aliasesOf(line)].map(([value, summary]) => ({ value, summary })));
    case "bound-keys":
      return wholes(
        [...(line.keys ?? [])].filter(([key]) => !taken.includes(key)).map(([value, summary]) => ({ value, summary })),
      );
    case "outputs":
      return wholes(line.outputs().map((command, index) => ({ value: String(index + 1), summary: command })));
    case "order":
      return orderOffers(current).map(({ value, summary }) => whole(value, summary));
    case "conditions":
      // More follows, behind a blank, which in our shell begins a quote.
      return conditionOffers(current).map(({ value, summary }) => ({
        value: line.scope === "shell" ? `${value} ` : value,
        summary,
        whole: false,
      }));
    case "runs":
      return wholes(runs(line));
    case "process-runs":
      return namedIn(line) === undefined
        ? processes(line, current, "all", taken)
        : wholes(runs(line).filter(({ value }) => !taken.includes(value)));
  }
}

function settings(current: string): Candidate[] {
  const offered = Object.entries(settingsSchema).map(([value, { summary }]) => ({ value, summary }));
  return matching(offered, current, offeredValue).map(({ value, summary }) => whole(value, summary));
}

/** Of the setting that stands before the value. */
function settingValues(name = ""): Offered[] {
  const schema = Object.entries(settingsSchema).find(([each]) => each === settingNamed(name))?.[1];
  if (schema === undefined || !("enum" in schema)) return [];
  return schema.enum.map((value) => ({ value, summary: value === schema.default ? "default" : "" }));
}

/** By ORG/NAME; by NAME too once that is begun. */
function servicesOf(
  { known }: Known,
  current: string,
  which: "all" | "enabled" | "disabled",
  taken: readonly string[],
): Candidate[] {
  const left = known.filter(
    (each) =>
      !isStack(each) && !taken.includes(each.value) && (which === "all" || each.enabled === (which === "enabled")),
  );
  return matching(left, current, offeredValue).map(({ value, summary }) => whole(value, summary));
}

function isStack(offered: OfferedService): boolean {
  return offered.isStack === true;
}

/** Orgs, for a new service in one of them; services, to be replaced; processes, to be saved. */
function savable(line: Known, current: string): Candidate[] {
  const orgs = [
    ...new Set(line.known.filter((each) => !isStack(each)).map(({ value }) => value.split("/", 1)[0] ?? "")),
  ];
  const open = orgs
    .filter((org) => startsWith(`${org}/`, current) && !current.includes("/"))
    .map((org) => ({ value: `${org}/`, summary: "org", whole: false }));
  return [...open, ...servicesOf(line, current, "all", []), ...processes(line, current, "all", [])];
}

/** What `start` makes sense of: processes that rest, scripts and executables, and the programs of PATH once begun. */
function startable(line: Known, current: string): Candidate[] {
  const here = files(
    line,
    current,
    ({ name, executable }) => executable || endingOf(name) !== undefined || name.endsWith(".tsm"),
  );
  if (/[/~]/.test(current)) return [...here, ...servicesOf(line, current, "all", [])];
  const resting = processes(line, current, "stopped", []);
  const services = servicesOf(line, current, "all", []);
  const programs = current === "" ? [] : line.programs().filter((name) => name.startsWith(current));
  const found = [...resting, ...services, ...here, ...programs.map((name) => whole(name, "program"))];
  // Each source falls back on what only contains the letters; what begins with them in another is better.
  const begun = found.filter(({ value }) => startsWith(value, current));
  return begun.length > 0 ? begun : found;
}
