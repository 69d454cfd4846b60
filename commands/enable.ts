import { defineCommand, many } from "../src/command/define.ts";
import { service } from "../src/command/service-target.ts";
import { notFound } from "../src/core/service-store.ts";

export default defineCommand({
  name: "enable",
  summary: "Have startup start services",
  details: ["Makes one link, services-enabled/ORG-NAME.tsm of the home. Nothing is started now."],
  effect: "changes",
  args: { services: many(service("disabled", notFound), "ORG/NAME, or NAME where one org alone has it") },
  flags: {},
  examples: ["enable tetra/quasar", "enable quasar"],
  async run({ services }, { engine }) {
    const store = await engine.services();
    return services.map((place) => ({ ref: place.ref, file: place.file, changed: store.enable(place) }));
  },
  names: () => [],
  *render(results) {
    for (const { ref, changed } of results) yield changed ? `✅ Enabled: ${ref}` : `⚠️  Already enabled: ${ref}`;
  },
});
