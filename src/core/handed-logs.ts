import type { ProcessPaths } from "./home.ts";
import { filesOf, type LogChoice, nowhere } from "./log-files.ts";
import type { World } from "./world.ts";

/** What the runner is handed: see the beginning of runner.bash. */
export function logSettings(world: World, choice: LogChoice, paths: ProcessPaths): Record<string, string> {
  const { out, err } = filesOf(choice, paths);
  const [outPipe, errPipe] = choice.stamp === null ? ["", ""] : pipesOf(choice, paths);
  return {
    out: out ?? nowhere,
    err: err ?? nowhere,
    pipe_out: outPipe,
    pipe_err: errPipe,
    ...(choice.stamp === null ? {} : { stamper: `${world.programs.node}\n${world.programs.stamper}` }),
  };
}

/** Is there to be a pipe to its stamper that its runner has not made? */
export function lacksPipes({ platform: { files } }: World, choice: LogChoice, paths: ProcessPaths): boolean {
  return choice.stamp !== null && pipesOf(choice, paths).some((pipe) => pipe !== "" && files.kind(pipe) !== "other");
}

/** One pipe is enough where both streams become the same lines: then they stand in the order in which they were written. */
function pipesOf(choice: LogChoice, paths: ProcessPaths): [out: string, err: string] {
  const { out, err } = filesOf(choice, paths);
  const pipe = (stream: "out" | "err") => `${paths.folder}/.pipe.${stream}`;
  const isOne = out === err && choice.stamp?.kind === "text";
  return [out === null ? "" : pipe("out"), err === null ? "" : pipe(isOne ? "out" : "err")];
}

/** What the stamper is handed; undefined where none is wanted. The descriptors are those on which the runner opens the pipes. */
export function stampOrder(
  choice: LogChoice,
  paths: ProcessPaths,
  { id, name, zone }: { readonly id: number; readonly name: string; readonly zone: string | undefined },
): string | undefined {
  if (choice.stamp === null) return undefined;
  const { out, err } = filesOf(choice, paths);
  const [outPipe, errPipe] = pipesOf(choice, paths);
  const streams = [
    ...(out === null ? [] : [{ fd: 3, type: "out", file: out }]),
    ...(err === null || errPipe === outPipe ? [] : [{ fd: 4, type: "err", file: err }]),
  ];
  return `${JSON.stringify({ ...choice.stamp, zone: zone ?? null, id, name, streams })}\n`;
}
