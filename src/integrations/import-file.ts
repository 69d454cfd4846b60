import type { Imported, ImportSource } from "../core/imported-app.ts";
import { fromDockerCompose } from "./docker-compose.ts";
import { fromPackageScripts } from "./package-scripts.ts";
import { fromPm2 } from "./pm2-dump.ts";
import { fromProcessCompose } from "./process-compose.ts";
import { fromProcfile } from "./procfile.ts";
import type { ImportKind } from "./recognise.ts";
import { fromSupervisord } from "./supervisord.ts";

/** What the file describes. @throws TsmError BAD_DATA when it cannot be read. */
export function importFile(kind: ImportKind, source: ImportSource): Imported {
  return readers[kind](source);
}

const readers: Readonly<Record<ImportKind, (source: ImportSource) => Imported>> = {
  pm2: fromPm2,
  procfile: fromProcfile,
  "docker-compose": fromDockerCompose,
  supervisord: fromSupervisord,
  "process-compose": fromProcessCompose,
  "package.json": fromPackageScripts,
};
