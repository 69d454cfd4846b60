import { defineCommand, many } from "../src/command/define.ts";
import { exitCodeOf, failureLines, isFailed, sideBySide } from "../src/command/each.ts";
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
    const named = services.map((place) => ({ name: place.ref, place }));
    return await sideBySide(named, async ({ place }) => {
      const { ref, file } = place;
      return { ref, file, changed: store.enable(place) };
    });
  },
  names: () => [],
  *render(results) {
    for (const one of results)
      if (!isFailed(one)) yield one.changed ? `✅ Enabled: ${one.ref}` : `⚠️  Already enabled: ${one.ref}`;
  },
  notes: (results) => failureLines(results.filter(isFailed)),
  exitCode: (results) => exitCodeOf(results.filter(isFailed)),
});
