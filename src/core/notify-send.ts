import { isErrno } from "./errors.ts";
import type { NotifyVia } from "./notify-rules.ts";
import type { World } from "./world.ts";

interface Notice {
  readonly event: string;
  readonly text: string;
  readonly name?: string;
  readonly suppressed: number;
  readonly [detail: string]: unknown;
}

const commandMs = 10_000;
const answerMs = 5000;
/** Of all tries together. */
const webhookMs = 8000;
/** Before the second try and the third. */
const pausesMs = [1000, 3000];

/** @returns undefined when it was told, else why not, in words. Never rejects for what the other side does. */
export async function sendNotice(
  world: World,
  via: NotifyVia,
  notice: Notice,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { probes } = world.platform;
  const body = JSON.stringify(notice);
  switch (via.kind) {
    case "exec": {
      const env = { ...world.env, TSM_HOME: world.home.root, TSM_EVENT: notice.event, TSM_NAME: notice.name ?? "" };
      return await probes.command(
        // A person waits for a test, and wants to know what is wrong.
        { command: via.command, cwd: world.home.root, env, input: `${body}\n`, hears: notice.event === "test" },
        commandMs,
        signal,
      );
    }
    case "webhook": {
      const { clock } = world.platform;
      const until = clock.monotonicMs() + webhookMs;
      const left = () => Math.min(answerMs, until - clock.monotonicMs());
      let answer = await probes.post(via.url, body, left(), signal);
      for (const pause of pausesMs) {
        if (answer === undefined || !answer.again || signal.aborted || left() <= pause) break;
        await clock.sleep(pause, signal);
        answer = await probes.post(via.url, body, left(), signal);
      }
      return answer?.why;
    }
    case "desktop":
      return await onDesktop(world, notice, signal);
  }
}

async function onDesktop({ platform, env, home }: World, { text, name, event }: Notice, signal: AbortSignal) {
  const title = name === undefined || name === "" ? `tsm: ${event}` : `${name}: ${event}`;
  // Some desktops read the text as markup.
  const plain = text.replace(/[<>&]/g, " ");
  const [file, args] =
    platform.name === "darwin"
      ? ([
          "osascript",
          [
            "-e",
            "on run argv",
            "-e",
            "display notification (item 2 of argv) with title (item 1 of argv)",
            "-e",
            "end run",
            title,
            plain,
          ],
        ] as const)
      : (["notify-send", ["--app-name=tsm", "--", title, plain]] as const);
  try {
    const { code, stderr } = await platform.spawner.capture({ file, args, env, cwd: home.root }, commandMs, signal);
    return code === 0 ? undefined : `${file}: ${stderr.trim().slice(0, 200) || `it ended with ${code}`}`;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return `there is no ${file} here`;
    throw error;
  }
}
