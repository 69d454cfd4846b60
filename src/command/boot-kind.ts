import { type BootKind, bootKinds } from "../core/boot-place.ts";
import { TsmError } from "../core/errors.ts";
import type { ParamType } from "./define.ts";
import { oneOf } from "./types.ts";

/** What pm2 calls a machine by, and what starts TSM there; null: an init that TSM writes nothing for. */
const platformsOfPm2: ReadonlyMap<string, BootKind | null> = new Map<string, BootKind | null>([
  ...["ubuntu", "debian", "centos", "redhat", "fedora", "arch", "oracle"].map((word) => [word, "systemd"] as const),
  ...["macos", "darwin"].map((word) => [word, "launchd"] as const),
  ...["upstart", "systemv", "openrc", "rcd", "ubuntu12", "ubuntu14", "centos6", "amazon", "gentoo", "freebsd"].map(
    (word) => [word, null] as const,
  ),
]);

const kinds = oneOf(bootKinds);

/** systemd, launchd or cron; or a machine, by pm2's word for it. */
export const bootKind: ParamType<BootKind> = {
  ...kinds,
  parse(word) {
    const meant = platformsOfPm2.get(word);
    if (meant === null)
      throw new TsmError("USAGE", `tsm writes nothing for '${word}'`, {
        hint: "tsm startup cron works wherever there is a crontab; systemd and launchd are the others",
      });
    return meant ?? kinds.parse(word);
  },
};
