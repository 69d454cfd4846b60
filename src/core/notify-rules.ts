import { TsmError } from "./errors.ts";
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

const path = ({ home }: Pick<World, "home">) => `${home.root}/config/notify.json`;

/** @throws TsmError BAD_DATA when somebody has made it something else */
export function readRules(world: World): readonly NotifyRule[] {
  const text = world.platform.files.readText(path(world));
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every(isRule)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new TsmError("BAD_DATA", `${path(world)} holds no rules of notify`, {
    hint: "Mend it, or remove it and say notify on again",
  });
}

/** Without rules there is no file: the ticker looks for it each second. */
export function writeRules(world: World, rules: readonly NotifyRule[]): void {
  const { files } = world.platform;
  if (rules.length === 0) {
    files.remove(path(world));
    return;
  }
  files.makeFolder(`${world.home.root}/config`);
  files.writeWhole(path(world), `${JSON.stringify(rules, null, 2)}\n`);
}

function isRule(value: unknown): value is NotifyRule {
  if (typeof value !== "object" || value === null) return false;
  const { id, on, via, most, perMs }: Record<string, unknown> = { ...value };
  const isEvent = (event: unknown) => notifyEvents.some((each) => each === event);
  const numbers = [id, most, perMs].every((number) => typeof number === "number" && number > 0);
  return numbers && Array.isArray(on) && on.every(isEvent) && isVia(via);
}

function isVia(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { kind, command, url }: Record<string, unknown> = { ...value };
  if (kind === "exec") return typeof command === "string";
  return kind === "webhook" ? typeof url === "string" && /^https?:\/\//.test(url) : kind === "desktop";
}
