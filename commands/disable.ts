import { defineCommand, many } from "../src/command/define.ts";
import { exitCodeOf, failureLines, isFailed, sideBySide } from "../src/command/each.ts";
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
    const named = services.map((place) => ({ name: place.ref, place }));
    return await sideBySide(named, async ({ place }) => {
      const { ref, file } = place;
      return { ref, file, changed: store.disable(place) };
    });
  },
  names: () => [],
  *render(results) {
    for (const one of results)
      if (!isFailed(one)) yield one.changed ? `✅ Disabled: ${one.ref}` : `⚠️  Not enabled: ${one.ref}`;
  },
  notes: (results) => failureLines(results.filter(isFailed)),
  exitCode: (results) => exitCodeOf(results.filter(isFailed)),
});
