import { TsmError } from "./errors.ts";
import { parsedJson } from "./parsed-json.ts";
import type { World } from "./world.ts";

/** What a person can be told of. */
export const notifyEvents = [
  "crash",
  "gave-up",
  "memory",
  "unready",
  "online",
  "start",
  "stop",
  "restart",
  "port-held",
  "hook-failed",
  "disk-low",
] as const;
export type NotifyEvent = (typeof notifyEvents)[number];

/** How it is told. */
export type NotifyVia =
  | { readonly kind: "exec"; readonly command: string }
  | { readonly kind: "webhook"; readonly url: string }
  | { readonly kind: "desktop" };

export interface NotifyRule {
  readonly id: number;
  readonly on: readonly NotifyEvent[];
  readonly via: NotifyVia;
  /** So many at most in so long a time. */
  readonly most: number;
  readonly perMs: number;
}

/** What keeps the rules from being used as they are. */
export interface BrokenRules {
  readonly problem: string;
  /** Those that are none, from 1 on; none: the whole is of no use. */
  readonly bad: readonly number[];
  readonly sound: readonly NotifyRule[];
}

export const rulesPath = ({ home }: Pick<World, "home">) => `${home.root}/config/notify.json`;

/** @throws TsmError BAD_DATA when somebody has made it something else */
export function readRules(world: World): readonly NotifyRule[] {
  const found = lookAtRules(world);
  if (!("problem" in found)) return found;
  throw new TsmError("BAD_DATA", found.problem, {
    hint: "Mend it; or tsm doctor --fix sets aside what is no rule",
  });
}

/** undefined when nothing is wrong with them. */
export function brokenRules(world: World): BrokenRules | undefined {
  const found = lookAtRules(world);
  return "problem" in found ? found : undefined;
}

function lookAtRules(world: World): readonly NotifyRule[] | BrokenRules {
  const { files } = world.platform;
  const path = rulesPath(world);
  const kind = files.kind(path);
  if (kind === "missing") return [];
  const useless = (problem: string): BrokenRules => ({ problem, bad: [], sound: [] });
  // A pipe would be waited for.
  if (kind !== "file") return useless(`${path} is not a file`);
  const value = parsedJson(files.readText(path) ?? "");
  if (!Array.isArray(value)) return useless(`${path} holds no rules of notify`);
  const all: readonly unknown[] = value;
  const sound: NotifyRule[] = [];
  const bad: number[] = [];
  for (const [at, rule] of all.entries()) {
    // It is by its number that one is meant.
    if (isRule(rule) && !sound.some(({ id }) => id === rule.id)) sound.push(rule);
    else bad.push(at + 1);
  }
  if (bad.length === 0) return sound;
  return { problem: `${path}: ${inWords(bad)} none`, bad, sound };
}

/** "rule 2 is", "rules 2, 3 and 5 are". */
function inWords(numbers: readonly number[]): string {
  const last = numbers.at(-1);
  return numbers.length === 1 ? `rule ${last} is` : `rules ${numbers.slice(0, -1).join(", ")} and ${last} are`;
}

/** Without rules there is no file: the ticker looks for it each second. */
export function writeRules(world: World, rules: readonly NotifyRule[]): void {
  const { files } = world.platform;
  if (rules.length === 0) {
    files.remove(rulesPath(world));
    return;
  }
  files.makeFolder(`${world.home.root}/config`);
  files.writeWhole(rulesPath(world), `${JSON.stringify(rules, null, 2)}\n`);
}

function isRule(value: unknown): value is NotifyRule {
  if (typeof value !== "object" || value === null) return false;
  const { id, on, via, most, perMs }: Record<string, unknown> = { ...value };
  const isEvent = (event: unknown) => notifyEvents.some((each) => each === event);
  const numbers = [id, most, perMs].every((number) => Number.isSafeInteger(number) && Number(number) > 0);
  return numbers && Array.isArray(on) && on.length > 0 && on.every(isEvent) && isVia(via);
}

function isVia(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { kind, command, url }: Record<string, unknown> = { ...value };
  if (kind === "exec") return typeof command === "string";
  return kind === "webhook" ? typeof url === "string" && isWebhook(url) : kind === "desktop";
}

export function isWebhook(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}
