import { defineCommand } from "../src/command/define.ts";
import { exitCodes } from "../src/core/errors.ts";
import { wholeWords } from "../src/view/error-lines.ts";
import { sanitize } from "../src/view/sanitize.ts";

export default defineCommand({
  name: "audit",
  summary: "What is wrong with the services: links, ports, keys, programs",
  details: [
    "It reads every definition and runs none. An issue is a link in services-enabled that leads to nothing, a port that two services have or that others should keep (5000 22 80 443 3306 5432), a missing TSM_NAME or TSM_COMMAND, a value nobody can follow, a TSM_DEPENDS that names no service or leads in a circle, a line that only bash can read, a program that is not there or not executable.",
    "Exit code 1 when there is an issue.",
  ],
  effect: "reads",
  args: {},
  flags: {},
  examples: ["audit", "audit --json"],
  run: async (_values, { engine }) => await engine.audit(),
  json: (found) => ({ ...found, count: found.issues.length }),
  fold: wholeWords,
  *render({ available, enabled, issues }, { paint }) {
    yield paint.strong("🔍 TSM Service Audit");
    yield "";
    yield `Available (${available.length})`;
    for (const { ref, port } of available) yield sanitize(`  ${ref}${port === null ? "" : ` :${port}`}`);
    yield `Enabled (${enabled.length})`;
    for (const { link, file, broken } of enabled) {
      const name = link.split("/").at(-1) ?? link;
      yield sanitize(broken ? `  ❌ ${name} → ${file} (broken link)` : `  ✅ ${name} → ${file}`);
    }
    // Links of services that are enabled stand above.
    const others = issues.filter(({ subject }) => !enabled.some(({ link, broken }) => broken && link === subject));
    if (others.length > 0) yield "Issues";
    for (const { kind, subject, text } of others)
      yield sanitize(
        kind === "duplicate-port" || kind === "duplicate-name" || kind === "circle"
          ? `  ❌ ${text}`
          : `  ❌ ${subject.split("/").slice(-2).join("/")}: ${text}`,
      );
    yield "";
    yield issues.length === 0
      ? paint.good("✅ No issues found")
      : paint.bad(`${issues.length} ${issues.length === 1 ? "issue" : "issues"} found`);
  },
  exitCode: ({ issues }) => (issues.length > 0 ? exitCodes.failed : exitCodes.done),
});
