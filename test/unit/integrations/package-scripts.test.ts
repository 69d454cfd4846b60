import { expect, test } from "vitest";
import { fromPackageScripts } from "../../../src/integrations/package-scripts.ts";
import { importSource, places, said } from "../../support/import-source.ts";

const text = `{
  "name": "@acme/shop",
  "scripts": {
    "prestart": "tsc",
    "dev": "vite --port 5173",
    "start": "PORT=3100 node dist/server.js",
    "worker": "node worker.js",
    "queue:mail": "node mail.js",
    "build": "tsc",
    "poststart": "echo over"
  }
}`;

test("the server and what works beside it, as npm runs them", () => {
  const { apps, remarks } = fromPackageScripts(importSource("/srv/package.json", text));
  const npm = { script: "npm", interpreter: "none", cwd: "/srv" };
  expect(apps.map(said)).toEqual([
    { name: "shop", ...npm, args: ["run", "start"], port: 3100 },
    { name: "shop-worker", ...npm, args: ["run", "worker"] },
    { name: "shop-queue-mail", ...npm, args: ["run", "queue:mail"] },
  ]);
  expect(places(remarks, "lost")).toEqual(["dev dev:5", "build build:9"]);
});

test.for([
  { only: ["dev", "build"], names: ["shop-dev", "shop-build"] },
  { only: ["shop"], names: ["shop"] },
])("--only takes any script, by its name or the app's: $only", ({ only, names }) => {
  const { apps } = fromPackageScripts(importSource("/srv/package.json", text, { only }));
  expect(apps.map(({ name }) => name)).toEqual(names);
});

test.for([
  { says: '"packageManager": "pnpm@9.1.0",', files: {}, manager: "pnpm" },
  { says: "", files: { "/srv/yarn.lock": "" }, manager: "yarn" },
  { says: "", files: { "/srv/bun.lock": "" }, manager: "bun" },
  { says: '"packageManager": "evil; rm@1",', files: {}, manager: "npm" },
])("$manager runs them where the package is its", ({ says, files, manager }) => {
  const { apps } = fromPackageScripts(
    importSource("/srv/package.json", `{${says} "scripts": {"dev": "x"}}`, { files }),
  );
  expect(apps[0]).toMatchObject({ name: "dev", script: manager, args: ["run", "dev"] });
});

test.for([
  { text: "{}", because: "has no scripts" },
  { text: '{"scripts": []}', because: "has no scripts" },
  { text: "[]", because: "no object" },
  { text: "{", because: "not JSON" },
])("$text is refused: $because", ({ text: wrong, because }) => {
  expect(() => fromPackageScripts(importSource("/srv/package.json", wrong))).toThrow(because);
});
