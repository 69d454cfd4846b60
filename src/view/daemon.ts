import type { DaemonSaid } from "../core/daemon-said.ts";
import { sanitize } from "./sanitize.ts";
import type { Screen } from "./screen.ts";
import { findingLines } from "./startup.ts";

export function* daemonLines(said: DaemonSaid, { paint }: Screen): Iterable<string> {
  switch (said.does) {
    case "ran":
      return;
    case "disable":
      yield said.removed === null ? "tsm: it is disabled already" : `tsm: removed ${sanitize(said.removed)}`;
      return;
    case "status":
      if (!said.installed) {
        yield `Status: ${paint.bad("NOT INSTALLED")}`;
        yield "Nothing starts your processes when the machine does: tsm daemon install";
        return;
      }
      yield `Status: ${said.enabled ? paint.good("INSTALLED") : paint.warn("INSTALLED, not enabled")}`;
      for (const unit of said.units) yield `Unit: ${sanitize(unit)}`;
      yield* findingLines(said.findings);
      return;
    case "logs":
      if (said.lines.length === 0) yield paint.faint(`No boot has written anything to ${sanitize(said.source)} yet`);
      for (const line of said.lines) yield sanitize(line);
  }
}
