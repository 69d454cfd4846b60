import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";

/*
 * Plants one violation of every rule that holds our folders apart, and lets the real configuration look at all of
 * them in one run. A rule that has never been seen to fail is no rule.
 */

interface Plant {
  readonly in: string;
  /** Planted with all others for that file; N makes its names its own. */
  readonly code: string;
  /** The rule that must report it; "plugin" for those of src/build/lint. Undefined: nothing may be reported. */
  readonly breaks: string | undefined;
}

const arrow = "lint/style/noRestrictedImports";
const property = "lint/nursery/noJsRestrictedProperties";
const global = "lint/style/noRestrictedGlobals";

/** Each folder, and what it may not import. */
const forbidden: Readonly<Record<string, readonly string[]>> = {
  "src/main.ts": ["runner/runner", "integrations/systemd", "build/bundle"],
  "commands/x.ts": ["src/cli/argv", "src/repl/shell", "src/runner/runner", "src/platform/platform", "src/main"],
  "src/command/x.ts": [
    "monit/frame",
    "commands/kill",
    "cli/argv",
    "repl/shell",
    "runner/runner",
    "platform/platform",
    "integrations/nginx",
    "main",
  ],
  "src/monit/x.ts": [
    "commands/kill",
    "cli/argv",
    "repl/shell",
    "runner/runner",
    "platform/platform",
    "integrations/nginx",
    "main",
  ],
  "src/cli/x.ts": [
    "monit/frame",
    "commands/kill",
    "repl/shell",
    "runner/runner",
    "platform/platform",
    "integrations/nginx",
    "main",
  ],
  "src/repl/x.ts": [
    "monit/frame",
    "commands/kill",
    "cli/argv",
    "runner/runner",
    "platform/platform",
    "integrations/nginx",
    "main",
  ],
  "src/repl/shell.ts": [
    "commands/kill",
    "cli/argv",
    "runner/runner",
    "platform/platform",
    "integrations/nginx",
    "main",
  ],
  "src/core/x.ts": [
    "monit/frame",
    "commands/kill",
    "command/define",
    "cli/argv",
    "repl/shell",
    "view/table",
    "integrations/nginx",
    "platform/detect",
    "platform/linux/ports",
    "main",
  ],
  "src/runner/x.ts": [
    "commands/kill",
    "command/define",
    "cli/argv",
    "repl/shell",
    "view/table",
    "integrations/nginx",
    "platform/detect",
    "platform/linux/ports",
    "main",
  ],
  "src/platform/x.ts": [
    "commands/kill",
    "command/define",
    "cli/argv",
    "repl/shell",
    "view/table",
    "runner/runner",
    "integrations/nginx",
    "main",
  ],
  "src/view/x.ts": [
    "monit/frame",
    "commands/kill",
    "command/define",
    "cli/argv",
    "repl/shell",
    "runner/runner",
    "platform/platform",
    "integrations/nginx",
    "main",
  ],
  "src/integrations/x.ts": [
    "commands/kill",
    "command/define",
    "cli/argv",
    "repl/shell",
    "runner/runner",
    "platform/platform",
    "view/table",
    "main",
  ],
  "src/build/x.mjs": ["commands/kill", "core/errors", "platform/platform", "view/table"],
};

/** Each folder, and what it does import. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "src/main.ts": [
    "commands/index",
    "command/define",
    "cli/argv",
    "repl/prompt",
    "platform/detect",
    "core/engine",
    "view/paint",
  ],
  "commands/x.ts": [
    "src/command/define",
    "src/monit/frame",
    "src/core/errors",
    "src/view/table",
    "src/integrations/nginx",
  ],
  "src/command/x.ts": ["core/errors", "core/resolve"],
  "src/monit/x.ts": ["command/define", "core/errors", "view/table"],
  "src/cli/x.ts": ["command/define", "view/table", "core/errors"],
  "src/repl/x.ts": ["command/define", "view/table", "core/errors"],
  "src/core/x.ts": ["runner/runner", "platform/platform"],
  "src/runner/x.ts": ["platform/platform", "core/errors"],
  "src/platform/x.ts": ["platform/linux/ports", "core/errors"],
  "src/view/x.ts": ["view/paint"],
};

/** What may be named there but not called. */
const typesOnly: Readonly<Record<string, readonly string[]>> = {
  "src/command/x.ts": ["view/screen"],
  "src/cli/x.ts": ["core/resolve"],
  "src/repl/x.ts": ["core/resolve"],
  "src/runner/x.ts": ["core/process"],
  "src/platform/x.ts": ["core/process"],
  "src/view/x.ts": ["core/process"],
  "src/integrations/x.ts": ["core/process"],
};

const pure = [
  "commands/x.ts",
  "src/command/x.ts",
  "src/monit/x.ts",
  "src/core/x.ts",
  "src/view/x.ts",
  "src/integrations/x.ts",
];
const withoutSystem = [...pure, "src/runner/x.ts", "src/cli/x.ts", "src/repl/x.ts"];
const withSystem = [
  "src/main.ts",
  "src/platform/x.ts",
  "src/repl/terminal.ts",
  "src/repl/full-screen.ts",
  "src/repl/shell.ts",
  "src/repl/bash-behind.ts",
  "src/repl/history.ts",
  "src/repl/exits.ts",
  "src/build/x.mjs",
  "test/unit/x.ts",
];
const exiting = ["src/main.ts", "src/build/x.mjs", "test/unit/x.ts"];

const plants: Plant[] = [
  ...pairs(forbidden, (file, target) => ({ in: file, code: valueImport(file, target), breaks: arrow })),
  ...pairs(allowed, (file, target) => ({ in: file, code: valueImport(file, target), breaks: undefined })),
  ...pairs(typesOnly, (file, target) => ({ in: file, code: valueImport(file, target), breaks: "plugin" })),
  ...pairs(typesOnly, (file, target) => ({ in: file, code: typeImport(file, target), breaks: undefined })),

  ...withoutSystem.flatMap((file) =>
    ["node:fs", "node:fs/promises", "node:child_process", "node:net", "node:os", "node:process", "execa"].map(
      (name) => ({
        in: file,
        code: `import * as itN from "${name}";\nexport const xN = itN;`,
        breaks: arrow,
      }),
    ),
  ),
  ...withSystem.flatMap((file) =>
    ["node:fs", "node:child_process", "node:net", "node:os"].map((name) => ({
      in: file,
      code: `import * as itN from "${name}";\nexport const xN = itN;`,
      breaks: undefined,
    })),
  ),

  ...[...withoutSystem, "src/platform/x.ts", "src/repl/shell.ts"].map((file) => ({
    in: file,
    code: "export const xN = () => process.exit(1);",
    breaks: property,
  })),
  { in: "src/main.ts", code: "process.exitCode = 1;", breaks: undefined },
  { in: "src/repl/shell.ts", code: "process.exitCode = 1;", breaks: "plugin" },
  { in: "src/repl/shell.ts", code: "export const xN = process.argv;", breaks: property },
  ...exiting.map((file) => ({ in: file, code: "export const xN = () => process.exit(1);", breaks: undefined })),

  ...pure.flatMap((file) => [
    { in: file, code: "export const xN = () => Date.now();", breaks: property },
    { in: file, code: "export const xN = () => new Date();", breaks: "plugin" },
    { in: file, code: "export const xN = () => performance.now();", breaks: global },
    { in: file, code: "export const xN = () => process.cwd();", breaks: global },
    { in: file, code: "export const xN = () => process.stdout.columns;", breaks: global },
    { in: file, code: 'export const xN = () => process.env["HOME"];', breaks: global },
    { in: file, code: "export const xN = (at: number) => new Date(at);", breaks: undefined },
  ]),

  { in: "src/core/x.ts", code: "export const xN: any = 1;", breaks: "lint/suspicious/noExplicitAny" },
  {
    in: "src/core/x.ts",
    code: "export const xN = (y: string[]) => y[0]!.length;",
    breaks: "lint/style/noNonNullAssertion",
  },
  { in: "src/main.ts", code: 'console.error("hello");', breaks: "lint/suspicious/noConsole" },
  { in: "src/core/x.ts", code: 'export * from "./process.ts";', breaks: "lint/performance/noBarrelFile" },
  { in: "src/core/x.ts", code: "export default 1;", breaks: "lint/style/noDefaultExport" },
  { in: "commands/x.ts", code: "export default 1;", breaks: undefined },
  { in: "src/core/notKebab.ts", code: "export const xN = 1;", breaks: "lint/style/useFilenamingConvention" },
  {
    in: "src/core/x.ts",
    code: "export const xN = () => {\n  laterN();\n};\nasync function laterN() {}",
    breaks: "lint/nursery/noFloatingPromises",
  },
  {
    in: "test/unit/x.test.ts",
    code: 'import { test as testN } from "vitest";\nit.skip("N", () => {});',
    breaks: "lint/suspicious/noSkippedTests",
  },
  {
    in: "test/unit/x.test.ts",
    code: 'import { test } from "vitest";\ntest.only("x", () => {});',
    breaks: "lint/suspicious/noFocusedTests",
  },
];

/** The rules that each plant broke, by its place in the list. */
let broken: string[][];
let cycle: string[];

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "tsm-arrows-"));
  try {
    for (const path of ["biome.json", "src/build/lint"]) cpSync(path, join(folder, path), { recursive: true });
    const beds = plantAll(folder);
    write(join(folder, "src/core/egg.ts"), 'import { hen } from "./hen.ts";\nexport const egg = () => hen;\n');
    write(join(folder, "src/core/hen.ts"), 'import { egg } from "./egg.ts";\nexport const hen = () => egg;\n');
    const found = lint(folder);
    broken = beds.map(({ path, first, last }) =>
      found
        .filter((it) => it.path === path && (it.line === 0 || (it.line >= first && it.line <= last)))
        .map((it) => it.rule),
    );
    cycle = found.filter((it) => it.path === "src/core/egg.ts").map((it) => it.rule);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.for(plants.map((plant, index) => ({ ...plant, index, verdict: plant.breaks ?? "nothing" })))(
  "in $in, `$code` breaks $verdict",
  ({ index, breaks }) => {
    expect(broken[index]).toEqual(breaks === undefined ? [] : expect.arrayContaining([breaks]));
  },
);

test("files that import each other break lint/suspicious/noImportCycles", () => {
  expect(cycle).toContain("lint/suspicious/noImportCycles");
});

/** The lines that a plant took in its file. */
interface Bed {
  readonly path: string;
  readonly first: number;
  readonly last: number;
}

function plantAll(folder: string): Bed[] {
  const files = new Map<string, string[]>();
  const beds = plants.map(({ in: path, code }, index): Bed => {
    const lines = files.get(path) ?? [];
    files.set(path, lines);
    const first = lines.length + 1;
    lines.push(...code.replaceAll(/(?<=\b(?:it|x|It|X|later))N\b/g, String(index)).split("\n"));
    return { path, first, last: lines.length };
  });
  for (const [path, lines] of files) write(join(folder, path), `${lines.join("\n")}\n`);
  return beds;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

interface Finding {
  readonly rule: string;
  readonly path: string;
  /** 0: it is about the file. */
  readonly line: number;
}

function lint(folder: string): Finding[] {
  const biome = resolve("node_modules/.bin/biome");
  const run = spawnSync(biome, ["lint", "--reporter=json", "--max-diagnostics=none", "."], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (!run.stdout.startsWith("{")) throw new Error(`biome said: ${run.stdout}${run.stderr}`);
  // Biome's own JSON: its shape is pinned by the lock file, and any other shape fails the plants.
  const report = JSON.parse(run.stdout) as {
    diagnostics: { category: string; location: { path: string; start?: { line: number } } }[];
  };
  return report.diagnostics.map(({ category, location }) => ({
    rule: category,
    path: location.path,
    line: location.start?.line ?? 0,
  }));
}

type Table = Readonly<Record<string, readonly string[]>>;

function pairs(table: Table, make: (file: string, target: string) => Plant): Plant[] {
  return Object.entries(table).flatMap(([file, targets]) => targets.map((target) => make(file, target)));
}

function valueImport(file: string, target: string): string {
  return `import { itN } from "${specifier(file, target)}";\nexport const xN = itN;`;
}

function typeImport(file: string, target: string): string {
  return `import type { ItN } from "${specifier(file, target)}";\nexport type XN = ItN;`;
}

/** As it is written in that file: targets are relative to src/, those of files in commands/ to the root. */
function specifier(file: string, target: string): string {
  if (file.startsWith("commands/")) return `../${target}.ts`;
  const up = file === "src/main.ts" ? "." : "..";
  return target.startsWith("commands/") ? `${up === "." ? ".." : "../.."}/${target}.ts` : `${up}/${target}.ts`;
}
