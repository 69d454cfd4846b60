import type { Platform } from "../platform/platform.ts";
import type { Home } from "./home.ts";
import type { Settings } from "./settings.ts";
import type { Slots } from "./slots.ts";

/** Everything the engine asks of the outside. Made once, in main. */
export interface World {
  readonly platform: Platform;
  readonly home: Home;
  /** The caller's environment and folder: what `start` hands to a process. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Full paths of what TSM starts: the three bash files, the stamper, what node scripts say `ready` by, the server of `serve`, and itself (node and its file), for the ticker to call. */
  readonly programs: {
    readonly runner: string;
    readonly ticker: string;
    readonly resume: string;
    readonly stamper: string;
    /** Evaluates an ecosystem file: see runner/ecosystem.cjs. */
    readonly ecosystem: string;
    readonly saysReady: string;
    readonly server: string;
    readonly node: string;
    readonly tsm: string;
  };
  /** Where what is started takes turns; undefined: in those of the whole program, as the setting says. */
  readonly startSlots?: Slots;
  readonly settings: () => Settings;
  readonly saveSetting: (name: string, value: string | number | Readonly<Record<string, string>>) => Promise<void>;
}
