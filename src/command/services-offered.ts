import type { Engine } from "../core/engine.ts";
import type { OfferedService } from "./completing.ts";

/** Every service as Tab offers it: what it is, whether it is enabled, and what it does now; and every stack. */
export async function servicesOffered(engine: Pick<Engine, "services" | "stacks">): Promise<OfferedService[]> {
  const stacks = (await engine.stacks()).list().map(({ ref, services, online }) => ({
    value: ref,
    summary: `${online} of ${services} online`,
    enabled: false,
    isStack: true,
  }));
  const services = (await engine.services()).list().map(({ ref, enabled, status, description, command }) => ({
    value: ref,
    summary: [enabled ? "enabled" : "", status ?? "", description === "" ? command : description]
      .filter((part) => part !== "")
      .join(" ")
      .slice(0, 80),
    enabled,
  }));
  return [...services, ...stacks];
}
