import type { LaunchSpec } from "./launch.ts";

/** The same, with its files watched where they were not, and not where they were. Which ones is kept for the next time. */
export function turnedWatch(spec: LaunchSpec): LaunchSpec {
  const { oversight } = spec.policy;
  const { watch, restingWatch } = oversight;
  const turned =
    watch.length > 0
      ? { watch: [], restingWatch: watch }
      : { watch: restingWatch.length > 0 ? restingWatch : [spec.cwd], restingWatch: [] };
  return { ...spec, policy: { ...spec.policy, oversight: { ...oversight, ...turned } } };
}
