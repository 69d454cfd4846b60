import { describe, expect, test } from "vitest";
import type { Imported } from "../../../src/core/imported-app.ts";
import { fromDockerCompose } from "../../../src/integrations/docker-compose.ts";
import { importSource, places, said } from "../../support/import-source.ts";

function compose(services: string, around: Parameters<typeof importSource>[2] = {}): Imported {
  return fromDockerCompose(importSource("/srv/docker-compose.yml", `services:\n${services}`, around));
}

/** The one service of a file, described in lines of two more blanks. */
function one(lines: readonly string[], around?: Parameters<typeof importSource>[2]) {
  const { apps, remarks } = compose(["  api:", ...lines.map((line) => `    ${line}`)].join("\n"), around);
  return { app: said(apps[0]), remarks };
}

const plain = { name: "api", script: "run", interpreter: "none", cwd: "/srv", autorestart: false };

test("a service with all that can be carried", () => {
  const files = { "/srv/api.env": "A=1\n", "/srv/api/Dockerfile": 'CMD ["no"]\n' };
  const lines = [
    "build: ./api",
    "command: npm run start -- --host 'a b'",
    "environment: {NODE_ENV: production, RETRIES: 3, DEBUG: true, BIG: 12345678901234567890, INHERITED: }",
    "env_file: api.env",
    'ports: ["3000:3000"]',
    "restart: unless-stopped",
    "stop_signal: INT",
    "stop_grace_period: 1m30s",
    "mem_limit: 512m",
    'healthcheck: {test: [CMD, curl, -f, "http://localhost:3000/a b"], interval: 30s, retries: 5}',
    "logging: {options: {max-size: 10m, max-file: '3'}}",
  ];
  expect(one(lines, { files }).app).toEqual({
    name: "api",
    script: "npm",
    args: ["run", "start", "--", "--host", "a b"],
    interpreter: "none",
    cwd: "/srv/api",
    port: 3000,
    env: { NODE_ENV: "production", RETRIES: "3", DEBUG: "true", BIG: "12345678901234567890" },
    env_file: "/srv/api.env",
    autorestart: true,
    kill_signal: "SIGINT",
    kill_timeout: 90_000,
    max_memory_restart: "512M",
    health: "cmd:curl -f 'http://localhost:3000/a b'",
    health_interval: 30_000,
    health_failures: 5,
    log: { max_size: "10M", keep: 3 },
  });
});

test.for([
  { lines: ['command: ["a", "b c"]', "entrypoint: /run.sh"], gives: { script: "/run.sh", args: ["a", "b c"] } },
  { lines: ["command: sh -c 'a && b'"], gives: { script: "a && b", interpreter: undefined } },
  { lines: ["command: run", "restart: on-failure:4"], gives: { autorestart: "on-failure", max_restarts: 4 } },
  { lines: ["command: run", "restart: 'no'"], gives: { autorestart: false } },
  { lines: ["command: run", "environment: [A=1=2, B]"], gives: { env: { A: "1=2" } } },
  {
    lines: ["command: run", "environment: [PORT=80]", 'ports: ["8080:80"]'],
    gives: { env: { PORT: "80" }, port: undefined },
  },
  { lines: ["command: run", "ports: [{target: 80, published: 8080}]"], gives: { port: 80 } },
  { lines: ["command: run", 'ports: ["127.0.0.1:8001:80/tcp"]'], gives: { port: 80 } },
  { lines: ["command: run", 'ports: ["3000-3001:3000-3001", "9000:9000"]'], gives: { port: 9000 } },
  { lines: ["command: run", "working_dir: /app/x", "volumes: [./src:/app]"], gives: { cwd: "/srv/src/x" } },
  { lines: ["command: run", "profiles: [debug]"], gives: { autostart: false } },
  { lines: ["command: run", "healthcheck: {test: pg_isready -q}"], gives: { health: "cmd:pg_isready -q" } },
  { lines: ["command: run", "healthcheck: {disable: true, test: x}"], gives: { health: undefined } },
  { lines: ["command: run", "deploy: {replicas: 3}"], gives: { instances: 3 } },
  {
    lines: ["command: run", 'ports: ["3000"]', "deploy: {replicas: 3}"],
    gives: { instances: 3, env: { PORT: "3000" }, increment_var: "PORT", port: undefined },
  },
  {
    lines: ["command: run", "deploy: {restart_policy: {condition: on-failure, max_attempts: 2, delay: 5s}}"],
    gives: { autorestart: "on-failure", max_restarts: 2, restart_delay: 5000 },
  },
])("$lines", ({ lines, gives }) => {
  const { app } = one(lines);
  expect(app).toEqual(said({ ...plain, ...gives }));
});

describe("what docker alone can do", () => {
  test("is told by line, of each service", () => {
    const { apps, remarks } = compose(`  db:
    image: postgres:16
  api:
    image: node:20
    command: node server.js
    networks: [back]
    volumes: [data:/data]
    user: node
    container_name: x
    x-own: y
    environment: {DATABASE_URL: "postgres://u@db:5432/x", HERE: /db, DB_HOST: db}
    depends_on: [db]
`);
    expect(apps.map(({ name }) => name)).toEqual(["api"]);
    expect(places(remarks, "lost")).toEqual([
      "db image:3",
      "api volumes:8",
      "api depends_on:13",
      "api networks:7",
      "api user:9",
    ]);
    expect(places(remarks, "changed")).toEqual(["api environment:12", "api environment:12", "api image:5"]);
    expect(remarks.map(({ what }) => what).join("\n")).toMatch(/DATABASE_URL names the host 'db'.*DB_HOST names/s);
  });

  test("what it runs is read from its Dockerfile where it does not say", () => {
    const files = {
      "/srv/api/Dockerfile":
        'FROM a AS dev\nCMD ["npm", "run", "dev"]\nFROM b\nENTRYPOINT ["node"]\n# no\nCMD ["x.js", \\\n  "--y"]\n',
    };
    const built = (lines: readonly string[]) => one(lines, { files }).app;
    expect(built(["build: {context: api}"])).toMatchObject({ script: "node", args: ["x.js", "--y"], cwd: "/srv/api" });
    expect(built(["build: {context: api, target: dev}"])).toMatchObject({ script: "npm", args: ["run", "dev"] });
    expect(one(["build: other"], { files })).toMatchObject({ app: {}, remarks: [{ attribute: "build", line: 3 }] });
  });
});

test("what is left of a part that is carried is told", () => {
  const { remarks } = one([
    "command: run",
    'ports: ["3000-3001:3000-3001", "9000:9000", "9001"]',
    "healthcheck: {test: ok, start_period: 2m}",
    "deploy: {resources: {limits: {memory: 1g, cpus: '0.5'}}}",
  ]);
  const lost = remarks.filter(({ kind }) => kind === "lost").map(({ attribute, what }) => `${attribute}: ${what}`);
  expect(lost).toEqual([
    "ports: 3000-3001, 9001: a process is known by one port; it may listen on more",
    "healthcheck: start_period cannot be set here",
    "deploy: cpus: nice says how far a process stands back",
  ]);
});

describe("order", () => {
  test("what is waited for until it is healthy is ready when it is; what is to end is not waited for", () => {
    const { apps, remarks } = compose(`  db: {command: db, healthcheck: {test: ok, start_period: 10s}}
  migrate: {command: migrate}
  api:
    command: run
    depends_on: {db: {condition: service_healthy}, migrate: {condition: service_completed_successfully}}
`);
    const [db, migrate, api] = apps;
    expect(db).toMatchObject({ health: "cmd:ok", ready: "cmd:ok", ready_timeout: 40_000 });
    expect(migrate).toMatchObject({ autostart: false });
    expect(api?.depends_on).toEqual(["db"]);
    expect(places(remarks, "lost")).toEqual(["api depends_on:6"]);
  });

  test("a service that is called otherwise here is needed by its name here", () => {
    const { apps } = compose("  a/b: {command: run}\n  c: {command: run, depends_on: [a/b]}\n");
    expect(apps.map(({ name, depends_on: needed }) => [name, needed])).toEqual([
      ["a-b", undefined],
      ["c", ["a-b"]],
    ]);
  });
});

describe("variables", () => {
  test.for([
    ["${SET}", "yes"],
    ["$SET", "yes"],
    ["${EMPTY:-spare}", "spare"],
    ["${EMPTY-spare}", ""],
    ["${NONE-spare}", "spare"],
    ["${NONE:-a ${SET} b}", "a yes b"],
    ["${SET:+other}", "other"],
    ["$$SET $${SET}", "$SET ${SET}"],
    ["${DOT}", "from .env"],
    ["${BOTH}", "caller"],
    ["cost: 5$", "cost: 5$"],
    ["${not closed", "${not closed"],
  ] as const)("%s is '%s'", ([written, meant]) => {
    const { app } = one(["command: run", `environment: {X: '${written}'}`], {
      env: { SET: "yes", EMPTY: "", BOTH: "caller" },
      files: { "/srv/.env": "DOT=from .env\nBOTH=dot\n" },
    });
    expect(app["env"]).toEqual({ X: meant });
  });

  test("what nobody has set is told", () => {
    const { remarks } = one(["command: run", "environment: {X: '${NONE}', Y: '${MUST:?say it}'}"]);
    expect(places(remarks, "lost")).toEqual(["- ${NONE}", "- ${MUST}"]);
  });

  test("of several env files the values are written down, the last one's winning", () => {
    const files = { "/srv/a": "A=1\nB=1\n", "/srv/b": "B=2\n" };
    const { app } = one(
      ["command: run", "env_file: [a, {path: b}, {path: c, required: false}]", "environment: {C: 3}"],
      { files },
    );
    expect(app["env"]).toEqual({ A: "1", B: "2", C: "3" });
    expect(app["env_file"]).toBeUndefined();
  });
});

describe("names of YAML, and services that build on others", () => {
  test("merged and extended services are whole", () => {
    const { apps } = fromDockerCompose(
      importSource(
        "/srv/compose.yaml",
        `x-base: &base {restart: always, environment: {A: "1"}}
services:
  base: {<<: *base, command: run base}
  api: {extends: {service: base}, command: run api, environment: {B: "2"}}
  other: {extends: {file: other.yml, service: x}, command: run}
  circle: {extends: circle, command: run}
`,
      ),
    );
    expect(apps[0]).toMatchObject({ name: "base", autorestart: true, env: { A: "1" } });
    expect(apps[1]).toMatchObject({ name: "api", args: ["api"], autorestart: true, env: { A: "1", B: "2" } });
    expect(apps.map(({ name }) => name)).toEqual(["base", "api", "other", "circle"]);
  });

  test.for([
    { text: "a: &a [*a]\nservices: {x: {command: run, volumes: *a}}\n", because: undefined },
    { text: "services: &s {x: {command: run, labels: *s}}\n", because: undefined },
    {
      text: `a0: &a0 [x]\n${Array.from({ length: 30 }, (_n, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]\n`).join("")}services: {x: {command: run, labels: *a30}}\n`,
      because: "xcessive alias",
    },
    { text: `services: ${"[".repeat(20_000)}`, because: "/srv/compose.yaml" },
    { text: "services:\n  a: 1\n  a: 2\n", because: "/srv/compose.yaml:3: " },
    { text: "services:\n\tx: 1\n", because: "/srv/compose.yaml:" },
    { text: "- 1\n", because: "has no services" },
    { text: "", because: "has no services" },
    { text: "services: [a]\n", because: "has no services" },
  ])("hostile files end in words: %#", ({ text, because }) => {
    const read = () => fromDockerCompose(importSource("/srv/compose.yaml", text));
    if (because === undefined) expect(read().apps.map(({ name }) => name)).toEqual(["x"]);
    else expect(read).toThrow(because);
  });
});
