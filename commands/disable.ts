import { defineCommand, many } from "../src/command/define.ts";
import { service } from "../src/command/service-target.ts";
import { notFound } from "../src/core/service-store.ts";

export default defineCommand({
  name: "disable",
  summary: "Have startup leave services alone",
  details: ["Takes the link away, also one that leads to nothing. What runs goes on."],
  effect: "changes",
  args: { services: many(service("enabled", notFound), "ORG/NAME, or NAME where one org alone has it") },
  flags: {},
  examples: ["disable tetra/quasar", "disable quasar"],
  async run({ services }, { engine }) {
    const store = await engine.services();
    return services.map((place) => ({ ref: place.ref, file: place.file, changed: store.disable(place) }));
  },
  names: () => [],
  *render(results) {
    for (const { ref, changed } of results) yield changed ? `✅ Disabled: ${ref}` : `⚠️  Not enabled: ${ref}`;
  },
});
