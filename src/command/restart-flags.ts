import { seconds } from "./amount-types.ts";
import { flag, toggle } from "./define.ts";
import { integer, list, text } from "./types.ts";

/** How `restart` and `reload` are told to end and begin what they are given. */
export const restartFlags = {
  timeout: flag(seconds, { summary: "Between TERM and KILL (default: its own, 5)" }),
  updateEnv: toggle("Begin with this shell's environment", "a"),
  settle: flag(integer("MS", 0, 600_000), {
    summary: "How long to watch it when no port says that it is up (default: the setting, 500)",
  }),
  only: flag(list("NAMES"), { summary: "These apps of the file alone, and what they depend on" }),
  env: flag(text("NAME"), { summary: "The env_NAME of the file's apps" }),
  dryRun: toggle("Show what it would touch, and do nothing"),
};
