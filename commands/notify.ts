import { defineCommand, flag, optional, toggle } from "../src/command/define.ts";
import { oneOf, text } from "../src/command/types.ts";
import { millisecondsIn } from "../src/core/amounts.ts";
import { TsmError } from "../src/core/errors.ts";
import type { NotifyState } from "../src/core/notify.ts";
import { isWebhook, type NotifyEvent, type NotifyVia, notifyEvents } from "../src/core/notify-rules.ts";
import { maskInside } from "../src/core/secrets.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { localTime } from "../src/view/event-line.ts";
import { sanitize } from "../src/view/sanitize.ts";

const actions = ["list", "on", "off", "test", "deliver"] as const;

export default defineCommand({
  name: "notify",
  summary: "Be told of crashes by a command, a webhook or the desktop",
  details: [
    `notify on EVENTS takes one or more of ${notifyEvents.join(", ")}, separated by commas, and says how: --exec runs a command of bash that reads the event as JSON on its input, --webhook sends it with POST (text, event, name, time, exit, reason), --desktop shows it.`,
    "crash is every end that nobody wanted; memory and unready are those for its memory limit, and as it did not get ready or did not answer. online is a process that has begun, or is ready where it is to say so.",
    "It works with no shell open, about a second after it happened, as long as something runs. A command has 10 s; a webhook 5 s, and is tried three times within 8 s; neither keeps another rule waiting. notify test shows what a command says on stderr. What is beyond the limit is counted, and the next one says how many.",
    "deliver is what the ticker does: it tells what has happened since the last time.",
  ],
  effect: "changes",
  args: {
    action: optional(oneOf(actions), "What to do, default list"),
    what: optional(text("EVENTS|N"), "Which events (on), or which rule by its number (off, test)"),
  },
  flags: {
    exec: flag(text("COMMAND"), { summary: "Run this" }),
    webhook: flag(text("URL"), { summary: "Send it there: http:// or https://" }),
    desktop: toggle("Show it on the desktop"),
    limit: flag(text("N/TIME"), { summary: "So many at most in so long a time", fallback: "10/10m" }),
  },
  examples: [
    "notify",
    "notify on crash,gave-up --exec 'mail -s tsm me@example.org'",
    "notify on gave-up --webhook https://example.org/hook --limit 5/1h",
    "notify test",
    "notify off 1",
  ],
  onlyLooks: ({ action = "list" }) => action === "list",
  unnoted: ({ action }) => action === "test" || action === "deliver",
  async run({ action = "list", what, exec, webhook, desktop, limit }, { engine, signal }) {
    const notify = await engine.notify();
    if (action !== "on" && (exec !== undefined || webhook !== undefined || desktop))
      throw new TsmError("USAGE", `notify ${action} takes no --exec, --webhook or --desktop`, {
        hint: "notify on crash --exec COMMAND",
      });
    switch (action) {
      case "on":
        return {
          action,
          told: 0,
          rules: [
            await notify.add({ on: eventsIn(what), via: viaOf(exec, webhook, desktop), ...limitIn(limit) }, signal),
          ],
        };
      case "off":
        return { action, told: 0, rules: [await notify.remove(numberIn(what) ?? missing(), signal)] };
      case "test":
        return { action, told: 0, rules: await notify.test(numberIn(what), signal) };
      case "deliver":
        return { action, told: await notify.deliver(signal), rules: [] };
      case "list":
        return { action, told: 0, rules: notify.list() };
    }
  },
  json: ({ action, told, rules }) =>
    action === "deliver" ? { told } : rules.map((rule) => ({ ...rule, via: shownVia(rule.via) })),
  fold: wholeWords,
  *render({ action, told, rules }) {
    if (action === "deliver") yield `tsm: ${told} told`;
    else if (rules.length === 0) yield "tsm: nobody is told of anything: tsm notify on crash --exec COMMAND";
    for (const rule of rules) {
      if (action === "on") yield `tsm: rule ${lineOf(rule)}`;
      else if (action === "off") yield `tsm: rule ${rule.id} is gone`;
      else if (action === "test") yield `tsm: rule ${rule.id}: ${sanitize(rule.problem ?? "told")}`;
      else yield lineOf(rule);
    }
  },
  exitCode: ({ action, rules }) => (action === "test" && rules.some(({ problem }) => problem !== null) ? 1 : 0),
});

function lineOf({ id, on, via, most, perMs, lastAt, problem, suppressed }: NotifyState): string {
  const { kind, to } = shownVia(via);
  const last = lastAt === null ? "never yet" : `last ${localTime(lastAt)}${problem === null ? "" : `: ${problem}`}`;
  const more = suppressed === 0 ? "" : `, ${suppressed} beyond the limit`;
  return sanitize(
    `${id} ${on.join(",")} ${kind}${to === "" ? "" : ` ${to}`} (at most ${most} in ${perMs / 1000} s; ${last}${more})`,
  );
}

/** The path of a webhook is its password, often enough. */
function shownVia(via: NotifyVia): { readonly kind: string; readonly to: string } {
  if (via.kind === "webhook") return { kind: via.kind, to: `${new URL(via.url).origin}/...` };
  return { kind: via.kind, to: via.kind === "exec" ? maskInside(via.command) : "" };
}

function eventsIn(what = ""): NotifyEvent[] {
  const events = what.split(",").map((word) => {
    const found = notifyEvents.find((event) => event === word.trim());
    if (found !== undefined) return found;
    throw new TsmError("USAGE", `'${word}' is nothing to be told of`, {
      hint: `Choose of: ${notifyEvents.join(", ")}`,
    });
  });
  return [...new Set(events)];
}

function viaOf(exec: string | undefined, webhook: string | undefined, desktop: boolean): NotifyVia {
  const ways: NotifyVia[] = [];
  if (exec !== undefined && exec.trim() !== "") ways.push({ kind: "exec", command: exec });
  if (webhook !== undefined) ways.push({ kind: "webhook", url: addressIn(webhook) });
  if (desktop) ways.push({ kind: "desktop" });
  const [way, another] = ways;
  if (way !== undefined && another === undefined) return way;
  throw new TsmError("USAGE", "notify on needs one of --exec COMMAND, --webhook URL and --desktop", {
    hint: "Say notify on once for each",
  });
}

function addressIn(word: string): string {
  // As the system writes it: HTTPS:// is https:// there.
  if (isWebhook(word)) return new URL(word).href;
  throw new TsmError("USAGE", `'${word}' is not an address of a webhook`, {
    hint: "It begins with http:// or https://",
  });
}

function limitIn(word: string): { most: number; perMs: number } {
  const [, count, time = ""] = /^([1-9]\d{0,5})\/(\S+)$/.exec(word) ?? [];
  const perMs = millisecondsIn(/^\d/.test(time) ? time : `1${time}`, "s");
  if (count !== undefined && perMs !== undefined && perMs >= 1000) return { most: Number(count), perMs };
  throw new TsmError("USAGE", `'${word}' is not a limit`, { hint: "As 10/10m: ten in ten minutes" });
}

function numberIn(word: string | undefined): number | undefined {
  if (word === undefined || /^\d{1,9}$/.test(word)) return word === undefined ? undefined : Number(word);
  throw new TsmError("USAGE", `'${word}' is not a rule's number`, { hint: "tsm notify list" });
}

function missing(): never {
  throw new TsmError("USAGE", "which rule?", { hint: "tsm notify list shows their numbers" });
}
