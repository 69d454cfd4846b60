import { appName } from "../src/command/app-name.ts";
import { appsDone, stepLines } from "../src/command/apps-done.ts";
import { defineCommand, flag, one } from "../src/command/define.ts";
import { exitCodeOf, failureLines } from "../src/command/each.ts";
import { scaleChange } from "../src/command/process-types.ts";
import { integer } from "../src/command/types.ts";

export default defineCommand({
  name: "scale",
  summary: "Run so many instances of an app, more, or fewer",
  details: [
    "scale api 4 makes them four, +2 two more, -1 one fewer. New ones are started like the first, as NAME-1 and so on, each with its number in NODE_APP_INSTANCE and, where there is a port, with the next one; the last ones are deleted (undo brings them back), with 0 all of them. Those that run and stay are not touched; with a number one that was stopped is started, with +N and -N it rests.",
    "NAME means all its instances in every command. A process that was started alone becomes the first of several.",
  ],
  effect: "changes",
  args: {
    app: one(appName, "The app; or a process that is to become several"),
    change: one(scaleChange, "How many in all, or +N more, or -N fewer"),
  },
  flags: {
    settle: flag(integer("MS", 0, 600_000), {
      summary: "How long to watch each when no port says that it is up (default: the setting, 500)",
    }),
  },
  examples: ["scale api 4", "scale api +2", "scale api -1"],
  async run({ app, change, settle }, { engine, signal, undoable }) {
    const apps = await engine.apps();
    const plan = apps.planScale(app.name, change, settle ?? engine.settings().settle);
    const act = async (deed: string | undefined) =>
      appsDone(plan, await apps.run(plan, { rolling: false, deed }, signal));
    const doomed = plan.steps.filter(({ does }) => does === "delete");
    return doomed.length === 0 ? await act(undefined) : await undoable("delete", doomed, act);
  },
  names: ({ steps }) => steps.filter(({ does }) => does !== "delete").map(({ name }) => name),
  json: ({ steps }) => steps,
  *render({ steps }) {
    yield* stepLines({ steps: steps.filter(({ does }) => does !== "nothing") });
    if (steps.every(({ does }) => does === "nothing")) yield `tsm: there are so many already: ${steps.length}`;
  },
  *notes({ steps, results }) {
    for (const { error, does } of steps) if (error !== null && does === "delete") yield error.message;
    yield* failureLines(
      results.filter(({ name }) => steps.some((step) => step.name === name && step.does !== "delete")),
    );
  },
  exitCode: ({ results }) => exitCodeOf(results),
});
