import { defineCommand, flag, optional, toggle } from "../src/command/define.ts";
import { wrap } from "../src/command/help.ts";
import { importedFile, importSource, nameList, orgName } from "../src/command/import-types.ts";
import { maskedApp } from "../src/core/imported-secrets.ts";
import { bringIn, filesOf, startCommand, writtenText } from "../src/integrations/bring-in.ts";
import { kindNames } from "../src/integrations/recognise.ts";
import { type RemarkGroup, remarkGroups, remarkText } from "../src/integrations/remark-groups.ts";
import { importedTable, titled } from "../src/view/imported.ts";
import { sanitize } from "../src/view/sanitize.ts";
import type { Screen } from "../src/view/screen.ts";

export default defineCommand({
  name: "import",
  summary: "Take over what another program's file describes",
  details: [
    "Reads pm2's saved list (import pm2), a Procfile, docker-compose.yml, supervisord.conf, process-compose.yaml or the scripts of a package.json, by its name or by what is in it, and writes an ecosystem file, or services of an org. Nothing of it is run. What cannot be carried is shown, by line where the file has lines.",
    "Without a file it is the only one of those in this folder. A kind before the file says what it is: pm2, procfile, docker-compose, supervisord, process-compose, package.json. A kind alone is its file in this folder; pm2 alone is dump.pm2 of PM2_HOME or ~/.pm2, as pm2 save wrote it. What pm2 jlist prints can be imported too.",
    "pm2 keeps the whole environment of the shell that started a process. Carried are the variables that the app itself was given, PORT and NODE_ENV; the others are named, and --keep-env takes some of them. What is written may hold secrets: its mode is 0600, and screens show them masked.",
    "Of a package.json it is the first of start, serve, dev and the like, and scripts that are called worker, queue or scheduler; --only names others. A service in an image without a command cannot be carried.",
  ],
  effect: "changes",
  args: {
    source: optional(importSource, "What to read, or pm2 for what pm2 has saved"),
    file: optional(importSource, "The file, behind its kind"),
  },
  flags: {
    output: flag(importedFile, { short: "o", summary: "Where to write, default ecosystem.config.cjs here" }),
    services: flag(orgName, { summary: "Write services of this org instead" }),
    only: flag(nameList, { summary: "Only these, separated by commas" }),
    keepEnv: flag(nameList, { summary: "Variables of the shell that pm2 kept, to be carried" }),
    force: toggle("Replace what is there"),
    print: toggle("Show what would be written, secrets masked, and write nothing"),
    dryRun: toggle("Say what would be written, and write nothing"),
  },
  examples: [
    "import pm2",
    "import Procfile",
    "import docker-compose.yml --print",
    "import supervisord.conf --services tetra",
    "import package.json --only start,worker -o shop.config.cjs",
    "import pm2 ~/old/dump.pm2 --keep-env DATABASE_URL",
  ],
  onlyLooks: ({ print, dryRun }) => print || dryRun,
  async run({ source, file, output, services: org, only = [], keepEnv = [], force, print, dryRun }, { engine }) {
    const imports = await engine.imports();
    const brought = bringIn(imports, { source, file, output, org, only, keepEnv });
    const { target, apps, remarks, kind, pm2Runs } = brought;
    const written = !print && !dryRun;
    if (written && target.kind === "ecosystem") imports.write(target.file, target.textOf(apps), force);
    if (written && target.kind === "services") imports.writeServices(target.services, force);
    const masked = apps.map(maskedApp);
    return {
      source: brought.source,
      kind,
      apps: masked,
      remarks,
      files: filesOf(target),
      written,
      text: print ? writtenText(target, masked) : null,
      start: startCommand(target, imports.folder),
      pm2Runs,
    };
  },
  async rehearse({ source, file, output, services: org, only = [], keepEnv = [] }, { engine }) {
    const { target, apps } = bringIn(await engine.imports(), { source, file, output, org, only, keepEnv });
    return `write ${filesOf(target).join(", ")}: ${apps.map(({ name }) => name).join(", ")}`;
  },
  names: () => [],
  *render({ source, kind, apps, remarks, files, written, text, start }, screen) {
    if (text !== null) {
      yield text.replace(/\n$/, "");
      return;
    }
    const { paint } = screen;
    yield `${apps.length} ${apps.length === 1 ? "app" : "apps"} in ${sanitize(source)} ${paint.faint(`(${kindNames[kind]})`)}`;
    yield* importedTable(apps, screen);
    const told = remarkGroups(remarks);
    const of = (which: "lost" | "changed") => told.filter(({ kind: each }) => each === which).flatMap(hanging(screen));
    yield* titled("Not carried:", of("lost"), screen);
    yield* titled("Not the same here:", of("changed"), screen);
    for (const file of files) yield `${written ? "✅ Written:" : "Would write:"} ${sanitize(file)}`;
    yield `${written ? "Start it with:" : "Then:"} ${paint.strong(sanitize(start))}`;
  },
  *notes({ text, pm2Runs, remarks }) {
    if (text?.includes("***MASKED***"))
      yield "secrets are masked here; the file that is written holds them as they are";
    const lost = remarks.filter(({ kind }) => kind === "lost").length;
    if (text !== null && lost > 0)
      yield `${lost} ${lost === 1 ? "thing is" : "things are"} not carried: without --print they are shown`;
    if (pm2Runs !== null)
      yield `pm2 still runs ${pm2Runs.length === 0 ? "" : `${pm2Runs.map(sanitize).join(", ")}: `}end it before you start them here, or two run and ports are taken: pm2 kill (and pm2 unstartup)`;
  },
});

/** A remark as lines that the screen has room for under a title. */
function hanging({ columns = Number.POSITIVE_INFINITY }: Screen): (group: RemarkGroup) => string[] {
  return (group) => {
    const [first = "", ...more] = wrap(sanitize(remarkText(group)), columns - 4, "");
    return [first, ...more.map((line) => `  ${line}`)];
  };
}
