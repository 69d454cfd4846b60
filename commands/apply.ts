import { planLine } from "../src/command/apps-done.ts";
import { defineCommand, flag, optional, toggle } from "../src/command/define.ts";
import { ecosystemFile } from "../src/command/file-target.ts";
import { paced, parallel } from "../src/command/paced.ts";
import { integer, list, text } from "../src/command/types.ts";
import { plainStep } from "../src/core/app-steps.ts";
import { TsmError } from "../src/core/errors.ts";

export default defineCommand({
  name: "apply",
  summary: "Make the processes what an ecosystem file says, and touch no other",
  details: [
    "What is new is started, what is no longer as it was started is restarted, what does not run is started, and what was started from this file and is no longer in it is deleted (undo brings it back). What is as the file says goes on.",
    "What counts are the attributes, the variables with those of the env file, the number of instances, and env_NAME: the one that they were started with where --env says no other. --dry-run shows the plan. --only deletes nothing.",
  ],
  effect: "changes",
  args: { file: optional(ecosystemFile, "The file, - is standard input; by default the one in this folder") },
  flags: {
    dryRun: toggle("Show the plan, and do nothing", "n"),
    only: flag(list("NAMES"), { summary: "These apps alone, and what they depend on" }),
    env: flag(text("NAME"), { summary: "The env_NAME of the apps" }),
    parallel,
    settle: flag(integer("MS", 0, 600_000), {
      summary: "How long to watch each when no port says that it is up (default: the setting, 500)",
    }),
    yes: toggle("Do not ask before something is deleted", "y"),
  },
  examples: ["apply ecosystem.config.cjs --dry-run", "apply", "apply apps.yaml --env production"],
  onlyLooks: ({ dryRun }) => dryRun,
  async run({ file: word, dryRun, only, env, parallel: most, settle, yes }, context) {
    const { engine, signal, ask, interactive, shell, undoable } = paced(context, most);
    if (word === "-" && shell !== undefined)
      throw new TsmError("USAGE", "in the shell nothing is written to standard input", { hint: "Name the file" });
    const apps = await engine.apps();
    const settleMs = settle ?? engine.settings().settle;
    const planned = await apps.plan({ word, only, env, settleMs, mode: "apply" }, signal);
    const { file, notes } = planned;
    const plan = planned.steps.map(plainStep);
    if (dryRun) return { file, notes, plan, results: null };
    const doomed = plan.filter(({ does }) => does === "delete");
    if (doomed.length > 0 && interactive && !yes && ask !== undefined) {
      const names = doomed.map(({ name }) => name).join(", ");
      if (!(await ask.confirm(`delete ${names}?`))) throw new TsmError("CANCELLED", "nothing was done");
    }
    const act = (deed: string | undefined) => apps.run(planned, { rolling: false, deed }, signal);
    const results = doomed.length === 0 ? await act(undefined) : await undoable("delete", doomed, act);
    return { file, notes, plan, results };
  },
  names: ({ results }) => (results ?? []).flatMap(({ process }) => (process === null ? [] : [process.name])),
  *render({ plan, results }, screen) {
    const touched = plan.filter(({ does }) => does !== "nothing");
    for (const step of plan) yield planLine(step, screen);
    if (touched.length === 0) yield "tsm: everything is as the file says";
    else if (results === null) yield "tsm: nothing was done: this is what apply would do";
    for (const { name: gone, does, why, process, error } of results ?? []) {
      if (does === "delete" && error === null) yield `tsm: deleted '${gone}'`;
      if (does === "nothing" && touched.some((step) => step.name === gone))
        yield `tsm: '${gone}' stays as it is: ${why}`;
      if (process === null) continue;
      const { name, id, pid, port } = process;
      yield `tsm: ${does}ed '${name}' (TSM ID: ${id}, PID: ${pid ?? "none"}${port === "none" ? "" : `, Port: ${port}`})`;
    }
  },
  *notes({ notes, results }) {
    yield* notes;
    for (const { error } of results ?? []) if (error !== null) yield error.message;
  },
  exitCode: ({ results }) => results?.find(({ error }) => error !== null)?.error?.exitCode ?? 0,
});
