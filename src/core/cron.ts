import { TsmError } from "./errors.ts";

/** @throws TsmError USAGE when it is no cron expression, or one whose time never comes. */
export async function checkCron(expression: string): Promise<void> {
  const next = await nextRun(expression, undefined);
  if (next !== undefined) return;
  throw new TsmError("USAGE", `--cron: '${expression}' is a time that never comes`, { hint });
}

/**
 * When its time comes next, in epoch milliseconds of this machine's time zone; undefined: never.
 * @param after epoch milliseconds; default now. @throws TsmError USAGE
 */
export async function nextRun(expression: string, after: number | undefined): Promise<number | undefined> {
  // Loaded here: only what has a cron expression needs it.
  const { Cron } = await import("croner");
  try {
    const job = new Cron(expression, { paused: true });
    return job.nextRun(after === undefined ? undefined : new Date(after))?.getTime();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const why = error.message.replace(/^CronPattern: /, "");
    throw new TsmError("USAGE", `--cron: '${expression}' is not a cron expression: ${why}`, { hint });
  }
}

const hint = "Minute, hour, day, month, weekday: '0 3 * * *' is every day at three; a sixth in front is seconds";
