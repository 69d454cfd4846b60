import { type Context, flag } from "./define.ts";
import { integer } from "./types.ts";

/** pm2's word. */
export const parallel = flag(integer("N", 1, 1000), {
  summary: "So many are started at the same time (default: the setting start-concurrency)",
});

/** With a `--parallel`: so many of what it starts at the same time. */
export function paced<C extends Pick<Context, "engine">>(context: C, most: number | undefined): C {
  return most === undefined ? context : { ...context, engine: context.engine.startingAtMost(most) };
}
