import { expect, test } from "vitest";
import { fromProcfile } from "../../../src/integrations/procfile.ts";
import { importSource, places, said } from "../../support/import-source.ts";

const text = `# what runs
web: bundle exec puma -p $PORT
worker:   node worker.js --queue "two words"
release: rake db:migrate
clock:./clock.sh
one: run&&stay
api: node api.js --port \${PORT}

no command here
empty:
`;

test("a line is an app: its command as a shell reads it, its folder and the .env beside it", () => {
  const { apps, remarks } = fromProcfile(importSource("/srv/Procfile", text, { files: { "/srv/.env": "SECRET=1\n" } }));
  const common = { cwd: "/srv", env_file: "/srv/.env" };
  expect(apps.map(said)).toEqual([
    { name: "web", ...common, script: "bundle exec puma -p $PORT", env: { PORT: "5000" } },
    { name: "worker", ...common, script: 'node worker.js --queue "two words"' },
    { name: "clock", ...common, script: "./clock.sh" },
    { name: "one", ...common, script: "bash", args: ["-c", "run&&stay"], interpreter: "none" },
    { name: "api", ...common, script: "node api.js --port ${PORT}", env: { PORT: "5500" } },
  ]);
  expect(places(remarks, "lost")).toEqual(["release release:4", "- Procfile:9", "empty empty:10"]);
  expect(places(remarks, "changed")).toEqual(["web PORT:2", "api PORT:7"]);
});

test("ports are counted from the PORT of .env, and there is no .env where there is none", () => {
  const files = { "/srv/.env": "PORT=8100\n" };
  const counted = fromProcfile(importSource("/srv/Procfile", "web: a b\napi: node api.js\n", { files }));
  expect(counted.apps.map(({ env }) => env)).toEqual([{ PORT: "8100" }, { PORT: "8200" }]);
  const bare = fromProcfile(importSource("/srv/Procfile", "web: a b\n"));
  expect(said(bare.apps[0])).toEqual({ name: "web", script: "a b", cwd: "/srv", env: { PORT: "5000" } });
});

test("a line without a command takes no ports, as in foreman", () => {
  const { apps } = fromProcfile(importSource("/srv/Procfile", "web: a b\nempty:\napi: c $PORT\n"));
  expect(apps.map(({ env }) => env)).toEqual([{ PORT: "5000" }, { PORT: "5100" }]);
});

test("of two lines of one name both are carried", () => {
  const { apps, remarks } = fromProcfile(importSource("/srv/Procfile", "a: x 1\na: x 2\n"));
  expect(apps.map(({ name }) => name)).toEqual(["a", "a-2"]);
  expect(places(remarks, "changed")).toEqual(["a name:2"]);
});
