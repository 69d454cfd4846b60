import { brokenSettings } from "./broken-settings.ts";
import { type Finding, finding, type SetAside } from "./doctor-finding.ts";
import { TsmError } from "./errors.ts";
import { brokenRules, rulesPath, writeRules } from "./notify-rules.ts";
import { isLive, observe } from "./observe.ts";
import type { ProcessRecord } from "./process.ts";
import { readRecords } from "./records.ts";
import { readRuntimeReport, runtimeReportPath } from "./runtime-report.ts";
import type { World } from "./world.ts";

export function settingsFindings(world: World): Finding[] {
  const { problem } = world.settings();
  if (problem === undefined) return [];
  const path = world.home.settings;
  const broken = brokenSettings(world.platform.files, path);
  const without = broken?.without ?? [];
  const then =
    without.length === 0
      ? "all settings are the defaults then"
      : without.map(({ name, instead }) => `${name} is ${instead} then`).join(", ");
  const fix: SetAside = {
    does: "set-aside",
    path,
    to: freeName(world, path),
    what: "settings",
    without: without.map(({ name }) => name),
    then,
  };
  return [
    finding("settings", "warning", `${problem}; the defaults are used`, {
      hint: "tsm config path names the file, tsm config lists what may be set",
      ...(broken === undefined ? {} : { fix }),
    }),
  ];
}

export function rulesFindings(world: World): Finding[] {
  const broken = brokenRules(world);
  if (broken === undefined) return [];
  const path = rulesPath(world);
  const { sound, bad, problem } = broken;
  const then = sound.length === 0 ? "nobody is told of anything then" : "those that are rules stay";
  const without = sound.length === 0 ? [] : bad.map((number) => `rule ${number}`);
  return [
    finding("notify", "warning", `${problem}: nobody is told of anything`, {
      hint: "tsm notify --help tells how a rule is made",
      fix: { does: "set-aside", path, to: freeName(world, path), what: "notify", without, then },
    }),
  ];
}

/** What a process writes of itself and nobody can use. */
export function runtimeFindings(world: World, records: readonly ProcessRecord[]): Finding[] {
  return records
    .filter((record) => isLive(observe(record, world.platform.processes)))
    .flatMap((record): Finding[] => {
      const report = readRuntimeReport(world, record);
      if (report === null || !("problem" in report)) return [];
      const path = runtimeReportPath(world, record);
      const then = "info shows none until the process writes another";
      return [
        finding("runtime", "warning", `What '${record.name}' says of itself cannot be used: ${report.problem}`, {
          hint: path,
          fix: { does: "set-aside", path, to: freeName(world, path), what: "runtime", without: [], then },
        }),
      ];
    });
}

/** Does nothing to a file that can be used by now. @throws TsmError when its new name is taken by now */
export function setAside(world: World, { what, path, to, without }: SetAside): void {
  const { files } = world.platform;
  if (freeName(world, path) !== to)
    throw new TsmError("NAME_TAKEN", `${to} is there by now`, { hint: "tsm doctor --fix" });
  if (what === "runtime") {
    const { records } = readRecords(world);
    if (runtimeFindings(world, records).some(({ fix }) => fix?.does === "set-aside" && fix.path === path))
      files.rename(path, to);
    return;
  }
  if (what === "notify") {
    setRulesAside(world, to);
    return;
  }
  const broken = brokenSettings(files, path);
  if (broken === undefined) return;
  if (without.length === 0 || broken.kept === undefined) {
    files.rename(path, to);
    return;
  }
  files.writeWhole(to, files.readText(path) ?? "");
  files.writeWhole(files.realPath(path) ?? path, `${JSON.stringify(broken.kept, null, "\t")}\n`);
}

function setRulesAside(world: World, to: string): void {
  const { files } = world.platform;
  const broken = brokenRules(world);
  if (broken === undefined) return;
  const path = rulesPath(world);
  if (broken.sound.length === 0) {
    files.rename(path, to);
    return;
  }
  files.writeWhole(to, files.readText(path) ?? "");
  writeRules(world, broken.sound);
}

/** `x.bad`, `x.bad-2`, …: nothing that was set aside before is lost. */
function freeName({ platform: { files } }: World, path: string): string {
  const isFree = (to: string) => files.kind(to) === "missing" && files.linkTarget(to) === undefined;
  for (let count = 1; ; count += 1) {
    const to = count === 1 ? `${path}.bad` : `${path}.bad-${count}`;
    if (isFree(to)) return to;
  }
}
